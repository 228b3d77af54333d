//! Files that a carrier holds for us: the message is in the transcript at once, with a line for each, and
//! the files take the lines' place when they have been fetched.
//!
//! Each is a piece of work that the message has left in its transaction, so none is forgotten, and a
//! carrier that is slow or away holds up no conversation.

use std::time::Duration;

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Draft, Error as RecordsError, Together, Work, literal};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use crate::carrier::{Again, Undelivered};
use crate::error::Error;
use crate::files::{self, NewFile};
use crate::messaging::Messaging;

/// What is written down of a file that could not be scanned.
const NOT_SCANNED: &str = "NOT_SCANNED";

/// The kind of work that fetching is.
const FETCH: &str = "messaging.fetch";

/// How long one may take before another node takes over.
const LEASE: Duration = Duration::from_mins(3);

/// How often it is tried.
const TRIES_MAX: u32 = 6;

/// How often it is tried while files cannot be scanned: for half an hour, in which a scanner may be mended.
/// The carrier is asked again each time.
const SCAN_TRIES_MAX: u32 = 16;

/// How often what was fetched is put to its message anew, because somebody else changed that.
const ATTEMPTS_MAX: usize = 10;

/// A file that a carrier holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// By what it is fetched: an address, or an id of the carrier's.
    pub reference: String,
    /// What it is called, if the carrier tells.
    pub name: Option<String>,
    /// Its media type, if the carrier tells.
    pub media_type: Option<String>,
    /// The line of the message that stands for it.
    pub line: String,
}

/// A file to be fetched, as the work says it: for a message of a channel, each by its id.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    channel: String,
    entry: String,
    media: Media,
}

/// A file to be fetched.
struct Wanted {
    channel: Id,
    entry: Id,
    media: Media,
}

impl Wanted {
    fn of(payload: &str) -> Option<Self> {
        let payload: Payload = serde_json::from_str(payload).ok()?;
        Some(Self {
            channel: payload.channel.parse().ok()?,
            entry: payload.entry.parse().ok()?,
            media: payload.media,
        })
    }
}

/// A message that a file is for.
struct Gap {
    session: Id,
    text: String,
}

/// Also leaves it as work to fetch what a message came with: how many files.
pub(crate) fn later(
    write: &mut Together<'_>,
    channel: Id,
    entry: Id,
    media: &[Media],
) -> Result<usize, Error> {
    let at = write.at();
    let media = &media[..media.len().min(files::FILES_MAX)];
    for media in media {
        let wanted = Payload {
            channel: channel.to_string(),
            entry: entry.to_string(),
            media: media.clone(),
        };
        let wanted = serde_json::to_string(&wanted)
            .map_err(|error| headwater_records::Error::Internal(Box::new(error)))?;
        // One after the other, for all of them change the message.
        write.later(FETCH, wanted, at, Some(entry.as_str()));
    }
    Ok(media.len())
}

impl Messaging {
    /// Fetches the file that has waited longest, if one waits: whether there was one.
    pub(crate) async fn fetch_next(&self) -> Result<bool, Error> {
        let Some(work) = self.org().claim_work(FETCH, LEASE).await? else {
            return Ok(false);
        };
        let Some(wanted) = Wanted::of(&work.payload) else {
            warn!("a file that is to be fetched cannot be told");
            self.org().work_done(&work).await?;
            return Ok(true);
        };
        if self.gap_of(&wanted).await?.is_none() {
            // The message is gone, or has the file: whoever put it there was gone before they could say.
            self.org().work_done(&work).await?;
            return Ok(true);
        }
        let fetched = match self.carrier() {
            Some(carrier) => carrier.fetch(wanted.channel, &wanted.media).await,
            None => Err(Undelivered::for_good(
                "NO_CARRIER",
                "no carrier is asked here",
            )),
        };
        match fetched {
            Ok(file) => match self.put(&wanted, &file).await {
                Ok(()) => self.org().work_done(&work).await?,
                Err(error) => self.not_put(&work, &wanted, error).await?,
            },
            Err(failure) => self.not_fetched(&work, &wanted, &failure).await?,
        }
        Ok(true)
    }

    /// The message that a file is for, if it still waits for it.
    async fn gap_of(&self, wanted: &Wanted) -> Result<Option<Gap>, Error> {
        let soql = format!(
            "SELECT ConversationId, Message FROM ConversationEntry WHERE Id = {}",
            literal(wanted.entry.as_str())
        );
        let table = self.one(&soql).await?;
        let gap = table.first().and_then(|row| {
            Some(Gap {
                session: row.id("ConversationId")?,
                text: row.text("Message").to_owned(),
            })
        });
        let waits = |gap: &Gap| gap.text.lines().any(|line| line == wanted.media.line);
        Ok(gap.filter(waits))
    }

