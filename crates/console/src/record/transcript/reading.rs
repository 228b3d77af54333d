//! Reading what was said: the newest stretch of a session first, then what came before it, session by session,
//! each time by the key at which the stretch before ended.

use std::collections::HashMap;
use std::fmt;

use headwater_catalogue::{Id, Value};
use headwater_messaging::File;
use headwater_records::{Cells, Table};
use jiff::Timestamp;

use crate::console::Console;
use crate::fault::Fault;
use crate::record::{Record, SESSION};
use crate::text::literal;
use crate::visitor::Visitor;

/// Entries of one stretch.
const ENTRIES: u64 = 60;

/// Most entries of the newest stretch of a page that stays open while more are added.
const ENTRIES_MAX: u64 = 500;

/// Most sessions of one stretch backwards; some have few entries.
const SESSIONS_MAX: usize = 20;

const FIELDS: &str = "Id, Seq, EntryTime, EntryType, ActorType, ActorId, ActorName, Message, \
                      MessageStatus, MessageStatusCode, HasAttachments";

/// Entries of one session that follow one another.
pub(super) struct Stretch {
    /// The newest first.
    table: Table,
    /// How many of its rows belong to it.
    length: usize,
    pub(super) files: HashMap<Id, Vec<File>>,
    /// The session, where this is how it begins.
    pub(super) heading: Option<Heading>,
}

impl Stretch {
    /// Its entries in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = Cells<'_>> {
        (0..self.length).rev().map(|row| self.table.cells(row))
    }

    /// Where it begins; nowhere when nothing was said.
    pub(super) fn begins(&self) -> Option<Beginning> {
        let row = self.rows().next()?;
        Some(Beginning {
            at: row.get("EntryTime").as_datetime()?,
            seq: seq(row),
        })
    }

    /// When its last entry came.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        self.table.first()?.get("EntryTime").as_datetime()
    }
}

fn seq(row: Cells<'_>) -> i64 {
    match row.get("Seq") {
        Value::Integer(seq) => *seq,
        _ => 0,
    }
}

/// Where a stretch begins: what a page that asks for itself again keeps to, so that it grows at its end and
/// loses nothing at its beginning. Written as microseconds and the entry's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beginning {
    at: Timestamp,
    seq: i64,
}

impl Beginning {
    pub(super) fn read(text: &str) -> Option<Self> {
        let (at, seq) = text.split_once('.')?;
        Some(Self {
            at: Timestamp::from_microsecond(at.parse().ok()?).ok()?,
            seq: seq.parse().ok()?,
        })
    }

    /// Several entries may have come at its moment.
    fn is_before(self, row: Cells<'_>) -> bool {
        row.get("EntryTime").as_datetime() != Some(self.at) || seq(row) >= self.seq
    }
}

impl fmt::Display for Beginning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.as_microsecond(), self.seq)
    }
}

/// Up to where it was read: the session, and the key after which it goes on there. Without one the whole of
/// it is to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    session: Id,
    after: Option<String>,
}

impl Place {
    /// A key is made of letters, digits, dots and hyphens.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (session, after) = match text.split_once('~') {
            Some((session, after)) => (session, Some(after.to_owned())),
            None => (text, None),
        };
        let session = session.parse().ok()?;
        Some(Self { session, after })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.after {
            Some(after) => write!(f, "{}~{after}", self.session),
            None => write!(f, "{}", self.session),
        }
    }
}

/// What a session is called, and how it stands.
#[derive(Debug, Clone)]
pub(super) struct Heading {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) status: String,
    pub(super) began: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
}

impl Heading {
    fn of(row: Cells<'_>) -> Option<Self> {
        Some(Self {
            id: row.id("Id")?,
            name: row.text("Name").to_owned(),
            status: row.text("Status").to_owned(),
            began: row.get("StartTime").as_datetime(),
            ended: row.get("EndTime").as_datetime(),
        })
    }
}

/// Reads for one visitor the transcripts of one customer.
pub(super) struct Reader<'a> {
    pub(super) console: &'a Console,
    pub(super) visitor: &'a Visitor,
    /// The session whose page is open.
    pub(super) record: &'a Record,
}

