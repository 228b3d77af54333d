//! Several write sets one after the other, and looking at what they would make of the database.

use std::sync::Arc;
use std::time::Duration;

use super::Writer;
use crate::apply;
use crate::command::{Batch, Look, Looked};
use crate::connection::Failure;
use crate::rows::{KeptRows, Row, RowSink as _};
use crate::write_set::{Committed, WriteError, WriteSet};

/// Longest time a read may take that sees writes which are not committed: while it runs, all
/// others who write wait.
const LOOK_TIME_MAX: Duration = Duration::from_secs(1);

/// What each set of a batch did.
pub(crate) type Answers = Vec<Result<Committed, WriteError>>;

impl Writer {
    /// Applies each set in a savepoint of its own; see [`Batch`].
    pub(super) fn batch(&mut self, batch: &Batch) -> Result<Answers, WriteError> {
        self.bracketed(|writer| {
            writer.apply_before(&batch.before)?;
            let mut answers = Answers::with_capacity(batch.sets.len());
            for set in &batch.sets {
                answers.push(writer.write_in_savepoint(set));
                // The transaction cannot go on, and whoever runs it sees that as well.
                if writer.session.connection.trouble().is_some() {
                    break;
                }
            }
            let undone = batch.all_or_none && answers.iter().any(Result::is_err);
            for answer in &mut answers {
                match answer {
                    Ok(_) if undone => *answer = Err(WriteError::Undone),
                    // A trial's changes get no numbers.
                    Ok(committed) if batch.is_trial => committed.replay_id = 0,
                    Ok(_) | Err(_) => {}
                }
            }
            Ok((answers, !undone && !batch.is_trial))
        })
    }

    /// Reads what would be there after some writes.
    pub(super) fn look(&mut self, look: &Look) -> Result<Looked, WriteError> {
        self.bracketed(|writer| {
            // What others of the group have written has its words later, as it was.
            let mark = writer.session.mark();
            writer.apply_before(&look.before)?;
            writer.session.write_words(mark)?;
            let mut kept = KeptRows::default();
            let mut keep = |cells: &dyn crate::rows::Cells| {
                kept.row(&Row {
                    cells,
                    types: &look.types,
                });
            };
            let connection = &mut writer.session.connection;
            match connection.read_within(&look.text, &look.parameters, LOOK_TIME_MAX, &mut keep) {
                Ok(()) => Ok((Looked::Rows(kept), false)),
                Err(Failure::TooLong) => Ok((Looked::TooLong, false)),
                Err(failure) => Err(failure.into()),
            }
        })
    }

    fn apply_before(&mut self, sets: &[Arc<WriteSet>]) -> Result<(), WriteError> {
        for (place, set) in sets.iter().enumerate() {
            let applied = apply::apply(&mut self.session, set);
            applied.map_err(|error| error.of_earlier(place))?;
        }
        Ok(())
    }

    /// Runs something in a savepoint, which is undone when it fails or does not want to be kept.
    fn bracketed<R>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<(R, bool), WriteError>,
    ) -> Result<R, WriteError> {
        let mark = self.session.mark();
        self.session.connection.save()?;
        let result = run(self);
        if !matches!(result, Ok((_, true))) {
            self.session.connection.undo_to_saved()?;
            self.session.forget_since(mark);
        }
        self.session.connection.release()?;
        result.map(|(result, _)| result)
    }
}
