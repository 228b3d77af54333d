//! The recycle bin: records that were deleted, to be brought back or to be gone for good.
//!
//! Each record that somebody deleted lies there for [`KEPT_DAYS`] days; what went with it comes back
//! with it, and is not listed by itself. Whoever may delete a record may bring it back. Emptying is
//! for those who deleted a record themselves, and for administrators; to delete past the bin takes the
//! right to change every record of the object, for nobody can undo it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use headwater_catalogue::{Id, Object, SystemPermission, Value};
use headwater_store::{Mark, Operation, Recycled, RecycledPage};
use jiff::{SignedDuration, Timestamp};

use crate::caller::Caller;
use crate::describe::visible_object;
use crate::error::{Error, Verb};
use crate::org::Org;
use crate::refusal;
use crate::selection::Selection;
use crate::visibility::{self, Act};
use crate::write::{id_of, may};

/// How many days a record lies in the bin, as on Salesforce.
pub const KEPT_DAYS: i64 = 15;

/// Most records in one page of the bin.
pub const PAGE_RECORDS_MAX: u32 = 200;

/// How many records leave the bin together when their time is over.
const EXPIRED_TOGETHER: u32 = 50;

/// How long after one look for such records comes the next.
const LOOK: Duration = Duration::from_mins(30);

/// The turn of the node that looks.
const TURN: &str = "recycle bin";

/// Which records of the bin are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BinRequest {
    /// Those that anybody deleted, which takes `ModifyAllData`; else the caller's own.
    pub everybody: bool,
    /// Only those that come after this one.
    pub after: Option<(Timestamp, Id)>,
    /// At most so many.
    pub limit: Option<u32>,
}

/// A record of the bin.
#[derive(Debug, Clone)]
pub struct BinRecord {
    /// The record.
    pub id: Id,
    /// Its object.
    pub object: Arc<Object>,
    /// Its name; none for objects without names.
    pub name: Option<String>,
    /// When it was deleted.
    pub at: Timestamp,
    /// Who deleted it.
    pub by: Id,
    /// What that user is called.
    pub by_name: Option<String>,
}

/// A page of the bin, what was deleted last first.
#[derive(Debug, Clone)]
pub struct BinPage {
    /// Its records: those that the caller may see, which may be fewer than were asked for.
    pub records: Vec<BinRecord>,
    /// Where the next page begins; none at the end.
    pub next: Option<(Timestamp, Id)>,
}

impl Org {
    /// A page of the recycle bin.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] when the caller asks for what others deleted, and may not.
    pub async fn recycle_bin(
        &self,
        caller: &Caller,
        request: BinRequest,
    ) -> Result<BinPage, Error> {
        if request.everybody && !may_all(caller) {
            return Err(Error::NotPermitted(SystemPermission::ModifyAllData.field()));
        }
        let limit = request.limit.unwrap_or(PAGE_RECORDS_MAX);
        let page = RecycledPage {
            actor: (!request.everybody).then_some(caller.user),
            after: request.after,
            limit: limit.clamp(1, PAGE_RECORDS_MAX),
        };
        let rows = self.store().recycled(&page).await?;
        let is_full = u32::try_from(rows.len()).unwrap_or(u32::MAX) >= page.limit;
        let next = rows.last().filter(|_| is_full);
        let next = next.map(|row| (row.at, row.record));
        let names = self.names_in_bin(caller, &rows).await?;
        let by_names = self.names_of_users(&rows).await?;
        let record = |row: Recycled| {
            let (object, name) = names.get(&row.record)?.clone();
            Some(BinRecord {
                id: row.record,
                object,
                name,
                at: row.at,
                by: row.actor,
                by_name: by_names.get(&row.actor).cloned(),
            })
        };
        let records = rows.into_iter().filter_map(record).collect();
        Ok(BinPage { records, next })
    }

