//! Several records at once: each change as if it were alone, in one transaction for all of them.
//!
//! What each comes to is worked out first, against the records as they are. Then the store applies
//! them in their order, so that one may refer to, or change, what one before it has made. Those that
//! others were faster than are worked out again.

use std::collections::HashSet;

use headwater_catalogue::Id;
use headwater_store::{Committed, WriteError, WriteSet};

use super::prepared::Prepared;
use super::{Precondition, TRIES_MAX, Written, id_of, may, refuse_key_in_body};
use crate::caller::Caller;
use crate::draft::{Draft, Input};
use crate::error::{Error, Verb};
use crate::org::Org;

/// Most records that are changed in one transaction.
pub const RECORDS_TOGETHER_MAX: usize = 200;

/// One change of one record, as a caller asks for it.
#[derive(Debug, Clone)]
pub enum RecordWrite {
    /// As [`Org::create`].
    Create {
        /// The object.
        object: String,
        /// The values.
        draft: Draft,
    },
    /// As [`Org::update`].
    Update {
        /// The object.
        object: String,
        /// The record.
        id: String,
        /// The values.
        draft: Draft,
    },
    /// As [`Org::upsert`].
    Upsert {
        /// The object.
        object: String,
        /// The external id.
        field: String,
        /// What it holds.
        value: String,
        /// The other values.
        draft: Draft,
    },
    /// As [`Org::delete`].
    Delete {
        /// The object.
        object: String,
        /// The record.
        id: String,
    },
}

/// A new record of a tree.
#[derive(Debug, Clone)]
pub struct Sapling {
    /// The object.
    pub object: String,
    /// The values.
    pub draft: Draft,
    /// The place of its parent in the list, which comes before it, and the field that refers to it.
    pub parent: Option<(usize, String)>,
}

/// What became of each change, in their order.
pub type Answers = Vec<Result<Written, Error>>;

impl Org {
    /// Does several changes in one transaction, of which those that are refused leave the others
    /// alone, or, with `all_or_none`, have all of them undone as [`Error::RolledBack`].
    ///
    /// # Errors
    /// Nothing was written: [`Error::LimitExceeded`] when they are too many, or what befell all of
    /// them.
    pub async fn write_each(
        &self,
        caller: &Caller,
        writes: &[RecordWrite],
        all_or_none: bool,
    ) -> Result<Answers, Error> {
        refuse_too_many(writes.len())?;
        let twice = named_twice(writes);
        let mut answers: Vec<Option<Result<Written, Error>>> = Vec::new();
        answers.resize_with(writes.len(), || None);
        let mut open: Vec<usize> = (0..writes.len()).collect();
        for tries_left in (0..TRIES_MAX).rev() {
            let mut ready = Vec::with_capacity(open.len());
            for place in open.drain(..) {
                let prepared = match &writes[place] {
                    RecordWrite::Upsert { field, .. } if twice.contains(&place) => {
                        Err(given_twice(field))
                    }
                    write => Box::pin(self.prepare(caller, write)).await,
                };
                match prepared {
                    Ok((prepared, set)) => ready.push((place, prepared, set)),
                    Err(error) => answers[place] = Some(Err(error)),
                }
            }
            let is_refused = all_or_none && ready.len() < writes.len();
            let again = self
                .write_ready(caller, ready, &mut answers, (all_or_none, is_refused))
                .await?;
            if again.is_empty() {
                break;
            }
            if tries_left == 0 {
                for (place, error) in again {
                    answers[place] = Some(Err(error));
                }
                break;
            }
            if all_or_none {
                answers.fill_with(|| None);
                open = (0..writes.len()).collect();
            } else {
                open = again.into_iter().map(|(place, _)| place).collect();
            }
        }
        Ok(answers
            .into_iter()
            .map(|answer| answer.unwrap_or(Err(Error::Busy)))
            .collect())
    }

