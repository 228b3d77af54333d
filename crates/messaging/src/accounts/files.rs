//! Which files each carrier takes to customers: the carriers' own rules.

use headwater_catalogue::Id;

use crate::accounts::{CarrierFacts, FileCapabilities};
use crate::error::Error;
use crate::files::{FILE_BYTES_MAX, FILES_MAX, NewFile};
use crate::messaging::Messaging;

const MEGABYTE: usize = 1024 * 1024;

/// Media types, and how large a file of one of them may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    /// Beginnings of media types; an empty one is the beginning of all.
    types: &'static [&'static str],
    bytes_max: usize,
}

/// The files that a carrier takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// What people call the carrier.
    carrier: &'static str,
    kinds: &'static [Kind],
    /// How many of them, and a text, are one message there. One: each file is a message of its own, and so
    /// is the text.
    pub in_one_message: usize,
    /// What the carrier itself has said beside that.
    own: FileCapabilities,
}

const ALL: &[Kind] = &[Kind {
    types: &[""],
    bytes_max: FILE_BYTES_MAX,
}];

/// Documents that `WhatsApp` shows.
const DOCUMENTS: &[&str] = &[
    "text/plain",
    "application/pdf",
    "application/msword",
    "application/vnd.",
];

/// As Meta's Cloud API lists them. A document may have 100 MB there, which is more than files of messages
/// have.
const WHATSAPP: &[Kind] = &[
    Kind {
        types: &["image/jpeg", "image/png"],
        bytes_max: 5 * MEGABYTE,
    },
    Kind {
        types: &["audio/mpeg", "audio/mp4", "audio/ogg"],
        bytes_max: 16 * MEGABYTE,
    },
    Kind {
        types: &["video/mp4", "video/3gpp"],
        bytes_max: 16 * MEGABYTE,
    },
    Kind {
        types: DOCUMENTS,
        bytes_max: FILE_BYTES_MAX,
    },
];

/// Twilio's limits of `WhatsApp`: 16 MB of anything that it takes.
const TWILIO_WHATSAPP: &[Kind] = &[Kind {
    types: &[
        "image/jpeg",
        "image/png",
        "image/webp",
        "audio/",
        "video/mp4",
        "application/",
        "text/vcard",
    ],
    bytes_max: 16 * MEGABYTE,
}];

/// Twilio's limits of MMS: 5 MB of images that it makes smaller itself, 600 KB of all else.
const TWILIO_TEXT: &[Kind] = &[
    Kind {
        types: &["image/jpeg", "image/png", "image/gif"],
        bytes_max: 5 * MEGABYTE,
    },
    Kind {
        types: &[
            "image/bmp",
            "audio/",
            "video/",
            "text/vcard",
            "text/csv",
            "text/calendar",
            "application/rtf",
            "application/pdf",
        ],
        bytes_max: 600 * 1024,
    },
];

impl CarrierFacts {
    /// The files that the carrier takes on channels of this type.
    pub fn files(&self, kind: &str) -> FileFacts {
        let (kinds, in_one_message) = match (self.carrier, kind) {
            ("Twilio", "WhatsApp") => (TWILIO_WHATSAPP, 1),
            ("Twilio", _) => (TWILIO_TEXT, FILES_MAX),
            ("WhatsApp", _) => (WHATSAPP, 1),
            ("Partner", _) => (ALL, FILES_MAX),
            _ => (ALL, 1),
        };
        FileFacts {
            carrier: self.name,
            kinds,
            in_one_message,
            own: FileCapabilities::default(),
        }
    }
}

impl FileFacts {
    /// What web pages take: everything.
    const WEB: Self = Self {
        carrier: "The web chat",
        kinds: ALL,
        in_one_message: FILES_MAX,
        own: FileCapabilities {
            bytes_max: None,
            media_types: Vec::new(),
        },
    };

    /// Whether a file is taken.
    ///
    /// # Errors
    /// [`Error::FileNotTaken`] says why it is not.
    pub fn check(&self, file: &NewFile) -> Result<(), Error> {
        let (media_type, size) = (file.media_type(), file.size());
        let is_of = |kind: &&Kind| kind.types.iter().any(|start| media_type.starts_with(start));
        let own = &self.own;
        let takes = |known: &String| known.eq_ignore_ascii_case(media_type);
        let is_taken = own.media_types.is_empty() || own.media_types.iter().any(takes);
        let most = |kind: &Kind| {
            own.bytes_max
                .map_or(kind.bytes_max, |own| own.min(kind.bytes_max))
        };
        let why = match self.kinds.iter().find(is_of).filter(|_| is_taken) {
            Some(kind) if size <= most(kind) => return Ok(()),
            Some(kind) => {
                let most = most(kind) / 1024;
                format!("files of type {media_type} have at most {most} KB there")
            }
            None if !own.media_types.is_empty() => {
                let types = own.media_types.join(", ");
                format!("it takes no files of type {media_type}, but {types}")
            }
            None => format!("it takes no files of type {media_type}; send a PDF or a JPEG"),
        };
        Err(Error::FileNotTaken {
            name: file.name().to_owned(),
            carrier: self.carrier,
            why,
        })
    }
}

impl Messaging {
    /// The files that customers of a channel of this type get; none when it is connected to no carrier, or to
    /// one that has said that it takes none.
    ///
    /// # Errors
    /// The database's.
    pub async fn files_taken(&self, channel: Id, kind: &str) -> Result<Option<FileFacts>, Error> {
        if kind == "EmbeddedMessaging" {
            return Ok(Some(FileFacts::WEB));
        }
        let Some(account) = self.account(channel).await? else {
            return Ok(None);
        };
        let facts = CarrierFacts::of(&account.carrier).map(|facts| facts.files(kind));
        Ok(match (facts, account.capabilities) {
            (Some(facts), Some(able)) => able.files.map(|own| FileFacts { own, ..facts }),
            (facts, _) => facts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{CarrierFacts, MEGABYTE};
    use crate::files::NewFile;

    fn refused(carrier: &str, kind: &str, media_type: &str, size: usize) -> Option<String> {
        let file = NewFile::new("bill", media_type, vec![0; size]).unwrap();
        let facts = CarrierFacts::of(carrier).unwrap().files(kind);
        facts.check(&file).err().map(|error| error.to_string())
    }

    #[test]
    fn each_carrier_takes_what_it_takes() {
        for (carrier, kind, media_type, size) in [
            ("WhatsApp", "WhatsApp", "image/jpeg", 5 * MEGABYTE),
            ("WhatsApp", "WhatsApp", "application/pdf", 20 * MEGABYTE),
            ("Twilio", "Text", "image/png", MEGABYTE),
            ("Twilio", "WhatsApp", "application/pdf", 16 * MEGABYTE),
            ("Telegram", "Custom", "application/zip", 20 * MEGABYTE),
            ("Messenger", "Facebook", "video/mp4", 20 * MEGABYTE),
            ("Partner", "Custom", "text/csv", 20 * MEGABYTE),
        ] {
            assert_eq!(refused(carrier, kind, media_type, size), None, "{carrier}");
        }
        assert_eq!(
            refused("WhatsApp", "WhatsApp", "image/png", 6 * MEGABYTE).unwrap(),
            "WhatsApp Cloud API does not take the file bill.png: files of type image/png have at \
             most 5120 KB there"
        );
        assert_eq!(
            refused("Twilio", "Text", "application/zip", 1).unwrap(),
            "Twilio does not take the file bill.zip: it takes no files of type application/zip; \
             send a PDF or a JPEG"
        );
    }
}
