//! Writes that wait, to be committed together, while reads of the same handle see them.
//!
//! A request that does all or nothing reads in between what it has written. It gets a handle of its
//! own on the store ([`Store::staging`]), which keeps its writes back. Nothing is held open in the
//! database for it: a read that has to see the writes has them applied, looks, and has them undone
//! again, all in one turn of the writer, and the end applies them once more for good. So they stay
//! data, which can be done again when another node is in the way, and nobody waits for a request
//! that thinks.
//!
//! A write that is kept back is not tried, for that would take the longer the more there are. It is
//! when a later read or the end finds one refused that the request is told which
//! ([`Store::refused_at`]), and begins anew with a handle that tries that one at once: the refusal
//! then comes from where it belongs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use headwater_catalogue::{Id, ValueType};
use headwater_soql::resolved::Query;

use crate::answer::{Page, PlanById, Selected};
use crate::command::{Batch, Done, Look, Looked, Task};
use crate::db::Store;
use crate::error::ReadError;
use crate::given::Given;
use crate::insert::Unnumbered;
use crate::plan;
use crate::plans::Planned;
use crate::rows::{Cells as _, Content, KeptRows, Row, RowSink};
use crate::write_set::{Committed, Operation, Outcome, WriteError, WriteSet};

/// The writes of one handle.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    /// Which writes are tried when they come.
    tried: Vec<usize>,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    sets: Vec<Arc<WriteSet>>,
    /// How many of them have their auto-numbers.
    numbered: usize,
    /// The first that is known to be refused.
    refused: Option<usize>,
}

impl Staged {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn sets(&self) -> Vec<Arc<WriteSet>> {
        self.waiting().sets.clone()
    }

    /// Remembers which write is refused, if that is what this says.
    fn note(&self, error: &WriteError) {
        if let WriteError::Earlier { place, .. } = error {
            self.waiting().refused.get_or_insert(*place);
        }
    }
}

impl Store {
    /// A handle whose writes wait until [`Store::commit_staged`], and whose reads see them; reads
    /// that block do not. Of its writes those at these places are tried when they come. They do not
    /// change the catalogue.
    #[must_use]
    pub fn staging(&self, tried: &[usize]) -> Self {
        self.with_staged(Staged {
            tried: tried.to_vec(),
            waiting: Mutex::default(),
        })
    }

    /// Whether writes of this handle wait.
    pub fn is_staging(&self) -> bool {
        self.staged.is_some()
    }

    /// The writes that wait.
    pub fn staged_sets(&self) -> Vec<Arc<WriteSet>> {
        self.staged.as_ref().map_or_else(Vec::new, |it| it.sets())
    }

    /// Which of the writes was refused, as far as reads or the commit have found out.
    pub fn refused_at(&self) -> Option<usize> {
        self.staged.as_ref()?.waiting().refused
    }