    /// The same where some changes are known to be refused before they are tried, each with what is said of
    /// it: with `all_or_none` they too have the others undone.
    ///
    /// # Errors
    /// As [`Org::write_each`].
    pub async fn write_readable<R>(
        &self,
        caller: &Caller,
        asked: Vec<Result<RecordWrite, R>>,
        all_or_none: bool,
        refusal: fn(Error) -> R,
    ) -> Result<Vec<Result<Written, R>>, Error> {
        refuse_too_many(asked.len())?;
        let is_refused = all_or_none && asked.iter().any(Result::is_err);
        let mut writes = Vec::with_capacity(asked.len());
        let mut answers = Vec::with_capacity(asked.len());
        for one in asked {
            answers.push(match one {
                Ok(_) if is_refused => Some(Err(refusal(Error::RolledBack))),
                Ok(write) => {
                    writes.push(write);
                    None
                }
                Err(refused) => Some(Err(refused)),
            });
        }
        let done = match &writes[..] {
            [] => Vec::new(),
            writes => self.write_each(caller, writes, all_or_none).await?,
        };
        let mut done = done.into_iter().map(|done| done.map_err(refusal));
        let answers = answers.into_iter();
        Ok(answers
            .filter_map(|answer| answer.or_else(|| done.next()))
            .collect())
    }

    /// Makes records with those that refer to them: all, or none as [`Error::RolledBack`].
    ///
    /// # Errors
    /// As [`Org::write_each`].
    pub async fn plant(&self, caller: &Caller, saplings: Vec<Sapling>) -> Result<Answers, Error> {
        refuse_too_many(saplings.len())?;
        let mut answers: Vec<Option<Result<Written, Error>>> = Vec::new();
        answers.resize_with(saplings.len(), || None);
        let mut ids: Vec<Option<Id>> = Vec::with_capacity(saplings.len());
        let mut ready = Vec::with_capacity(saplings.len());
        for (place, sapling) in saplings.into_iter().enumerate() {
            let prepared = match with_parent(sapling, &ids) {
                Some((object, draft)) => {
                    let write = RecordWrite::Create { object, draft };
                    Box::pin(self.prepare(caller, &write)).await
                }
                None => Err(Error::RolledBack),
            };
            ids.push(prepared.as_ref().ok().map(|(prepared, _)| prepared.id));
            match prepared {
                Ok((prepared, set)) => ready.push((place, prepared, set)),
                Err(error) => answers[place] = Some(Err(error)),
            }
        }
        let is_refused = ready.len() < answers.len();
        let again = self
            .write_ready(caller, ready, &mut answers, (true, is_refused))
            .await?;
        for (place, error) in again {
            answers[place] = Some(Err(error));
        }
        Ok(answers
            .into_iter()
            .map(|answer| answer.unwrap_or(Err(Error::Busy)))
            .collect())
    }

    /// Writes what is ready, or only asks what would become of it: those to try again, with what
    /// to say when there is no more trying.
    async fn write_ready(
        &self,
        caller: &Caller,
        ready: Vec<(usize, Prepared, WriteSet)>,
        answers: &mut [Option<Result<Written, Error>>],
        (all_or_none, is_refused): (bool, bool),
    ) -> Result<Vec<(usize, Error)>, Error> {
        let mut changes = Vec::with_capacity(ready.len());
        let mut sets = Vec::with_capacity(ready.len());
        for (place, prepared, set) in ready {
            changes.push((place, prepared));
            sets.push(set);
        }
        let done = if is_refused {
            self.store().try_each(sets).await
        } else {
            self.apply_each(sets, all_or_none).await
        };
        let mut again = Vec::new();
        for ((place, prepared), done) in changes.into_iter().zip(done?) {
            let is_old = matches!(&done, Err(error) if prepared.is_out_of_date(error));
            let answer = answer(self, caller, prepared, done, is_refused).await;
            match answer {
                Err(error) if is_old && !is_refused => again.push((place, error)),
                answer => answers[place] = Some(answer),
            }
        }
        Ok(again)
    }

