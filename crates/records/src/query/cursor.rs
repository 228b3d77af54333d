//! Cursors: what is kept between two pages of an answer, so that a locator can be read again and
//! by another process.
//!
//! A locator is the cursor's id and how many rows come before the page: `01g…-2000`. The cursor
//! remembers where the last pages began as keys, so that no page skips rows by counting them.
//! Nobody waits until it is on the disk ([`waiting`]): whoever loses one asks anew. The locator of a record's
//! children says all by itself: which subquery, whose children, and the key they continue after; one
//! cursor serves those of a whole page.

mod waiting;

use std::sync::Arc;

use headwater_catalogue::{Id, Object, Value};
use headwater_soql::resolved::{Comparison, Filter};
use headwater_store::{Key, Operation, WriteError, WriteSet};
use jiff::{SignedDuration, Timestamp};

use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::selection::Selection;
use waiting::Found;

pub(crate) use waiting::WaitingCursors;

/// How long a cursor lives unused.
const IDLE_MAX: SignedDuration = SignedDuration::from_mins(15);
/// How long a cursor lives at all.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(48);
/// Most cursors of one user; the one unused for longest goes first.
const PER_USER_MAX: usize = 10;
/// Most page beginnings a cursor remembers. Pages before them are still found, by counting.
const KEYS_MAX: usize = 32;
/// How often reading the same page again is written down as use.
const USE_NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Most cursors of others that are tidied away when a new one is made.
const TIDIED_MAX: u64 = 20;

/// An answer that is read in pages.
#[derive(Debug, Clone)]
pub(super) struct Cursor {
    pub(super) soql: String,
    pub(super) include_deleted: bool,
    pub(super) page_rows: u32,
    pub(super) total: u64,
    /// When the query began: what `TODAY` means on every page.
    pub(super) begun: Timestamp,
    /// When its last page was read.
    pub(super) used: Timestamp,
    /// Where pages begin, by how many rows come before them.
    pub(super) keys: Vec<(u64, Key)>,
}

/// What a locator says after the cursor's id.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// How many rows come before the page.
    Rows(u64),
    /// Children of one of the rows.
    Children(ChildPlace),
}

/// Where the children of a record continue.
#[derive(Debug, Clone)]
pub(super) struct ChildPlace {
    /// Which subquery: its place in the SELECT list of each query around it, outermost first.
    pub(super) path: Vec<usize>,
    /// Whose children.
    pub(super) parent: Id,
    /// After which of them.
    pub(super) after: Key,
}

impl Place {
    /// The cursor and the place that a locator names.
    pub(super) fn parse(locator: &str) -> Option<(Id, Self)> {
        let mut parts = locator.splitn(4, '-');
        let cursor = parts.next()?.parse().ok()?;
        let place = parts.next()?;
        let Some(parent) = parts.next() else {
            return Some((cursor, Self::Rows(place.parse().ok()?)));
        };
        let path: Option<Vec<usize>> = place.split('.').map(|step| step.parse().ok()).collect();
        let place = ChildPlace {
            path: path?,
            parent: parent.parse().ok()?,
            after: parts.next()?.parse().ok()?,
        };
        Some((cursor, Self::Children(place)))
    }
}

/// The locator of the page after so many rows.
pub(super) fn locator(cursor: Id, offset: u64) -> String {
    format!("{cursor}-{offset}")
}

/// The locator of a record's children after one of them.
pub(super) fn child_locator(cursor: Id, place: &ChildPlace) -> String {
    let ChildPlace {
        path,
        parent,
        after,
    } = place;
    let path: Vec<String> = path.iter().map(ToString::to_string).collect();
    format!("{cursor}-{}-{parent}-{after}", path.join("."))
}

impl Cursor {
    /// Where the page after so many rows begins, if it is remembered.
    pub(super) fn key(&self, offset: u64) -> Option<Key> {
        let known = self.keys.iter().find(|(known, _)| *known == offset);
        known.map(|(_, key)| key.clone())
    }

