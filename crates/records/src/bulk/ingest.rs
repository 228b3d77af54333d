//! Rows that are written: many at a time on their way, each by itself through the one write path.
//!
//! The writer of the store takes what waits into one transaction, so rows that are on their way
//! together share the wait for the disk, and writes of others come in between. Rows of the same record
//! wait for one another, so that the last of them is what holds.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;
use headwater_catalogue::{Id, Object};
use headwater_store::{Line, Mark};

use super::door::{BulkDoor, BulkRow};
use super::error::BulkError;
use super::job::BulkOperation;
use super::source::RowSource;
use super::unit::Unit;
use super::work::{End, Keeper, Note, milliseconds, object_of};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::write::Precondition;

/// Most rows on their way at once.
const UNDERWAY_MAX: usize = 512;

/// Rows after which is written down how far the job is.
const NOTED_EVERY: u64 = 1_000;

/// How often a row is tried that somebody else is in the way of.
const ROW_TRIES_MAX: usize = 3;

/// Outcomes of an earlier attempt that are read at a time.
const KNOWN_TOGETHER: usize = 1_000;

impl Org {
    /// Writes the rows of a unit.
    pub(super) async fn ingest<D: BulkDoor>(
        &self,
        door: &D,
        caller: &Caller,
        unit: &Unit,
        keeper: Keeper<'_>,
    ) -> Result<End, Error> {
        let Some(object) = object_of(caller, unit) else {
            let name = unit.job.object.clone().unwrap_or_default();
            return Ok(End::Refused(door.sentence(Error::UnknownObject(name))));
        };
        let Some(sheet) = unit.progress().row_sheet() else {
            return self.end_empty(unit, caller).await;
        };
        let reader = door.reader(caller, object, &unit.job);
        let progress = unit.progress();
        let ingest = Ingest {
            org: self,
            door,
            caller,
            object,
            unit,
            sheet,
        };
        let run = Run {
            known: ingest.known(progress.processed).await?,
            source: RowSource::new(self, reader, progress.text_sheet()),
            stashed: None,
            is_exhausted: false,
            place: 0,
            keys: HashSet::new(),
            processed: progress.processed,
            failed: progress.failed,
            noted: progress.processed,
            refusals: Vec::new(),
        };
        ingest.run(run, keeper).await
    }

    /// Nothing was uploaded.
    async fn end_empty(&self, unit: &Unit, caller: &Caller) -> Result<End, Error> {
        let note = Note {
            is_last: true,
            ..Note::default()
        };
        let noted = self.note_progress(unit, caller, note).await?;
        Ok(if noted { End::Complete } else { End::Stopped })
    }
}

/// What does not change while rows are written.
struct Ingest<'a, D> {
    org: &'a Org,
    door: &'a D,
    caller: &'a Caller,
    object: &'a Arc<Object>,
    unit: &'a Unit,
    /// Where lines say what became of rows.
    sheet: i64,
}

/// Where it stands.
struct Run<'a> {
    source: RowSource<'a>,
    /// Rows that an earlier attempt has done after it last wrote down how far it was.
    known: HashMap<u32, bool>,
    /// A row whose record another row on its way is about.
    stashed: Option<BulkRow>,
    is_exhausted: bool,
    /// The next row's place.
    place: u32,
    /// The records that rows on their way are about.
    keys: HashSet<String>,
    processed: u64,
    failed: u64,
    /// How many were processed when that was last written down.
    noted: u64,
    /// Refused rows, since then.
    refusals: Vec<Line>,
}

/// Something on its way.
enum Step {
    /// A row.
    Row {
        row: BulkRow,
        mark: Mark,
        key: Option<String>,
    },
    /// A row that was done before; whether it was refused.
    Known(bool),
    /// How far the job is.
    Note(Note),
}

/// What came of it.
enum Stepped {
    Row {
        key: Option<String>,
        refusal: Option<Line>,
    },
    Known(bool),
    Noted,
    Stopped,
}