    /// Brings a record back from the bin, with what went with it: its object, for who only knew the
    /// id.
    ///
    /// # Errors
    /// Nothing was written. [`Error::RecycleBin`] when it is not in the bin, the record it belongs to
    /// is deleted, or another record holds by now what only one may.
    pub async fn undelete(&self, caller: &Caller, id: &str) -> Result<Arc<Object>, Error> {
        let (object, id) = binned(caller, id)?;
        let operation = Operation::Undelete {
            object: Arc::clone(&object),
            id,
            may: visibility::filter(caller, &object, Act::Delete, 0),
        };
        let set = self.write_set(caller, Vec::new(), vec![operation]);
        match self.apply(set).await {
            Ok(_) => Ok(object),
            Err(error) => Err(refusal::of_undelete(self, caller, &object, id, error).await),
        }
    }

    /// Takes a record out of the bin for good, with what went with it.
    ///
    /// # Errors
    /// Nothing was written. [`Error::RecycleBin`] when it is not in the bin; [`Error::NotAllowed`]
    /// when somebody else deleted it.
    pub async fn empty_from_bin(&self, caller: &Caller, id: &str) -> Result<(), Error> {
        let (object, id) = binned(caller, id)?;
        let Some(recycled) = self.store().recycled_record(id).await? else {
            let there = refusal::sees(self, caller, &object, id).await?;
            return Err(if there {
                Error::RecycleBin {
                    undelete: false,
                    reason: NOT_IN_BIN.to_owned(),
                }
            } else {
                Error::NotFound(id.to_string())
            });
        };
        if recycled.actor != caller.user && !may_all(caller) {
            return Err(Error::NotAllowed {
                verb: Verb::Delete,
                object: object.name.clone(),
                record: Some(id),
            });
        }
        self.erase(caller, &object, id, None).await
    }

    /// Deletes a record for good, whether it lies in the bin or not: what refers to it is cleared,
    /// goes with it or forbids it as with any delete. It takes the right to change every record of
    /// the object.
    ///
    /// # Errors
    /// Nothing was written; see [`Error`].
    pub async fn delete_for_good(
        &self,
        caller: &Caller,
        object: &str,
        id: &str,
    ) -> Result<(), Error> {
        self.delete_for_good_noting(caller, object, id, None).await
    }

    /// As [`Org::delete_for_good`], noting it in a line.
    pub(crate) async fn delete_for_good_noting(
        &self,
        caller: &Caller,
        object: &str,
        id: &str,
        mark: Option<Mark>,
    ) -> Result<(), Error> {
        let object = may(caller, object, Verb::Delete)?;
        let id = id_of(object, id)?;
        let rights = caller.rights.on(object);
        if !rights.modify_all && !may_all(caller) {
            return Err(Error::NotPermitted(SystemPermission::ModifyAllData.field()));
        }
        self.erase(caller, object, id, mark).await
    }

    async fn erase(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        id: Id,
        mark: Option<Mark>,
    ) -> Result<(), Error> {
        let operation = Operation::Erase {
            object: Arc::clone(object),
            id,
            may: visibility::filter(caller, object, Act::Delete, 0),
        };
        let mut set = self.write_set(caller, Vec::new(), vec![operation]);
        set.lines.extend(mark.map(|mark| mark.of(id, false)));
        match self.apply(set).await {
            Ok(_) => Ok(()),
            Err(error) => Err(refusal::of_delete(self, caller, object, id, error).await),
        }
    }

    /// Takes out of the bin whatever has lain there for [`KEPT_DAYS`] days: how many records, those
    /// that went with them not counted.
    ///
    /// # Errors
    /// The database's.
    pub async fn empty_expired(&self) -> Result<u64, Error> {
        let kept = SignedDuration::from_hours(KEPT_DAYS * 24);
        let now = self.now();
        let before = now.checked_sub(kept).unwrap_or(now);
        let server = self.system();
        let (mut gone, mut last) = (0, None);
        loop {
            let store = self.store();
            let expired = store
                .recycled_before(before, last.as_ref(), EXPIRED_TOGETHER)
                .await?;
            let Some(end) = expired.last() else {
                return Ok(gone);
            };
            // What cannot leave does not keep what comes after it.
            last = Some(end.clone());
            for recycled in &expired {
                let Some(object) = server.rights.catalogue.object(&recycled.object) else {
                    continue;
                };
                match self.erase(&server, object, recycled.record, None).await {
                    Ok(()) => gone += 1,
                    Err(error) => {
                        let record = recycled.record;
                        tracing::warn!(%error, %record, "a record cannot leave the recycle bin");
                    }
                }
            }
        }
    }