    /// Remembers where a page begins; whether that is news.
    fn remember(&mut self, page: Option<(u64, Key)>) -> bool {
        let Some((offset, key)) = page else {
            return false;
        };
        if self.keys.iter().any(|(known, _)| *known == offset) {
            return false;
        }
        self.keys.push((offset, key));
        let too_many = self.keys.len().saturating_sub(KEYS_MAX);
        self.keys.drain(..too_many);
        true
    }

    fn keys_text(&self) -> String {
        let lines = self
            .keys
            .iter()
            .map(|(offset, key)| format!("{offset} {key}"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn read_keys(text: &str) -> Vec<(u64, Key)> {
    let line = |line: &str| {
        let (offset, key) = line.split_once(' ')?;
        Some((offset.parse().ok()?, key.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

impl Org {
    /// An id for a cursor that may have to be kept: locators name it before that is known.
    pub(super) fn next_cursor(&self) -> Result<Id, Error> {
        let catalogue = self.catalogue();
        Ok(self.store().next_id(cursors(&catalogue)?))
    }

    /// Keeps a new cursor. Where others have the database too, they find it there at once.
    pub(super) async fn open_cursor(
        &self,
        caller: &Caller,
        id: Id,
        cursor: Cursor,
    ) -> Result<(), Error> {
        let catalogue = self.catalogue();
        let object = cursors(&catalogue)?;
        let own_ones = self.own_cursors(object, caller.user).await?;
        if !self.store().is_shared() {
            self.open_cursor_soon(id, caller.user, cursor, own_ones);
            return Ok(());
        }
        let surplus = surplus(own_ones);
        let operation = insertion(object, id, caller.user, &cursor);
        let mut sets = vec![fleeting(caller.user, cursor.begun, operation)];
        for spent in self.idle_cursors(object).await?.into_iter().chain(surplus) {
            sets.push(fleeting(caller.user, cursor.begun, deletion(object, spent)));
        }
        // Somebody else may be tidying as well: what is gone is gone.
        let opened = self.apply_each(sets, false).await?.into_iter().next();
        opened.unwrap_or(Err(WriteError::Closed))?;
        Ok(())
    }

    /// The cursor of a locator, if it is this caller's and still lives.
    pub(super) async fn cursor(&self, caller: &Caller, id: Id) -> Result<Cursor, Error> {
        let cursor = match self.waiting_cursors().find(id, caller.user) {
            Found::Here(cursor) => cursor,
            Found::Spent => return Err(Error::UnknownLocator),
            Found::Elsewhere => self.kept_cursor(caller, id).await?,
        };
        let now = self.now();
        let is_idle = now.duration_since(cursor.used) > IDLE_MAX;
        if is_idle || now.duration_since(cursor.begun) > AGE_MAX {
            return Err(Error::UnknownLocator);
        }
        Ok(cursor)
    }

    /// The same, from the database.
    async fn kept_cursor(&self, caller: &Caller, id: Id) -> Result<Cursor, Error> {
        let catalogue = self.catalogue();
        let object = cursors(&catalogue)?;
        let rows = Selection::of_object(object)
            .fields(&[
                "Soql",
                "AllRows",
                "PageSize",
                "TotalSize",
                "Keys",
                "LastUsedDate",
                "CreatedDate",
            ])?
            .equal("Id", id)?
            .equal("UserId", caller.user)?
            .rows(self.store())
            .await?;
        let row = rows.into_iter().next().unwrap_or_default();
        let [_, soql, all, page, total, keys, used, begun] = row.as_slice() else {
            return Err(Error::UnknownLocator);
        };
        let (Some(soql), Some(used), Some(begun)) =
            (soql.as_text(), used.as_datetime(), begun.as_datetime())
        else {
            return Err(Error::UnknownLocator);
        };
        let number = |value: &Value| value.as_integer().and_then(|n| u64::try_from(n).ok());
        Ok(Cursor {
            soql: soql.to_owned(),
            include_deleted: all.is_true(),
            page_rows: super::page_rows(number(page).and_then(|rows| u32::try_from(rows).ok())),
            total: number(total).unwrap_or_default(),
            begun,
            used,
            keys: read_keys(keys.as_text().unwrap_or_default()),
        })
    }

    /// Notes that a cursor was used, and where its next page begins.
    pub(super) async fn use_cursor(
        &self,
        caller: &Caller,
        id: Id,
        cursor: &mut Cursor,
        next: Option<(u64, Key)>,
    ) -> Result<(), Error> {
        let now = self.now();
        let news = cursor.remember(next);
        if !news && now.duration_since(cursor.used) < USE_NOTED_EVERY {
            return Ok(());
        }
        cursor.used = now;
        if !self.store().is_shared() {
            self.note_cursor_soon(id, caller.user, cursor);
            return Ok(());
        }
        let catalogue = self.catalogue();
        let operation = update(cursors(&catalogue)?, id, cursor);
        self.apply(fleeting(caller.user, now, operation)).await?;
        Ok(())
    }

    /// Cursors that nobody can use any more.
    async fn idle_cursors(&self, object: &Arc<Object>) -> Result<Vec<Id>, Error> {
        let now = self.now();
        let idle = now.checked_sub(IDLE_MAX).unwrap_or(now);
        let dead = Selection::of_object(object)
            .compared("LastUsedDate", Comparison::Less, idle)?
            .limit(TIDIED_MAX)
            .rows(self.store())
            .await?;
        Ok(dead.iter().filter_map(|row| row.first()?.as_id()).collect())
    }

    /// The cursors of a user that are in the database, with when they were used.
    async fn own_cursors(
        &self,
        object: &Arc<Object>,
        user: Id,
    ) -> Result<Vec<(Id, Timestamp)>, Error> {
        let rows = Selection::of_object(object)
            .fields(&["LastUsedDate"])?
            .equal("UserId", user)?
            .rows(self.store())
            .await?;
        let own = |row: &Vec<Value>| Some((row.first()?.as_id()?, row.get(1)?.as_datetime()?));
        Ok(rows.iter().filter_map(own).collect())
    }
}

/// Those of a user's cursors that go because one more were too many: unused for longest.
fn surplus(mut own_ones: Vec<(Id, Timestamp)>) -> impl Iterator<Item = Id> {
    own_ones.sort_unstable_by_key(|(id, used)| (*used, *id));
    let surplus = (own_ones.len() + 1).saturating_sub(PER_USER_MAX);
    own_ones.into_iter().take(surplus).map(|(id, _)| id)
}

fn fleeting(user: Id, at: Timestamp, operation: Operation) -> WriteSet {
    WriteSet::new(user, at, vec![operation]).fleeting()
}

fn insertion(object: &Arc<Object>, id: Id, user: Id, cursor: &Cursor) -> Operation {
    let total = i64::try_from(cursor.total).unwrap_or(i64::MAX);
    Operation::Insert {
        object: Arc::clone(object),
        id,
        values: values(
            object,
            [
                ("UserId", Value::Id(user)),
                ("Soql", Value::from(&*cursor.soql)),
                ("AllRows", Value::from(cursor.include_deleted)),
                ("PageSize", Value::from(i64::from(cursor.page_rows))),
                ("TotalSize", Value::from(total)),
                ("Keys", Value::from(cursor.keys_text())),
                ("LastUsedDate", Value::from(cursor.used)),
            ],
        ),
    }
}

fn update(object: &Arc<Object>, id: Id, cursor: &Cursor) -> Operation {
    Operation::Update {
        object: Arc::clone(object),
        id,
        values: values(
            object,
            [
                ("Keys", Value::from(cursor.keys_text())),
                ("LastUsedDate", Value::from(cursor.used)),
            ],
        ),
        may: Filter::Always,
        expect: Vec::new(),
        seen: None,
    }
}

fn deletion(object: &Arc<Object>, id: Id) -> Operation {
    Operation::Delete {
        object: Arc::clone(object),
        id,
        may: Filter::Always,
    }
}

fn cursors(catalogue: &headwater_catalogue::Catalogue) -> Result<&Arc<Object>, Error> {
    let name = "QueryCursor";
    catalogue
        .object(name)
        .ok_or_else(|| Error::UnknownObject(name.to_owned()))
}

fn values<const N: usize>(object: &Object, named: [(&str, Value); N]) -> Vec<(usize, Value)> {
    let place = |(name, value)| Some((object.position(name)?, value));
    named.into_iter().filter_map(place).collect()
}