    /// Commits all writes that wait, or none.
    ///
    /// # Errors
    /// [`WriteError::Earlier`] when one of them is refused.
    pub async fn commit_staged(&self) -> Result<(), WriteError> {
        let Some(staged) = self.waiting() else {
            return Ok(());
        };
        let batch = Batch {
            before: Vec::new(),
            sets: staged.sets(),
            all_or_none: true,
            is_trial: false,
        };
        let answers = self.batch(batch).await?;
        for (place, answer) in answers.into_iter().enumerate() {
            match answer {
                Ok(_) | Err(WriteError::Undone) => {}
                Err(error) => {
                    let error = error.of_earlier(place);
                    staged.note(&error);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// The writes of this handle, if there are some for reads to see.
    pub(crate) fn waiting(&self) -> Option<&Staged> {
        let staged = self.staged.as_deref()?;
        let is_empty = staged.waiting().sets.is_empty();
        (!is_empty).then_some(staged)
    }

    /// Keeps a write back.
    pub(crate) async fn stage(
        &self,
        staged: &Staged,
        set: WriteSet,
    ) -> Result<Committed, WriteError> {
        let set = Arc::new(set);
        let place = staged.waiting().sets.len();
        if staged.tried.contains(&place) {
            let tried = self.stage_each(staged, vec![set], true).await?;
            return tried.into_iter().next().unwrap_or(Err(WriteError::Closed));
        }
        let expected = expected(&set);
        staged.waiting().sets.push(set);
        Ok(expected)
    }

    /// Keeps those of these writes back that would be done.
    pub(crate) async fn stage_each(
        &self,
        staged: &Staged,
        sets: Vec<Arc<WriteSet>>,
        all_or_none: bool,
    ) -> Result<Vec<Result<Committed, WriteError>>, WriteError> {
        let batch = Batch {
            before: staged.sets(),
            sets: sets.clone(),
            all_or_none,
            is_trial: true,
        };
        let answers = self.batch(batch).await;
        let answers = answers.inspect_err(|error| staged.note(error))?;
        let done = sets.into_iter().zip(&answers);
        let done = done.filter_map(|(set, answer)| answer.is_ok().then_some(set));
        staged.waiting().sets.extend(done);
        Ok(answers)
    }

    pub(crate) async fn select_staged<S: RowSink>(
        &self,
        staged: &Staged,
        query: &Query,
        page: &Page,
        sink: S,
    ) -> Result<Selected<S>, ReadError> {
        let planned = self.engine().plan(query, page)?;
        self.run_staged(staged, &planned, sink).await
    }

    /// Reads what is planned into a sink.
    pub(crate) async fn run_staged<S: RowSink>(
        &self,
        staged: &Staged,
        planned: &Planned,
        mut sink: S,
    ) -> Result<Selected<S>, ReadError> {
        if planned.wanted.rows == 0 {
            return Ok(planned.selected(sink, (0, None)));
        }
        let plan = &planned.plan;
        let (text, types) = (Arc::clone(&plan.text), Arc::clone(&plan.types));
        let kept = self
            .look_staged(staged, text, planned.parameters.clone(), types)
            .await?;
        let mut given = Given::new(planned, &mut sink);
        for row in kept.rows(plan.types.len()) {
            if !given.row(&row)? {
                break;
            }
        }
        let given = given.end();
        Ok(planned.selected(sink, given))
    }

    pub(crate) async fn count_staged(
        &self,
        staged: &Staged,
        query: &Query,
    ) -> Result<u64, ReadError> {
        let dialect = self.engine().dialect();
        let statement = dialect.build(&plan::count(query, dialect));
        let types = Arc::from([ValueType::Integer]);
        let kept = self
            .look_staged(staged, statement.text.into(), statement.parameters, types)
            .await?;
        let row = kept.rows(1).next();
        let count = row.and_then(|row| row.content(0).as_number());
        Ok(count.map_or(0, |count| u64::try_from(count).unwrap_or_default()))
    }

    pub(crate) async fn read_staged<R>(
        &self,
        staged: &Staged,
        plan: &PlanById,
        id: Id,
        read: impl FnOnce(&Row<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        let kept = self
            .look_staged(
                staged,
                Arc::clone(&plan.text),
                plan.parameters_of(id),
                Arc::clone(&plan.types),
            )
            .await?;
        let mut rows = kept.rows(plan.types.len());
        Ok(rows.next().map(|cells| {
            read(&Row {
                cells: &cells,
                types: &plan.types,
            })
        }))
    }

    async fn look_staged(
        &self,
        staged: &Staged,
        text: Arc<str>,
        parameters: Vec<Content>,
        types: Arc<[ValueType]>,
    ) -> Result<KeptRows, ReadError> {
        let looked = async {
            self.number_staged(staged).await?;
            let before = staged.sets();
            self.look(Look {
                before,
                text,
                parameters,
                types,
            })
            .await
        };
        match looked.await {
            Ok(Looked::Rows(kept)) => Ok(kept),
            Ok(Looked::TooLong) => Err(ReadError::TimedOut),
            Err(error) => {
                staged.note(&error);
                Err(match error {
                    WriteError::Closed => ReadError::Closed,
                    WriteError::Database(text) => ReadError::Database(text),
                    error => ReadError::Unavailable(error.to_string()),
                })
            }
        }
    }

    /// Gives new records the auto-numbers that they will keep. Each look would else give them
    /// others, and none of them the last.
    async fn number_staged(&self, staged: &Staged) -> Result<(), WriteError> {
        let (first, sets) = {
            let waiting = staged.waiting();
            (waiting.numbered, waiting.sets.clone())
        };
        for (place, set) in sets.iter().enumerate().skip(first) {
            let unnumbered = Unnumbered::of(set);
            if !unnumbered.is_empty() {
                let mut set = WriteSet::clone(set);
                for one in unnumbered {
                    if let Done::Numbered(number) =
                        self.task(Task::TakeNumber(one.counter.clone())).await?
                    {
                        one.number(&mut set, number);
                    }
                }
                staged.waiting().sets[place] = Arc::new(set);
            }
        }
        staged.waiting().numbered = sets.len();
        Ok(())
    }
}

/// What a write that waits is expected to do. Of the records before it nothing is known yet.
fn expected(set: &WriteSet) -> Committed {
    let outcome = |operation: &Operation| {
        let id = match operation {
            Operation::Insert { id, .. }
            | Operation::Update { id, .. }
            | Operation::Delete { id, .. }
            | Operation::Undelete { id, .. }
            | Operation::Erase { id, .. }
            | Operation::Merge { survivor: id, .. } => *id,
        };
        Outcome {
            id,
            before: Vec::new(),
            modstamp: set.at,
            moved: Vec::new(),
        }
    };
    Committed {
        outcomes: set.operations.iter().map(outcome).collect(),
        replay_id: 0,
    }
}