impl Reader<'_> {
    /// The newest stretch, from `begins` on if that is still near, and up to where it was read; nowhere when
    /// it is all that the customer ever said.
    pub(super) async fn newest(
        &self,
        kept: Option<(Beginning, Option<Place>)>,
    ) -> Result<(Stretch, Option<Place>), Fault> {
        let session = self.record.id;
        if let Some((begins, earlier)) = kept {
            let since = format!("AND EntryTime >= {}", begins.at);
            let (table, next) = self.entries(session, &since, None, ENTRIES_MAX).await?;
            // When very much has come meanwhile, the page begins anew.
            if next.is_none() {
                let length = table.rows().filter(|row| begins.is_before(*row)).count();
                let is_whole = earlier.as_ref().is_none_or(|at| at.session != session);
                let heading = is_whole.then(|| Heading::of(self.record.cells())).flatten();
                let stretch = self.stretch(table, length, heading).await?;
                return Ok((stretch, earlier));
            }
        }
        let (table, next) = self.entries(session, "", None, ENTRIES).await?;
        let heading = Heading::of(self.record.cells());
        let earlier = match (&next, &heading) {
            (Some(_), _) => Some(Place {
                session,
                after: next.clone(),
            }),
            (None, Some(heading)) => self.before(heading).await?.map(|one| one.place()),
            (None, None) => None,
        };
        let length = table.rows().len();
        let heading = heading.filter(|_| next.is_none());
        Ok((self.stretch(table, length, heading).await?, earlier))
    }

    /// What came before a place, oldest first, and up to where it was read.
    pub(super) async fn earlier(
        &self,
        place: &Place,
    ) -> Result<(Vec<Stretch>, Option<Place>), Fault> {
        let Some(mut heading) = self.session(place.session).await? else {
            return Err(Fault::no_page());
        };
        let mut after = place.after.clone();
        let mut left = ENTRIES;
        let mut stretches = Vec::new();
        for _ in 0..SESSIONS_MAX {
            let read = self.entries(heading.id, "", after.as_deref(), left);
            let (table, next) = read.await?;
            let length = table.rows().len();
            left = left.saturating_sub(length as u64);
            let shown = next.is_none().then(|| heading.clone());
            stretches.insert(0, self.stretch(table, length, shown).await?);
            if next.is_some() {
                let place = Place {
                    session: heading.id,
                    after: next,
                };
                return Ok((stretches, Some(place)));
            }
            let Some(before) = self.before(&heading).await? else {
                return Ok((stretches, None));
            };
            if left == 0 {
                return Ok((stretches, Some(before.place())));
            }
            (heading, after) = (before, None);
        }
        Ok((stretches, Some(heading.place())))
    }

    async fn entries(
        &self,
        session: Id,
        also: &str,
        after: Option<&str>,
        most: u64,
    ) -> Result<(Table, Option<String>), Fault> {
        let soql = format!(
            "SELECT {FIELDS} FROM ConversationEntry WHERE ConversationId = {} {also} \
             ORDER BY EntryTime DESC, Seq DESC",
            literal(session.as_str())
        );
        let org = &self.console.org;
        let read = org.browse(&self.visitor.caller, &soql, after, most);
        let mut table = read.await?;
        let next = table.next.take();
        Ok((table, next))
    }

    async fn stretch(
        &self,
        table: Table,
        length: usize,
        heading: Option<Heading>,
    ) -> Result<Stretch, Fault> {
        let rows = table.rows().take(length);
        let having = rows.filter(|row| row.get("HasAttachments").is_true());
        let having: Vec<Id> = having.filter_map(|row| row.id("Id")).collect();
        let messaging = &self.console.messaging;
        let files = messaging.files_of(&self.visitor.caller, &having).await?;
        Ok(Stretch {
            table,
            length,
            files,
            heading,
        })
    }

    /// A session of the same customer.
    async fn session(&self, id: Id) -> Result<Option<Heading>, Fault> {
        self.one_session(&format!("AND Id = {}", literal(id.as_str())))
            .await
    }

    /// The session of the same customer before another. Of some that began at the same moment, the one that
    /// was made later is the later.
    async fn before(&self, heading: &Heading) -> Result<Option<Heading>, Fault> {
        let Some(began) = heading.began else {
            return Ok(None);
        };
        let id = literal(heading.id.as_str());
        let before = format!("AND (StartTime < {began} OR (StartTime = {began} AND Id < {id}))");
        self.one_session(&before).await
    }

    async fn one_session(&self, condition: &str) -> Result<Option<Heading>, Fault> {
        let Some(customer) = self.record.cells().id("MessagingEndUserId") else {
            return Ok(None);
        };
        let soql = format!(
            "SELECT Id, Name, Status, StartTime, EndTime FROM {SESSION} WHERE MessagingEndUserId = {} \
             {condition} ORDER BY StartTime DESC, Id DESC LIMIT 1",
            literal(customer.as_str())
        );
        let org = &self.console.org;
        let table = org.browse(&self.visitor.caller, &soql, None, 1).await?;
        Ok(table.first().and_then(Heading::of))
    }
}

impl Heading {
    /// Where the whole of it is to come.
    fn place(&self) -> Place {
        Place {
            session: self.id,
            after: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Beginning, Place};

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for text in ["0Mw000000000001CAA", "0Mw000000000001CAA~n3.abc.t616263"] {
            assert_eq!(Place::read(text).unwrap().to_string(), text);
        }
        assert_eq!(Place::read("nothing"), None);
        assert_eq!(
            Beginning::read("1700000000000001.7").unwrap().to_string(),
            "1700000000000001.7"
        );
        assert_eq!(Beginning::read("1700000000000001"), None);
    }
}
