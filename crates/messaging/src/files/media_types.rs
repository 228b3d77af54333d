//! Media types that files of messages have, and the endings by which programs know them.

/// Media types that files of messages have, each with the endings of its names; the first is the usual one.
const MEDIA_TYPES: [(&str, &[&str]); 26] = [
    ("image/jpeg", &["jpg", "jpeg"]),
    ("image/png", &["png"]),
    ("image/gif", &["gif"]),
    ("image/webp", &["webp"]),
    ("image/bmp", &["bmp"]),
    ("image/heic", &["heic", "heif"]),
    ("application/pdf", &["pdf"]),
    ("text/plain", &["txt", "log"]),
    ("text/csv", &["csv"]),
    ("text/vcard", &["vcf"]),
    ("text/calendar", &["ics"]),
    ("application/rtf", &["rtf"]),
    ("application/zip", &["zip"]),
    ("application/msword", &["doc"]),
    ("application/vnd.ms-excel", &["xls"]),
    ("application/vnd.ms-powerpoint", &["ppt"]),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        &["docx"],
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        &["xlsx"],
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        &["pptx"],
    ),
    ("audio/mpeg", &["mp3"]),
    ("audio/ogg", &["ogg", "oga", "opus"]),
    ("audio/mp4", &["m4a"]),
    ("audio/wav", &["wav"]),
    ("video/mp4", &["mp4"]),
    ("video/mpeg", &["mpeg", "mpg"]),
    ("video/3gpp", &["3gp", "3gpp"]),
];

/// What is said of a file whose kind is not known.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// Images that every browser shows and none runs anything of.
const SHOWN: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// The endings of files of a media type; none when files of messages have no such type.
pub(super) fn endings(media_type: &str) -> Option<&'static [&'static str]> {
    let mut known = MEDIA_TYPES.iter();
    let found = known.find(|(known, _)| known.eq_ignore_ascii_case(media_type));
    found.map(|(_, endings)| *endings)
}

/// The media type of files with this ending.
pub(super) fn of_ending(ending: &str) -> &'static str {
    let of = |endings: &[&str]| {
        endings
            .iter()
            .any(|known| known.eq_ignore_ascii_case(ending))
    };
    let known = MEDIA_TYPES.iter().find(|(_, endings)| of(endings));
    known.map_or(UNKNOWN_TYPE, |(media_type, _)| media_type)
}

/// The media type of a file, by the ending of its name: `application/octet-stream` when that says nothing.
pub fn of_name(name: &str) -> &'static str {
    of_ending(name.rsplit_once('.').map_or("", |(_, ending)| ending))
}

/// Whether browsers may show files of a media type where they stand.
pub(super) fn is_shown(media_type: &str) -> bool {
    SHOWN.contains(&media_type)
}