    /// Empties the bin of what has lain there long enough, again and again: to be run beside the
    /// server as long as it serves. Ends when the store is closed. Of several nodes one does it at a
    /// time.
    pub async fn keep_recycle_bin(&self) {
        loop {
            let emptied = match self.store().turn(TURN).await {
                Ok(_turn) => self.empty_expired().await,
                Err(error) => Err(error.into()),
            };
            match emptied {
                Ok(0) => {}
                Ok(records) => tracing::info!(records, "records left the recycle bin for good"),
                Err(_) if self.store().is_closed() => return,
                Err(error) => tracing::warn!(%error, "the recycle bin cannot be emptied now"),
            }
            tokio::time::sleep(LOOK).await;
            if self.store().is_closed() {
                return;
            }
        }
    }

    /// The names of the records that the caller may see, with their objects.
    async fn names_in_bin(
        &self,
        caller: &Caller,
        rows: &[Recycled],
    ) -> Result<HashMap<Id, (Arc<Object>, Option<String>)>, Error> {
        let mut by_object: HashMap<&str, Vec<Value>> = HashMap::new();
        for row in rows {
            let of_object = by_object.entry(&row.object).or_default();
            of_object.push(row.record.into());
        }
        let mut names = HashMap::new();
        for (name, ids) in by_object {
            let Ok(object) = visible_object(caller, name) else {
                continue;
            };
            if !object.calls.undelete {
                continue;
            }
            let name_field = object.name_field().map(|field| &*field.name);
            let found = Selection::of_object(object)
                .fields(name_field.as_slice())?
                .any_of("Id", ids)?
                .only(visibility::filter(caller, object, Act::See, 0))
                .with_deleted()
                .rows(self.store())
                .await?;
            for row in found {
                let name = row.get(1).and_then(|name| name.as_text());
                if let Some(id) = refusal::first_id(&row) {
                    names.insert(id, (Arc::clone(object), name.map(str::to_owned)));
                }
            }
        }
        Ok(names)
    }

    async fn names_of_users(&self, rows: &[Recycled]) -> Result<HashMap<Id, String>, Error> {
        let mut users: Vec<Id> = rows.iter().map(|row| row.actor).collect();
        users.sort_unstable();
        users.dedup();
        let users = users.into_iter().map(Value::Id).collect();
        let found = Selection::of(&self.catalogue(), "User")?
            .fields(&["Name"])?
            .any_of("Id", users)?
            .rows(self.store())
            .await?;
        let name = |row: &Vec<Value>| Some((row[0].as_id()?, row[1].as_text()?.to_owned()));
        Ok(found.iter().filter_map(name).collect())
    }
}

/// What is said of a record that is not in the bin.
pub(crate) const NOT_IN_BIN: &str = "entity is not in the recycle bin";

fn may_all(caller: &Caller) -> bool {
    caller.rights.is_server() || caller.rights.has(SystemPermission::ModifyAllData)
}

/// The object of an id whose records lie in the bin, if the caller may delete such.
fn binned(caller: &Caller, id: &str) -> Result<(Arc<Object>, Id), Error> {
    let unknown = || Error::NotFound(id.to_owned());
    let parsed: Id = id.parse().map_err(|_| Error::MalformedId(id.to_owned()))?;
    let object = caller.rights.catalogue.object_of(parsed.prefix());
    let object = object.ok_or_else(unknown)?;
    let object = may(caller, &object.name, Verb::Delete)?;
    if !object.calls.undelete {
        return Err(Error::RecycleBin {
            undelete: true,
            reason: format!("{} records do not go through the recycle bin", object.name),
        });
    }
    Ok((Arc::clone(object), parsed))
}
