//! Versions of files.

use headwater_catalogue::{Name, Value};
use md5::{Digest as _, Md5};

use super::Rule;
use crate::change::Change;
use crate::error::Problem;
use crate::login::secret::hex;

/// What a version says of its file follows from the file and its name.
pub(super) const FILE: Rule = Rule {
    objects: &["ContentVersion"],
    when: &[],
    knows: &[],
    apply: file,
};

/// Most characters of an ending that is told apart from a name.
const EXTENSION_CHARACTERS_MAX: usize = 40;

/// Most characters of a title.
const TITLE_CHARACTERS_MAX: usize = 255;

/// What Salesforce calls the files with these endings.
const FILE_TYPES: [(&str, &str); 34] = [
    ("ai", "AI"),
    ("bmp", "BMP"),
    ("csv", "CSV"),
    ("doc", "WORD"),
    ("docm", "WORD_X"),
    ("docx", "WORD_X"),
    ("eps", "EPS"),
    ("exe", "EXE"),
    ("gif", "GIF"),
    ("htm", "HTML"),
    ("html", "HTML"),
    ("jpeg", "JPG"),
    ("jpg", "JPG"),
    ("js", "JS"),
    ("m4a", "M4A"),
    ("mov", "MOV"),
    ("mp3", "MP3"),
    ("mp4", "MP4"),
    ("mpeg", "MPEG"),
    ("mpg", "MPEG"),
    ("pdf", "PDF"),
    ("png", "PNG"),
    ("ppt", "POWER_POINT"),
    ("pptx", "POWER_POINT_X"),
    ("ps", "POSTSCRIPT"),
    ("psd", "PSD"),
    ("rtf", "RTF"),
    ("svg", "SVG"),
    ("txt", "TEXT"),
    ("wav", "WAV"),
    ("xls", "EXCEL"),
    ("xlsx", "EXCEL_X"),
    ("xml", "XML"),
    ("zip", "ZIP"),
];

fn file(change: &mut Change<'_>) {
    let needed = ["PathOnClient", "VersionData"].into_iter();
    let missing: Vec<Name> = needed
        .filter(|name| change.lacks(name))
        .map(Name::from)
        .collect();
    if !missing.is_empty() {
        change.refuse(Problem::Missing { fields: missing });
    }
    let path = change.holds("PathOnClient").as_text().unwrap_or_default();
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let (stem, extension) = parts(name);
    let title: String = stem.chars().take(TITLE_CHARACTERS_MAX).collect();
    let extension = extension.map(str::to_owned);
    if change.lacks("Title") && !title.is_empty() {
        change.set("Title", title);
    }
    change.set("FileType", file_type(extension.as_deref()));
    change.set("FileExtension", extension.map_or(Value::Null, Value::from));
    let checksum = change.bytes("VersionData").map(checksum);
    change.set("Checksum", checksum.map_or(Value::Null, Value::from));
    if change.lacks("ContentModifiedDate") {
        change.set("ContentModifiedDate", change.at);
    }
    change.set("ContentModifiedById", change.caller.user);
    change.set("IsLatest", true);
}

/// A name without its ending, and that.
fn parts(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if !stem.is_empty()
                && !extension.is_empty()
                && extension.chars().count() <= EXTENSION_CHARACTERS_MAX =>
        {
            (stem, Some(extension))
        }
        _ => (name, None),
    }
}

fn file_type(extension: Option<&str>) -> &'static str {
    let known = FILE_TYPES.iter().find(|(known, _)| {
        extension.is_some_and(|extension| extension.eq_ignore_ascii_case(known))
    });
    known.map_or("UNKNOWN", |(_, file_type)| file_type)
}

/// The MD5 of the bytes, as Salesforce gives it: to compare files by, and for nothing secret.
fn checksum(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}
