//! A session's whole transcript, to be taken away: as JSON for programs, as text for people.
//!
//! Both forms are made here, so that every door hands out the same.

use headwater_catalogue::Id;
use headwater_records::{Caller, Error as RecordsError, literal};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::files::{FILES_MAX, File};
use crate::messaging::Messaging;
use crate::transcript::{Entry, FIELDS, entry_of};

/// Most entries of one export.
pub const EXPORT_ENTRIES_MAX: usize = 50_000;

/// How many entries are read at a time.
const PAGE_ENTRIES: u64 = 1_000;

/// Of how many entries the files are read at a time: as many as have at most a thousand.
const WITH_FILES: usize = 1_000 / FILES_MAX;

/// Entries that are for people here, and never for the customer.
const INTERNAL: [&str; 3] = ["Note", "FlagRaise", "FlagLower"];

/// What was said in a session, all of it that the caller sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// The session.
    pub session: Id,
    /// Its number for people.
    pub name: String,
    /// What the customer is called.
    pub customer: String,
    /// The channel.
    pub channel: String,
    /// `Status`.
    pub status: String,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended; none while it is open.
    pub ended: Option<Timestamp>,
    /// Whether what people here say to each other is in it.
    pub with_internal: bool,
    /// What was said, oldest first.
    pub entries: Vec<Entry>,
}

impl Messaging {
    /// The whole transcript of a session, as this caller sees it; notes and flags only if they are asked for.
    ///
    /// # Errors
    /// [`RecordsError::NotFound`] when there is no such session that the caller sees;
    /// [`Error::TooLarge`] for one with more than [`EXPORT_ENTRIES_MAX`] entries; else the database's.
    pub async fn whole_transcript(
        &self,
        caller: &Caller,
        session: &str,
        with_internal: bool,
    ) -> Result<Transcript, Error> {
        let not_found = || RecordsError::NotFound(session.to_owned());
        let id: Id = session.parse().map_err(|_| not_found())?;
        let soql = format!(
            "SELECT Id, Name, Status, StartTime, EndTime, ChannelName, MessagingEndUser.Name \
             FROM MessagingSession WHERE Id = {}",
            literal(id.as_str())
        );
        let table = self.org().browse(caller, &soql, None, 1).await?;
        let row = table.first().ok_or_else(not_found)?;
        Ok(Transcript {
            session: row.id("Id").ok_or_else(not_found)?,
            name: row.text("Name").to_owned(),
            customer: row.text("MessagingEndUser.Name").to_owned(),
            channel: row.text("ChannelName").to_owned(),
            status: row.text("Status").to_owned(),
            started: row.get("StartTime").as_datetime(),
            ended: row.get("EndTime").as_datetime(),
            with_internal,
            entries: self.all_entries(caller, id, with_internal).await?,
        })
    }

