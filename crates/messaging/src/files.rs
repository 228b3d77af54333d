//! The files of messages: kept as `ContentVersion`s, and linked to the session and to the entry that they
//! came with.
//!
//! The link to the session is by whom a file is seen: whoever sees the session. The link to the entry says
//! where in the transcript it stands.

mod media_types;

use std::collections::HashMap;
use std::sync::Arc;

use headwater_catalogue::{Id, Value};
use headwater_records::{
    Caller, Cells, ContentReader, Draft, Error as RecordsError, Input, Problem, Together, literal,
};

use crate::conversation::whole;
use crate::error::Error;
use crate::messaging::Messaging;
use crate::transcript::Entry;
pub use media_types::of_name as media_type_of;

/// Most files of one message, as MMS has it.
pub const FILES_MAX: usize = 10;

/// Most bytes of one file of a message: 25 MB, as Salesforce's Interaction Service has it.
pub const FILE_BYTES_MAX: usize = 25 * 1024 * 1024;

/// Most characters of a file's name.
const NAME_CHARACTERS_MAX: usize = 120;

/// Most links that are read at once.
const LINKS_MAX: u64 = 1_000;

/// A file that comes with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    name: String,
    bytes: Arc<[u8]>,
}

impl NewFile {
    /// A file as somebody hands it over: what they call it, its media type (`image/png`; parameters are
    /// passed over) and its bytes. The name is cleaned, and gets an ending that fits the type, for by its
    /// ending programs take it for what it is.
    ///
    /// # Errors
    /// [`Error::FileType`] when files of messages have no such type, [`Error::TooLarge`], [`Error::EmptyFile`].
    pub fn new(name: &str, media_type: &str, bytes: impl Into<Arc<[u8]>>) -> Result<Self, Error> {
        let bytes = bytes.into();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        let endings = media_types::endings(media_type);
        let endings = endings.ok_or_else(|| Error::FileType(media_type.to_owned()))?;
        if bytes.is_empty() {
            return Err(Error::EmptyFile);
        }
        if bytes.len() > FILE_BYTES_MAX {
            return Err(Error::TooLarge {
                what: "the file",
                limit: format!("{FILE_BYTES_MAX} bytes"),
            });
        }
        Ok(Self {
            name: named(name, endings),
            bytes,
        })
    }

    /// What it is called, with its ending.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its media type, by its ending.
    pub fn media_type(&self) -> &'static str {
        media_types::of_name(&self.name)
    }

    /// How many bytes it has.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    fn draft(&self, owner: Id) -> Draft {
        Draft::new()
            .with("PathOnClient", self.name.as_str())
            .with("VersionData", Input::Bytes(Arc::clone(&self.bytes)))
            .with("OwnerId", owner)
    }
}

/// A file's name without a path and without what is not for names, with one of these endings.
fn named(name: &str, endings: &[&str]) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_meant = |one: &char| {
        !one.is_control() && !"\"<>|:*?\u{202a}\u{202b}\u{202d}\u{202e}".contains(*one)
    };
    let clean: String = last.chars().filter(is_meant).collect();
    let clean = clean.trim().trim_start_matches('.');
    let (stem, ending) = clean.rsplit_once('.').unwrap_or((clean, ""));
    let fits = endings
        .iter()
        .any(|known| known.eq_ignore_ascii_case(ending));
    let (stem, ending) = if fits {
        (stem, ending)
    } else {
        (clean, endings.first().copied().unwrap_or("bin"))
    };
    let stem: String = stem.chars().take(NAME_CHARACTERS_MAX).collect();
    let stem = if stem.is_empty() { "file" } else { &stem };
    format!("{stem}.{ending}")
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its `ContentDocument`.
    pub id: Id,
    /// The `ContentVersion` that holds its bytes.
    pub version: Id,
    /// What it is called, with its ending.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// How many bytes it has.
    pub size: i64,
}

impl File {
    /// Whether it is an image that browsers may show where it stands; all else is for keeping.
    pub fn is_shown(&self) -> bool {
        media_types::is_shown(self.media_type)
    }
}