impl<D: BulkDoor> Ingest<'_, D> {
    async fn run(&self, mut run: Run<'_>, mut keeper: Keeper<'_>) -> Result<End, Error> {
        let mut underway = FuturesOrdered::new();
        loop {
            while underway.len() < UNDERWAY_MAX {
                match self.next_step(&mut run).await? {
                    Ok(Some(step)) => underway.push_back(self.step(step)),
                    Ok(None) => break,
                    // Rows before it are done, and what became of them is kept.
                    Err(wrong) => {
                        while let Some(stepped) = underway.next().await {
                            run.take(stepped?);
                        }
                        self.note(&mut run, &keeper, false).await?;
                        return Ok(End::Refused(wrong));
                    }
                }
            }
            let Some(stepped) = underway.next().await else {
                break;
            };
            if !run.take(stepped?) {
                return Ok(End::Stopped);
            }
            if run.processed - run.noted >= NOTED_EVERY {
                if !keeper.keep().await? {
                    return Ok(End::Stopped);
                }
                let note = self.noted(&mut run, &keeper, false);
                underway.push_back(self.step(Step::Note(note)));
            }
        }
        let is_ended = self.note(&mut run, &keeper, true).await?;
        Ok(if is_ended {
            End::Complete
        } else {
            End::Stopped
        })
    }

    /// Rows that were done after it was last written down how far the job is: whether each was
    /// refused.
    async fn known(&self, processed: u64) -> Result<HashMap<u32, bool>, Error> {
        let mut known = HashMap::new();
        let mut from = u32::try_from(processed).unwrap_or(u32::MAX);
        loop {
            let store = self.org.store();
            let lines = store.lines(self.sheet, from, KNOWN_TOGETHER).await?;
            let Some(last) = lines.last() else {
                return Ok(known);
            };
            from = last.place + 1;
            known.extend(lines.iter().map(|line| (line.place, line.record.is_none())));
        }
    }

    /// The next thing to do; none for now when rows on their way must end first, or there are no
    /// more rows.
    async fn next_step(&self, run: &mut Run<'_>) -> Result<Result<Option<Step>, String>, Error> {
        // What lies before the last note is done.
        while let Some(row) = match run.stashed.take() {
            _ if run.is_exhausted => None,
            Some(row) => Some(row),
            None => match run.source.next().await? {
                Ok(row) => row,
                Err(wrong) => return Ok(Err(wrong)),
            },
        } {
            if u64::from(run.place) < self.unit.progress().processed {
                run.place += 1;
                continue;
            }
            if let Some(is_refused) = run.known.remove(&run.place) {
                run.place += 1;
                return Ok(Ok(Some(Step::Known(is_refused))));
            }
            let key = row.key.as_deref().map(same_for_all);
            if let Some(key) = &key
                && !run.keys.insert(key.clone())
            {
                run.stashed = Some(row);
                return Ok(Ok(None));
            }
            let mark = Mark {
                sheet: self.sheet,
                place: run.place,
            };
            run.place += 1;
            return Ok(Ok(Some(Step::Row { row, mark, key })));
        }
        run.is_exhausted = true;
        Ok(Ok(None))
    }

    async fn step(&self, step: Step) -> Result<Stepped, Error> {
        match step {
            Step::Known(is_refused) => Ok(Stepped::Known(is_refused)),
            Step::Note(note) => {
                let org = self.org;
                let noted = org.note_progress(self.unit, self.caller, note).await?;
                Ok(if noted {
                    Stepped::Noted
                } else {
                    Stepped::Stopped
                })
            }
            Step::Row { row, mark, key } => {
                let refusal = match self.row(&row, mark).await {
                    Ok(()) => None,
                    Err(error) if is_ours(&error) => return Err(error),
                    Err(error) => Some(mark.says(self.door.refusal(error))),
                };
                Ok(Stepped::Row { key, refusal })
            }
        }
    }

    /// Writes a row, again if somebody was in the way.
    async fn row(&self, row: &BulkRow, mark: Mark) -> Result<(), Error> {
        for _ in 1..ROW_TRIES_MAX {
            match self.write(row, mark).await {
                Err(Error::Busy) => {}
                written => return written,
            }
        }
        self.write(row, mark).await
    }

    async fn write(&self, row: &BulkRow, mark: Mark) -> Result<(), Error> {
        if let Some(wrong) = &row.wrong {
            return Err(BulkError::BadInput(wrong.clone()).into());
        }
        let (org, object) = (self.org, &*self.object.name);
        // A job takes long enough for its maker's rights to change meanwhile.
        let caller = &org.caller(self.unit.job.created_by).await?;
        let key = |field: &str| {
            let key = row.key.as_deref().filter(|key| !key.is_empty());
            key.ok_or_else(|| BulkError::NoKey(field.to_owned()))
        };
        match self.unit.job.operation {
            BulkOperation::Insert => {
                org.create_noting(caller, object, &row.draft, mark).await?;
            }
            BulkOperation::Update => {
                let when = Precondition::default();
                org.update_noting(caller, object, key("Id")?, &row.draft, when, mark)
                    .await?;
            }
            BulkOperation::Upsert => {
                let field = self.unit.job.external_id.as_deref().unwrap_or("Id");
                match key(field) {
                    Err(_) if field.eq_ignore_ascii_case("Id") => {
                        org.create_noting(caller, object, &row.draft, mark).await?;
                    }
                    key => {
                        let by = (field, key?);
                        org.upsert_noting(caller, object, by, &row.draft, false, Some(mark))
                            .await?;
                    }
                }
            }
            BulkOperation::Delete => {
                org.delete_noting(caller, object, key("Id")?, Some(mark))
                    .await?;
            }
            BulkOperation::HardDelete => {
                org.delete_for_good_noting(caller, object, key("Id")?, Some(mark))
                    .await?;
            }
            BulkOperation::Query | BulkOperation::QueryAll => {}
        }
        Ok(())
    }

    async fn note(
        &self,
        run: &mut Run<'_>,
        keeper: &Keeper<'_>,
        is_last: bool,
    ) -> Result<bool, Error> {
        let note = self.noted(run, keeper, is_last);
        self.org.note_progress(self.unit, self.caller, note).await
    }

    fn noted(&self, run: &mut Run<'_>, keeper: &Keeper<'_>, is_last: bool) -> Note {
        run.noted = run.processed;
        let before = self.unit.progress().milliseconds;
        Note {
            processed: run.processed,
            failed: run.failed,
            milliseconds: before + milliseconds(self.org, keeper.since),
            next: None,
            is_last,
            lines: std::mem::take(&mut run.refusals),
        }
    }
}

impl Run<'_> {
    /// Takes what came of a step; false when somebody has stopped the job.
    fn take(&mut self, stepped: Stepped) -> bool {
        match stepped {
            Stepped::Row { key, refusal } => {
                if let Some(key) = key {
                    self.keys.remove(&key);
                }
                self.processed += 1;
                self.failed += u64::from(refusal.is_some());
                self.refusals.extend(refusal);
            }
            Stepped::Known(is_refused) => {
                self.processed += 1;
                self.failed += u64::from(is_refused);
            }
            Stepped::Noted => {}
            Stepped::Stopped => return false,
        }
        true
    }
}

/// A key as it compares: ids have two lengths, and texts no case.
fn same_for_all(key: &str) -> String {
    let id = key.parse::<Id>();
    id.map_or_else(|_| key.to_lowercase(), |id| id.to_string())
}

/// Whether an error says nothing about the row: the job is tried again then.
fn is_ours(error: &Error) -> bool {
    matches!(
        error,
        Error::Busy
            | Error::InDoubt
            | Error::FilesUnreachable
            | Error::FilesNotScanned
            | Error::Internal(_)
    )
}