    async fn all_entries(
        &self,
        caller: &Caller,
        session: Id,
        with_internal: bool,
    ) -> Result<Vec<Entry>, Error> {
        let shown = if with_internal {
            String::new()
        } else {
            format!(" AND EntryType NOT IN ('{}')", INTERNAL.join("', '"))
        };
        let soql = format!(
            "SELECT {FIELDS} FROM ConversationEntry WHERE ConversationId = {}{shown} \
             ORDER BY EntryTime, Seq, Id",
            literal(session.as_str())
        );
        let (mut entries, mut after) = (Vec::new(), None);
        loop {
            let browsed = self
                .org()
                .browse(caller, &soql, after.as_deref(), PAGE_ENTRIES);
            let page = browsed.await?;
            entries.extend(page.rows().filter_map(entry_of));
            if entries.len() > EXPORT_ENTRIES_MAX {
                return Err(Error::TooLarge {
                    what: "the transcript",
                    limit: format!("{EXPORT_ENTRIES_MAX} entries"),
                });
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        for some in entries.chunks_mut(WITH_FILES) {
            self.with_files(caller, some).await?;
        }
        Ok(entries)
    }
}

impl Transcript {
    /// For programs. Times are instants, in UTC.
    pub fn json(&self) -> Json {
        json!({
            "session": {
                "id": self.session.to_string(),
                "name": self.name,
                "status": self.status,
                "startTime": instant(self.started),
                "endTime": instant(self.ended),
            },
            "customer": self.customer,
            "channel": self.channel,
            "includesInternal": self.with_internal,
            "entries": self.entries.iter().map(entry_json).collect::<Vec<_>>(),
        })
    }

    /// For people, with the times of this zone. What goes on over several lines is moved in, so that nothing
    /// that somebody wrote looks like another entry.
    pub fn text(&self, zone: &TimeZone) -> String {
        let mut lines = self.head(zone);
        for entry in &self.entries {
            lines.push(String::new());
            self.add(&mut lines, entry, zone);
        }
        lines.push(String::new());
        lines.join("\n")
    }

    fn head(&self, zone: &TimeZone) -> Vec<String> {
        let name = zone.iana_name().unwrap_or("UTC");
        let mut lines = vec![
            format!("Transcript of {}", self.name),
            format!("Customer: {}", one_line(&self.customer)),
            format!("Channel: {}", one_line(&self.channel)),
            format!("Began: {} ({name})", clock(self.started, zone)),
        ];
        if self.ended.is_some() {
            lines.push(format!("Ended: {} ({name})", clock(self.ended, zone)));
        }
        lines
    }

    fn add(&self, lines: &mut Vec<String>, entry: &Entry, zone: &TimeZone) {
        let (when, who) = (clock(entry.at, zone), one_line(self.said_by(entry)));
        let internal = if entry.is_internal() {
            " (only for people here)"
        } else {
            ""
        };
        lines.push(format!("{when}  {who}{internal}:"));
        let words = entry.words().lines();
        lines.extend(words.map(|line| format!("    {}", line.trim_end())));
        let files = entry.files.iter();
        lines.extend(
            files.map(|file| format!("    [{}, {} bytes]", one_line(&file.name), file.size)),
        );
    }

    /// Who says an entry, for people.
    pub fn said_by<'a>(&'a self, entry: &'a Entry) -> &'a str {
        match (entry.name.as_str(), entry.speaker.as_str()) {
            ("", "EndUser") if !self.customer.is_empty() => &self.customer,
            ("", speaker) => speaker,
            (name, _) => name,
        }
    }
}

impl Entry {
    /// Whether it is for people here, and never for the customer.
    pub fn is_internal(&self) -> bool {
        INTERNAL.contains(&self.kind.as_str())
    }

    /// What is said; what has happened, where nothing is said.
    pub fn words(&self) -> &str {
        match (self.text.as_str(), self.kind.as_str()) {
            ("", _) if !self.files.is_empty() => "",
            ("", "FlagRaise") => "Asks for help",
            ("", "FlagLower") => "Lowered the flag",
            ("", kind) => kind,
            (text, _) => text,
        }
    }
}

fn clock(at: Option<Timestamp>, zone: &TimeZone) -> String {
    at.map_or_else(String::new, |at| {
        let at = at.to_zoned(zone.clone());
        at.strftime("%Y-%m-%d %H:%M:%S").to_string()
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn instant(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| format!("{at:.3}"))
}

fn entry_json(entry: &Entry) -> Json {
    json!({
        "id": entry.id.to_string(),
        "time": instant(entry.at),
        "type": entry.kind,
        "actorType": entry.speaker,
        "actorId": entry.actor.map(|id| id.to_string()),
        "actorName": entry.name,
        "text": entry.text,
        "messageId": entry.message,
        "files": entry.files.iter().map(file_json).collect::<Vec<_>>(),
    })
}

fn file_json(file: &File) -> Json {
    json!({
        "documentId": file.id.to_string(),
        "versionId": file.version.to_string(),
        "name": file.name,
        "mediaType": file.media_type,
        "size": file.size,
    })
}