/// Also keeps files, of which these are the documents. They are seen by their owner alone until they are
/// linked.
pub(crate) async fn keep(
    write: &mut Together<'_>,
    system: &Caller,
    owner: Id,
    files: &[NewFile],
) -> Result<Vec<Id>, Error> {
    if files.len() > FILES_MAX {
        return Err(Error::TooLarge {
            what: "the number of files",
            limit: format!("{FILES_MAX} files"),
        });
    }
    let mut kept = Vec::with_capacity(files.len());
    for file in files {
        let document = write.create_file(system, &file.draft(owner)).await;
        kept.push(document.map_err(|error| not_taken(file, error))?);
    }
    Ok(kept)
}

/// Why a file was not taken, with its name.
fn not_taken(file: &NewFile, error: RecordsError) -> Error {
    match error {
        RecordsError::Invalid(problems) => match problems.as_slice() {
            [Problem::Infected { found, .. }] => Error::Infected {
                name: file.name.clone(),
                found: found.clone(),
            },
            [Problem::TooLarge { max, .. }] => Error::TooLarge {
                what: "the file",
                limit: format!("{max} bytes"),
            },
            _ => RecordsError::Invalid(problems).into(),
        },
        error => error.into(),
    }
}

/// Also links kept files to a session and to its entry.
pub(crate) async fn link(
    write: &mut Together<'_>,
    system: &Caller,
    documents: &[Id],
    session: Id,
    entry: Id,
) -> Result<(), Error> {
    for document in documents {
        for entity in [session, entry] {
            let draft = Draft::new()
                .with("ContentDocumentId", *document)
                .with("LinkedEntityId", entity);
            write.create(system, "ContentDocumentLink", &draft).await?;
        }
    }
    Ok(())
}

impl Messaging {
    /// The files of some entries, by their entries, as this caller sees them.
    ///
    /// # Errors
    /// The database's.
    pub async fn files_of(
        &self,
        caller: &Caller,
        entries: &[Id],
    ) -> Result<HashMap<Id, Vec<File>>, Error> {
        let mut files: HashMap<Id, Vec<File>> = HashMap::new();
        if entries.is_empty() {
            return Ok(files);
        }
        let ids: Vec<_> = entries.iter().map(|id| literal(id.as_str())).collect();
        let soql = format!(
            "SELECT LinkedEntityId, {FILE} FROM ContentDocumentLink WHERE LinkedEntityId IN ({}) \
             ORDER BY ContentDocumentId",
            ids.join(", ")
        );
        let table = self.org().browse(caller, &soql, None, LINKS_MAX).await?;
        for row in table.rows() {
            if let (Some(entry), Some(file)) = (row.id("LinkedEntityId"), file_of(row)) {
                files.entry(entry).or_default().push(file);
            }
        }
        Ok(files)
    }

    /// A file of a conversation's transcript, with its bytes to be read by
    /// [`headwater_records::Org::pieces`]; none when the customer has not sent and not been sent it there.
    ///
    /// # Errors
    /// The database's.
    pub async fn file_in(
        &self,
        conversation: Id,
        document: &str,
    ) -> Result<Option<(File, ContentReader)>, Error> {
        // Whoever asks is nobody's caller: that the conversation is theirs was asked before.
        let system = self.org().system();
        let soql = format!(
            "SELECT LinkedEntityId, {FILE} FROM ContentDocumentLink WHERE ContentDocumentId = {}",
            literal(document)
        );
        let links = self.org().browse(&system, &soql, None, LINKS_MAX).await?;
        for row in links.rows() {
            let (Some(entry), Some(file)) = (row.id("LinkedEntityId"), file_of(row)) else {
                continue;
            };
            let soql = format!(
                "SELECT Id FROM ConversationEntry WHERE Id = {} AND ConversationEntityId = {} AND \
                 ActorType != 'Supervisor'",
                literal(entry.as_str()),
                literal(conversation.as_str())
            );
            if !self.one(&soql).await?.is_empty() {
                let reader = self.bytes_of(&system, file.version).await?;
                return Ok(Some((file, reader)));
            }
        }
        Ok(None)
    }