    /// Puts a file in the place of its line.
    async fn put(&self, wanted: &Wanted, file: &NewFile) -> Result<(), Error> {
        let system = self.org().system();
        for _ in 0..ATTEMPTS_MAX {
            let Some(gap) = self.gap_of(wanted).await? else {
                return Ok(());
            };
            let mut write = self.org().together(&system);
            let kept = [file.clone()];
            let kept = files::keep(&mut write, &system, system.user, &kept).await?;
            files::link(&mut write, &system, &kept, gap.session, wanted.entry).await?;
            let text = in_place_of(&gap.text, &wanted.media.line, None);
            let draft = said(&text).with("HasAttachments", true);
            let expected = [("Message", Value::from(gap.text.as_str()))];
            write
                .update(
                    &system,
                    "ConversationEntry",
                    wanted.entry,
                    &draft,
                    &expected,
                )
                .await?;
            if write.commit().await? == Attempt::Done {
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    async fn not_fetched(
        &self,
        work: &Work,
        wanted: &Wanted,
        failure: &Undelivered,
    ) -> Result<(), Error> {
        let wait = match failure.again {
            Again::Later if work.attempts < TRIES_MAX => Some(self.wait(work.attempts)),
            Again::After(wait) | Again::AtOurTurn(wait) if work.attempts < TRIES_MAX => Some(wait),
            Again::Later | Again::After(_) | Again::AtOurTurn(_) | Again::Never => None,
        };
        if let Some(wait) = wait {
            let due = self.org().now() + wait;
            info!(entry = %wanted.entry, code = %failure.code, %due, "a file is to be fetched later");
            return Ok(self.org().work_later(work, &failure.code, due).await?);
        }
        warn!(entry = %wanted.entry, code = %failure.code, "a file could not be fetched");
        let why = format!("{}: {}", failure.code, failure.reason);
        self.note_failure(wanted.channel, &why).await;
        let words = format!("not fetched: {}", failure.reason);
        self.end_fetch(work, wanted, &words).await
    }

    /// A file was fetched and cannot be kept.
    async fn not_put(&self, work: &Work, wanted: &Wanted, error: Error) -> Result<(), Error> {
        let words = match error {
            Error::Infected { found, .. } => format!("not taken: it holds the virus {found}"),
            Error::TooLarge { limit, .. } => format!("not taken: it is more than {limit}"),
            Error::Records(RecordsError::FilesNotScanned) if work.attempts < SCAN_TRIES_MAX => {
                let due = self.org().now() + self.wait(work.attempts);
                info!(entry = %wanted.entry, %due, "a file is to be scanned later");
                return Ok(self.org().work_later(work, NOT_SCANNED, due).await?);
            }
            Error::Records(RecordsError::FilesNotScanned) => {
                "not taken: it could not be scanned for viruses".to_owned()
            }
            error => return Err(error),
        };
        warn!(entry = %wanted.entry, "a file was {words}");
        self.end_fetch(work, wanted, &words).await
    }

    /// Says at the message what became of a file that will not be there, and ends the work.
    async fn end_fetch(&self, work: &Work, wanted: &Wanted, words: &str) -> Result<(), Error> {
        if let Some(gap) = self.gap_of(wanted).await? {
            let line = format!("{} ({words})", wanted.media.line);
            let text = in_place_of(&gap.text, &wanted.media.line, Some(&line));
            let system = self.org().system();
            let mut write = self.org().together(&system);
            let expected = [("Message", Value::from(gap.text.as_str()))];
            let draft = said(&text);
            write
                .update(
                    &system,
                    "ConversationEntry",
                    wanted.entry,
                    &draft,
                    &expected,
                )
                .await?;
            if write.commit().await? == Attempt::Overtaken {
                return Err(Error::Busy);
            }
        }
        Ok(self.org().work_done(work).await?)
    }
}

fn said(text: &str) -> Draft {
    let text = match text {
        "" => Value::Null,
        text => Value::from(text),
    };
    Draft::new().with("Message", text)
}

/// A text with another line, or none, in the place of the first that reads so.
fn in_place_of(text: &str, line: &str, other: Option<&str>) -> String {
    let mut is_done = false;
    let lines = text.lines().filter_map(|one| {
        if is_done || one != line {
            return Some(one);
        }
        is_done = true;
        other
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::in_place_of;

    #[test]
    fn a_file_takes_the_place_of_one_line_and_leaves_the_others() {
        let text = "[image]\n[image]\nLook";
        assert_eq!(in_place_of(text, "[image]", None), "[image]\nLook");
        assert_eq!(in_place_of("[image]", "[image]", None), "");
        let failed = in_place_of(text, "[image]", Some("[image] (not fetched)"));
        assert_eq!(failed, "[image] (not fetched)\n[image]\nLook");
    }
}
