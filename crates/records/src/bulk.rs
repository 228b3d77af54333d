//! Bulk jobs: rows written or read in great numbers, in the background, by whichever node has time.
//!
//! A job is a record, so that there are rights on it and people can look at it. What was uploaded, what
//! became of each row and what a query found are lines of sheets in the store, in the database like
//! all else: nodes have nothing of their own, and any of them goes on where another stopped.
//!
//! Work is claimed with a lease. Each row goes through the one write path, with a line in the same
//! transaction that says it was done; a line can be written once only, so no row is done twice, not even
//! by two nodes that both believe the job to be theirs. How far a job is gets written down every so many
//! rows, together with the rows that were refused: those changed nothing, and are tried again when a
//! node stops between the two.
//!
//! How rows look is for the doors to say: a [`BulkDoor`] reads what was uploaded, writes what was found
//! and words what was refused.

mod answer;
mod batch;
mod chunk;
mod door;
mod error;
mod ingest;
mod job;
mod lifecycle;
mod request;
mod rows;
mod source;
mod tidy;
mod unit;
mod upload;
mod work;

pub use answer::ANSWER_LINE_ROWS;
pub use batch::{Batch, BatchState};
pub use door::{AnswerWriter, BulkDoor, BulkRow, Read, RowReader};
pub use error::BulkError;
pub use job::{BulkOperation, Concurrency, Job, JobKind, JobState, Progress};
pub use lifecycle::JobPage;
pub use request::NewJob;
pub use rows::{Kept, Outcome};
pub use tidy::KEPT;
pub use upload::{UPLOAD_BYTES_MAX, Upload};