    /// A file of a session that this caller sees, with its bytes.
    ///
    /// # Errors
    /// [`RecordsError::NotFound`]; else the database's.
    pub async fn file(
        &self,
        caller: &Caller,
        document: Id,
    ) -> Result<(File, ContentReader), Error> {
        let soql = format!(
            "SELECT Id, LatestPublishedVersionId, Title, FileExtension, ContentSize \
             FROM ContentDocument WHERE Id = {}",
            literal(document.as_str())
        );
        let table = self.org().browse(caller, &soql, None, 1).await?;
        let not_found = || RecordsError::NotFound(document.to_string());
        let row = table.first().ok_or_else(not_found)?;
        let version = row.id("LatestPublishedVersionId").ok_or_else(not_found)?;
        let file = described(row, document, version, "");
        let reader = self.bytes_of(caller, version).await?;
        Ok((file, reader))
    }

    /// The bytes of a file that goes out, for whoever takes it to the customer.
    ///
    /// # Errors
    /// [`RecordsError::NotFound`]; else the database's.
    pub async fn bytes_to_send(&self, file: &File) -> Result<ContentReader, Error> {
        self.bytes_of(&self.org().system(), file.version).await
    }

    async fn bytes_of(&self, caller: &Caller, version: Id) -> Result<ContentReader, Error> {
        let org = self.org();
        let read = org.content(caller, "ContentVersion", version.as_str(), "VersionData");
        Ok(read.await?)
    }

    /// Puts to entries of a transcript the files that came with them.
    pub(crate) async fn with_files(
        &self,
        caller: &Caller,
        entries: &mut [Entry],
    ) -> Result<(), Error> {
        let having: Vec<Id> = entries
            .iter()
            .filter(|entry| entry.has_files)
            .map(|entry| entry.id)
            .collect();
        let mut files = self.files_of(caller, &having).await?;
        for entry in entries {
            entry.files = files.remove(&entry.id).unwrap_or_default();
        }
        Ok(())
    }
}

/// What is read of a file through its link.
const FILE: &str = "ContentDocumentId, ContentDocument.LatestPublishedVersionId, ContentDocument.Title, \
                    ContentDocument.FileExtension, ContentDocument.ContentSize";

fn file_of(row: Cells<'_>) -> Option<File> {
    let document = row.id("ContentDocumentId")?;
    let version = row.id("ContentDocument.LatestPublishedVersionId")?;
    Some(described(row, document, version, "ContentDocument."))
}

fn described(row: Cells<'_>, id: Id, version: Id, path: &str) -> File {
    let at = |field: &str| format!("{path}{field}");
    let ending = row.text(&at("FileExtension"));
    let title = row.text(&at("Title"));
    File {
        id,
        version,
        name: match ending {
            "" => title.to_owned(),
            ending => format!("{title}.{ending}"),
        },
        media_type: media_types::of_ending(ending),
        size: match row.get(&at("ContentSize")) {
            Value::Null => 0,
            size => whole(size),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_no_path_and_gets_the_ending_of_what_it_is() {
        for (given, media_type, wanted) in [
            ("photo.JPG", "image/jpeg", "photo.JPG"),
            ("../../etc/passwd", "text/plain", "passwd.txt"),
            ("C:\\Users\\me\\bill.pdf", "application/pdf", "bill.pdf"),
            ("page.html", "text/plain", "page.html.txt"),
            ("", "image/png; charset=x", "file.png"),
            (".png", "image/png", "png.png"),
            ("a\u{202e}gnp.exe\n", "image/png", "agnp.exe.png"),
        ] {
            let file = NewFile::new(given, media_type, &b"x"[..]).unwrap();
            assert_eq!(file.name, wanted, "{given}");
        }
    }

    #[test]
    fn what_browsers_would_run_is_no_file_of_a_message() {
        for media_type in ["text/html", "image/svg+xml", "application/javascript", ""] {
            let refused = NewFile::new("x", media_type, &b"x"[..]);
            assert!(matches!(refused, Err(Error::FileType(_))), "{media_type}");
        }
        assert!(matches!(
            NewFile::new("x", "image/png", &b""[..]),
            Err(Error::EmptyFile)
        ));
        let large = vec![0; FILE_BYTES_MAX + 1];
        let refused = NewFile::new("x", "image/png", large);
        assert!(matches!(refused, Err(Error::TooLarge { .. })));
    }
}
