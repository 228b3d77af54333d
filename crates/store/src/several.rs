//! Several writes in one transaction, and reads that see writes which are not committed.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::command::{Batch, Command, Look, Looked, Reply};
use crate::db::Store;
use crate::write_set::{Committed, WriteError, WriteSet};

impl Store {
    /// Applies several writes in one transaction, in their order, each as if it were alone: one that
    /// is refused leaves the others as they are, or, with `all_or_none`, has all of them undone as
    /// [`WriteError::Undone`]. None of them changes the catalogue.
    ///
    /// # Errors
    /// What befell all of them; see [`WriteError`].
    pub async fn write_each(
        &self,
        sets: Vec<WriteSet>,
        all_or_none: bool,
    ) -> Result<Vec<Result<Committed, WriteError>>, WriteError> {
        let sets = sets.into_iter().map(Arc::new).collect();
        if let Some(staged) = &self.staged {
            return Box::pin(self.stage_each(staged, sets, all_or_none)).await;
        }
        self.batch(Batch {
            before: Vec::new(),
            sets,
            all_or_none,
            is_trial: false,
        })
        .await
    }

    /// What [`Store::write_each`] would answer if each were written that can be; nothing is.
    ///
    /// # Errors
    /// As [`Store::write_each`].
    pub async fn try_each(
        &self,
        sets: Vec<WriteSet>,
    ) -> Result<Vec<Result<Committed, WriteError>>, WriteError> {
        let before = self.staged.as_ref().map_or_else(Vec::new, |it| it.sets());
        let batch = Batch {
            before,
            sets: sets.into_iter().map(Arc::new).collect(),
            all_or_none: false,
            is_trial: true,
        };
        self.batch(batch).await
    }

    pub(crate) async fn batch(
        &self,
        batch: Batch,
    ) -> Result<Vec<Result<Committed, WriteError>>, WriteError> {
        let (reply, answer) = oneshot::channel();
        let command = Command::Batch(Box::new(batch), Reply::Waker(reply));
        self.send(command, answer).await
    }

    pub(crate) async fn look(&self, look: Look) -> Result<Looked, WriteError> {
        let (reply, answer) = oneshot::channel();
        let command = Command::Look(Box::new(look), Reply::Waker(reply));
        self.send(command, answer).await
    }
}
