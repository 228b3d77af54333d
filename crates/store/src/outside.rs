//! Bytes of files that lie outside of the database.
//!
//! The store never sees them. It knows how the one line of their sheet says what they are called, and that
//! somebody must look after them when that line goes. A look that is asked for here is a job: it comes with
//! the transaction that takes the line away, and before bytes are put where a line is yet to name them. So
//! whatever happens to either, nothing is left that nobody looks for.

use jiff::Timestamp;

use crate::command::Task;
use crate::connection::Failure;
use crate::db::Store;
use crate::jobs::Job;
use crate::rows::Cells;
use crate::session::Session;
use crate::sheet::{self, Line};
use crate::write_set::{NewJob, WriteError};

/// What a line begins with that names bytes. No base64 begins so.
const MARK: char = '@';

/// Bytes outside of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The sheet whose one line names them, if they are in use.
    pub sheet: i64,
    /// What they are called. A name is given once.
    pub name: String,
}

impl Outside {
    /// The kind of job that looks whether a line names bytes, and removes them if none does.
    pub const LOOK: &'static str = "files.look";

    /// The line that names them.
    pub fn line(&self) -> Line {
        Line {
            sheet: self.sheet,
            place: 0,
            record: None,
            is_new: false,
            text: Some(format!("{MARK}{}", self.name)),
        }
    }

    /// What a line names, if it does.
    pub fn of_line(line: &Line) -> Option<Self> {
        Some(Self {
            sheet: line.sheet,
            name: line.text.as_deref()?.strip_prefix(MARK)?.to_owned(),
        })
    }

    /// What a look is about.
    pub fn of_look(job: &Job) -> Option<Self> {
        let (sheet, name) = job.payload.split_once(' ')?;
        Some(Self {
            sheet: sheet.parse().ok()?,
            name: name.to_owned(),
        })
    }

    fn look(&self, due: Timestamp) -> NewJob {
        NewJob {
            kind: Self::LOOK.to_owned(),
            payload: format!("{} {}", self.sheet, self.name),
            due,
            lane: None,
        }
    }
}

impl Store {
    /// Asks for a look at bytes, durably and whatever becomes of the write that is to name them.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn look_later(&self, outside: &Outside, due: Timestamp) -> Result<(), WriteError> {
        let job = outside.look(due);
        self.task(Task::LeaveJob(job)).await.map(|_| ())
    }
}

/// Takes the lines of a file away. If they only named its bytes, these are to be looked at.
pub(crate) fn remove(session: &mut Session, sheet: i64, at: Timestamp) -> Result<(), Failure> {
    let [start, end, limit] = sheet::selected(sheet, 0, 1);
    let parameters = [start.as_ref(), end.as_ref(), limit.as_ref()];
    let first = session.one(sheet::SELECT, &parameters, |row: &dyn Cells| {
        sheet::read(row)
    })?;
    if let Some(outside) = first.as_ref().and_then(Outside::of_line) {
        crate::jobs::add(session, &outside.look(at))?;
    }
    sheet::remove(session, sheet, usize::MAX).map(|_| ())
}
