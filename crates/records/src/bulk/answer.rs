//! Queries: found page by page, and kept as lines of text until somebody fetches them.

use std::sync::Arc;

use headwater_soql::resolved::Query;
use headwater_store::{Key, Mark, Page};

use super::batch::BatchState;
use super::door::{AnswerWriter, BulkDoor};
use super::job::BulkOperation;
use super::request::check_query;
use super::unit::Unit;
use super::work::{End, Keeper, Note, milliseconds};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::query::{RecordSink as _, resolved};

/// Rows of one line of an answer; of the last one as many as are left.
pub const ANSWER_LINE_ROWS: usize = 500;

/// Rows read at a time: whole lines.
const PAGE_ROWS: u64 = 4 * ANSWER_LINE_ROWS as u64;

impl Org {
    /// Answers the query of a unit.
    pub(super) async fn answer<D: BulkDoor>(
        &self,
        door: &D,
        caller: &Caller,
        unit: &Unit,
        mut keeper: Keeper<'_>,
    ) -> Result<End, Error> {
        let Some(sheet) = answer_sheet(unit) else {
            return Ok(End::Refused("The job has no query".to_owned()));
        };
        let mut rows = unit.progress().processed;
        let mut after = unit.progress().next.as_deref().map(str::parse::<Key>);
        loop {
            let query = match self.query_of_unit(unit).await {
                Ok(query) => query,
                Err(error @ (Error::Busy | Error::Internal(_))) => return Err(error),
                Err(error) => return Ok(End::Refused(door.sentence(error))),
            };
            let page = Page {
                after: after.take().transpose().map_err(Error::internal)?,
                rows_max: Some(PAGE_ROWS),
            };
            let mut sink = door.writer(&unit.job, rows == 0);
            sink.begin(&query);
            let selected = self.store().select(Arc::clone(&query), page, sink).await;
            let mut selected = match selected {
                Ok(selected) => selected,
                Err(error) => match Error::from(error) {
                    error @ Error::QueryTooLarge { .. } => {
                        return Ok(End::Refused(door.sentence(error)));
                    }
                    error => return Err(error),
                },
            };
            let first = u32::try_from(rows / ANSWER_LINE_ROWS as u64).unwrap_or(u32::MAX);
            rows += selected.rows;
            let texts = selected.sink.take_lines().into_iter();
            let lines = (first..).zip(texts).map(|(place, text)| {
                let mark = Mark { sheet, place };
                mark.says(text)
            });
            let next = selected.next.map(|key| key.to_string());
            let note = Note {
                processed: rows,
                failed: 0,
                milliseconds: unit.progress().milliseconds + milliseconds(self, keeper.since),
                is_last: next.is_none(),
                next: next.clone(),
                lines: lines.collect(),
            };
            if !self.note_progress(unit, caller, note).await? || !keeper.keep().await? {
                return Ok(End::Stopped);
            }
            match next {
                Some(next) => after = Some(next.parse::<Key>()),
                None => return Ok(End::Complete),
            }
        }
    }

    /// The query of a unit with its maker's rights as they are now, for these may change between its
    /// pages.
    async fn query_of_unit(&self, unit: &Unit) -> Result<Arc<Query>, Error> {
        let caller = &self.caller(unit.job.created_by).await?;
        let soql = match (&unit.batch, &unit.job.query) {
            (None, Some(query)) => query.clone(),
            (Some(batch), _) if batch.query.is_some() => batch.query.clone().unwrap_or_default(),
            _ => self.uploaded_query(unit).await?,
        };
        let all = unit.job.operation == BulkOperation::QueryAll;
        // Day and hour are those of the job, so that every page answers the same question.
        let query = resolved(caller, &soql, all, unit.job.created)?;
        check_query(&query)?;
        Ok(Arc::new(query))
    }

    /// The query that was handed in as a batch.
    async fn uploaded_query(&self, unit: &Unit) -> Result<String, Error> {
        let Some(sheet) = unit.progress().text_sheet() else {
            return Ok(String::new());
        };
        let lines = self.store().lines(sheet, 0, 1).await?;
        Ok(lines
            .into_iter()
            .next()
            .and_then(|line| line.text)
            .unwrap_or_default())
    }
}

/// Where an answer goes: beside the query, if that was handed in.
pub(super) fn answer_sheet(unit: &Unit) -> Option<i64> {
    match &unit.batch {
        Some(batch) if batch.state != BatchState::NotProcessed => batch.progress.row_sheet(),
        Some(_) => None,
        None => unit.job.progress.text_sheet(),
    }
}