    /// What a change comes to, with the records as they are.
    async fn prepare(
        &self,
        caller: &Caller,
        write: &RecordWrite,
    ) -> Result<(Prepared, WriteSet), Error> {
        match write {
            RecordWrite::Create { object, draft } => {
                let object = may(caller, object, Verb::Create)?;
                self.prepare_insert(caller, object, draft).await
            }
            RecordWrite::Update { object, id, draft } => {
                let object = may(caller, object, Verb::Update)?;
                let id = id_of(object, id)?;
                let when = Precondition::default();
                self.prepare_revision(caller, object, id, draft, when).await
            }
            RecordWrite::Upsert {
                object,
                field,
                value,
                draft,
            } => {
                self.prepare_upsert(caller, object, field, value, draft)
                    .await
            }
            RecordWrite::Delete { object, id } => {
                let object = may(caller, object, Verb::Delete)?;
                Ok(self.prepare_delete(caller, object, id_of(object, id)?))
            }
        }
    }

    async fn prepare_upsert(
        &self,
        caller: &Caller,
        object: &str,
        field: &str,
        value: &str,
        draft: &Draft,
    ) -> Result<(Prepared, WriteSet), Error> {
        match self.find(caller, object, field, value).await {
            Ok(id) => {
                let object = may(caller, object, Verb::Update)?;
                refuse_key_in_body(object, field, draft)?;
                let when = Precondition::default();
                self.prepare_revision(caller, object, id, draft, when).await
            }
            Err(Error::NotFound(_)) => {
                let object = may(caller, object, Verb::Create)?;
                refuse_key_in_body(object, field, draft)?;
                let value = Input::Text(value.to_owned());
                let mut draft = draft.clone();
                draft.fields.push((field.to_owned(), value));
                let (prepared, set) = self.prepare_insert(caller, object, &draft).await?;
                // Somebody may make it meanwhile; then it is there to be changed.
                Ok((prepared.or_changed(), set))
            }
            Err(error) => Err(error),
        }
    }
}

fn refuse_too_many(records: usize) -> Result<(), Error> {
    if records <= RECORDS_TOGETHER_MAX {
        return Ok(());
    }
    Err(Error::LimitExceeded {
        what: "the number of records".to_owned(),
        limit: RECORDS_TOGETHER_MAX.to_string(),
    })
}

async fn answer(
    org: &Org,
    caller: &Caller,
    prepared: Prepared,
    done: Result<Committed, WriteError>,
    is_refused: bool,
) -> Result<Written, Error> {
    match done {
        Ok(_) if is_refused => Err(Error::RolledBack),
        Ok(_) => Ok(prepared.written()),
        Err(WriteError::Undone) => Err(Error::RolledBack),
        Err(error) => Err(prepared.refusal(org, caller, error).await),
    }
}

/// The places of upserts whose key an earlier one of them has too: which values should hold?
fn named_twice(writes: &[RecordWrite]) -> HashSet<usize> {
    let mut seen = HashSet::new();
    let mut twice = HashSet::new();
    for (place, write) in writes.iter().enumerate() {
        if let RecordWrite::Upsert {
            object,
            field,
            value,
            ..
        } = write
        {
            let key = [object, field, value].map(|part| part.to_lowercase());
            if !seen.insert(key) {
                twice.insert(place);
            }
        }
    }
    twice
}

fn given_twice(field: &str) -> Error {
    Error::Duplicate {
        fields: vec![field.to_owned().into()],
        existing: None,
    }
}

/// What a sapling holds, its parent among it; none when there will be no parent.
fn with_parent(sapling: Sapling, ids: &[Option<Id>]) -> Option<(String, Draft)> {
    let Sapling {
        object,
        mut draft,
        parent,
    } = sapling;
    if let Some((place, field)) = parent {
        let id = ids.get(place).copied().flatten()?;
        draft.fields.push((field, Input::Text(id.to_string())));
    }
    Some((object, draft))
}
