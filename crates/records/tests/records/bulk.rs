//! Bulk jobs: worked by whoever claims them, broken off and gone on with, never a row twice.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use headwater_catalogue::{Object, Value};
use headwater_records::bulk::{
    ANSWER_LINE_ROWS, AnswerWriter, BulkDoor, BulkError, BulkOperation, BulkRow, Concurrency, Job,
    JobKind, JobState, KEPT, Kept, NewJob, Outcome, Read, RowReader,
};
use headwater_records::{Caller, Draft, Error, Input, RecordSink, Row, RowSink};
use headwater_soql::resolved::Query;
use jiff::SignedDuration;
use tokio::sync::Notify;

use crate::world::World;

/// Longer than any claim holds.
const LEASE: SignedDuration = SignedDuration::from_mins(2);

/// Lines of text: what stands before a comma is the key, what after it the name.
#[derive(Debug, Default)]
struct Lines {
    /// The row at which somebody is told, and rows read so far.
    tells_at: Option<usize>,
    read: AtomicUsize,
    told: Arc<Notify>,
    sentences: Mutex<Vec<String>>,
}

#[derive(Debug)]
struct LineReader {
    lines: VecDeque<String>,
    is_ended: bool,
    told: Option<(usize, Arc<Notify>)>,
}

impl BulkDoor for Lines {
    type Writer = LineWriter;

    fn reader(&self, _: &Caller, _: &Arc<Object>, _: &Job) -> Box<dyn RowReader + Send> {
        self.read.fetch_add(1, Ordering::Relaxed);
        Box::new(LineReader {
            lines: VecDeque::new(),
            is_ended: false,
            told: self.tells_at.map(|row| (row, Arc::clone(&self.told))),
        })
    }

    fn writer(&self, _: &Job, _: bool) -> LineWriter {
        LineWriter::default()
    }

    fn refusal(&self, error: Error) -> String {
        error.to_string()
    }

    fn sentence(&self, error: Error) -> String {
        let sentence = error.to_string();
        self.sentences.lock().unwrap().push(sentence.clone());
        sentence
    }
}

impl RowReader for LineReader {
    fn feed(&mut self, text: &str) {
        self.lines.extend(text.lines().map(str::to_owned));
    }

    fn end(&mut self) {
        self.is_ended = true;
    }

    fn next(&mut self) -> Result<Read, String> {
        if let Some((rows, told)) = &mut self.told {
            *rows = rows.saturating_sub(1);
            if *rows == 0 {
                told.notify_one();
            }
        }
        let Some(line) = self.lines.pop_front() else {
            return Ok(if self.is_ended { Read::End } else { Read::More });
        };
        if line == "broken" {
            return Err("this cannot be read".to_owned());
        }
        let (key, name) = line.split_once(',').unwrap_or(("", &line));
        Ok(Read::Row(BulkRow {
            draft: Draft::new().with("Name", Input::Text(name.to_owned())),
            key: (!key.is_empty()).then(|| key.to_owned()),
            wrong: None,
        }))
    }
}

#[derive(Debug, Default)]
struct LineWriter {
    lines: Vec<String>,
    rows: usize,
}

impl RecordSink for LineWriter {
    fn begin(&mut self, _: &Arc<Query>) {}
}

impl RowSink for LineWriter {
    fn row(&mut self, _: &Row<'_>) {
        if self.rows.is_multiple_of(ANSWER_LINE_ROWS) {
            self.lines.push(String::new());
        }
        self.rows += 1;
        self.lines.last_mut().unwrap().push('.');
    }
}

impl AnswerWriter for LineWriter {
    fn take_lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }
}

fn wish(operation: BulkOperation) -> NewJob {
    let kind = if operation.is_query() {
        JobKind::Query
    } else {
        JobKind::Ingest
    };
    NewJob {
        kind,
        operation,
        object: Some("Account".to_owned()),
        content_type: "CSV".to_owned(),
        column_delimiter: None,
        line_ending: None,
        external_id: None,
        concurrency: Concurrency::Parallel,
        version: 62,
        query: None,
        chunk_size: None,
    }
}

/// A job whose rows are all there and that waits to be worked.
async fn waiting(world: &World, operation: BulkOperation, text: &str) -> Job {
    let (org, admin) = (&world.org, &world.admin);
    let job = org.create_job(admin, wish(operation)).await.unwrap();
    let id = job.id.to_string();
    let (job, mut upload) = org.begin_upload(admin, &id).await.unwrap();
    // Cut in the middle of characters too.
    for part in text.as_bytes().chunks(1_001) {
        org.upload(&mut upload, part).await.unwrap();
    }
    org.end_upload(admin, &job, upload).await.unwrap();
    org.close_job(admin, &id).await.unwrap()
}

async fn again(world: &World, job: &Job) -> Job {
    world.org.job(&world.admin, job.id.as_str()).await.unwrap()
}

async fn outcomes(world: &World, job: &Job) -> Vec<Outcome> {
    let job = again(world, job).await;
    let mut all: Vec<Outcome> = Vec::new();
    loop {
        let from = all.last().map_or(0, |last| last.place + 1);
        let org = &world.org;
        let more = org.outcomes(&world.admin, &job, &job.progress, from).await;
        let more = more.unwrap();
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

/// Rows whose places end in nothing: every hundredth has no name and is refused.
fn names(rows: usize) -> String {
    let line = |row: usize| match row % 100 {
        99 => ",\n".to_owned(),
        _ => format!("Größe {row}\n"),
    };
    (0..rows).map(line).collect()
}

#[tokio::test]
async fn every_row_is_tried_and_what_became_of_it_is_kept() {
    let world = World::new().await;
    let job = waiting(&world, BulkOperation::Insert, &names(250)).await;
    assert_eq!(job.state, JobState::UploadComplete);
    assert!(world.org.has_bulk_work().await.unwrap());
    assert!(world.org.work_bulk(&Lines::default()).await.unwrap());
    let done = again(&world, &job).await;
    assert_eq!(done.state, JobState::JobComplete);
    assert_eq!((done.progress.processed, done.progress.failed), (250, 2));
    let outcomes = outcomes(&world, &job).await;
    assert_eq!(outcomes.len(), 250);
    for (place, outcome) in (0..).zip(&outcomes) {
        assert_eq!(outcome.place, place);
        assert_eq!(outcome.record.is_none(), place % 100 == 99, "{place}");
        assert_eq!(outcome.refusal.is_some(), outcome.record.is_none());
    }
    let found = world
        .count(&world.admin, "SELECT COUNT() FROM Account")
        .await;
    assert_eq!(found, 248);
    assert!(!world.org.work_bulk(&Lines::default()).await.unwrap());
}

#[tokio::test]
async fn a_job_that_was_broken_off_goes_on_without_doing_a_row_twice() {
    let mut world = World::new().await;
    let job = waiting(&world, BulkOperation::Insert, &names(2_400)).await;
    let mut tries = 0;
    for tells_at in [300, 900, 1_500, 2_100] {
        let door = Lines {
            tells_at: Some(tells_at),
            ..Lines::default()
        };
        // Whoever works it is gone in the middle of its rows.
        tokio::select! {
            biased;
            () = door.told.notified() => tries += 1,
            worked = world.org.work_bulk(&door) => panic!("it was not broken off: {worked:?}"),
        }
        // Nobody takes over as long as the claim holds.
        assert!(!world.org.has_bulk_work().await.unwrap());
        world.clock.advance(LEASE);
        world = world.reopened().await;
    }
    assert!(world.org.work_bulk(&Lines::default()).await.unwrap());
    let done = again(&world, &job).await;
    assert_eq!(done.state, JobState::JobComplete);
    assert_eq!((done.progress.processed, done.progress.failed), (2_400, 24));
    assert_eq!(done.progress.retries, tries);
    let found = world
        .count(&world.admin, "SELECT COUNT() FROM Account")
        .await;
    assert_eq!(found, 2_376, "no row is missing, and none was done twice");
    let mut records: Vec<_> = outcomes(&world, &job)
        .await
        .into_iter()
        .filter_map(|outcome| outcome.record)
        .collect();
    assert_eq!(records.len(), 2_376);
    records.sort_unstable();
    records.dedup();
    assert_eq!(records.len(), 2_376);
}

#[tokio::test]
async fn two_that_both_believe_a_job_to_be_theirs_do_no_row_twice() {
    let world = World::new().await;
    let job = waiting(&world, BulkOperation::Insert, &names(1_000)).await;
    let slow = Lines {
        tells_at: Some(100),
        ..Lines::default()
    };
    let first = async {
        let working = world.org.work_bulk(&slow);
        tokio::pin!(working);
        tokio::select! {
            biased;
            () = slow.told.notified() => {}
            _ = &mut working => {}
        }
        // It does not notice how late it is, and goes on beside the other.
        world.clock.advance(LEASE);
        let other = Lines::default();
        let (_, taken) = tokio::join!(working, world.org.work_bulk(&other));
        taken
    };
    let _ = first.await;
    for _ in 0..5 {
        world.clock.advance(LEASE);
        let _ = world.org.work_bulk(&Lines::default()).await;
    }
    let done = again(&world, &job).await;
    assert_eq!(done.state, JobState::JobComplete);
    assert_eq!(done.progress.processed, 1_000);
    let found = world
        .count(&world.admin, "SELECT COUNT() FROM Account")
        .await;
    assert_eq!(found, 990);
}

#[tokio::test]
async fn rows_of_one_record_hold_in_their_order() {
    let world = World::new().await;
    let account = world.account("Before").await;
    let line = |row| format!("{account},Name {row}\n");
    let lines: Vec<String> = (0..500).map(line).collect();
    let job = waiting(&world, BulkOperation::Update, &lines.concat()).await;
    world.org.work_bulk(&Lines::default()).await.unwrap();
    assert_eq!(again(&world, &job).await.progress.processed, 500);
    let name = world.value(&world.admin, "SELECT Name FROM Account").await;
    assert_eq!(name, Value::from("Name 499"));
}

#[tokio::test]
async fn what_cannot_be_read_ends_the_job_and_keeps_what_was_done() {
    let world = World::new().await;
    let job = waiting(&world, BulkOperation::Insert, "One\n,\nbroken\nTwo\n").await;
    world.org.work_bulk(&Lines::default()).await.unwrap();
    let failed = again(&world, &job).await;
    assert_eq!(failed.state, JobState::Failed);
    assert_eq!(
        failed.progress.error.as_deref(),
        Some("this cannot be read")
    );
    assert_eq!((failed.progress.processed, failed.progress.failed), (2, 1));
    assert_eq!(outcomes(&world, &job).await.len(), 2);
}

#[tokio::test]
async fn a_job_that_is_stopped_stops() {
    let world = World::new().await;
    let job = waiting(&world, BulkOperation::Insert, &names(10)).await;
    let (org, admin) = (&world.org, &world.admin);
    org.abort_job(admin, job.id.as_str()).await.unwrap();
    org.work_bulk(&Lines::default()).await.unwrap();
    assert_eq!(again(&world, &job).await.state, JobState::Aborted);
    let found = world
        .count(&world.admin, "SELECT COUNT() FROM Account")
        .await;
    assert_eq!(found, 0);
    let refused = org.abort_job(admin, job.id.as_str()).await;
    let is_told = matches!(refused, Err(Error::Bulk(BulkError::WrongState(_))));
    assert!(is_told, "{refused:?}");
}

#[tokio::test]
async fn rights_are_those_of_whoever_made_the_job_when_it_is_worked() {
    let world = World::new().await;
    let (org, agent) = (&world.org, &world.agent);
    let job = org.create_job(agent, wish(BulkOperation::Insert)).await;
    let id = job.unwrap().id.to_string();
    let (job, mut upload) = org.begin_upload(agent, &id).await.unwrap();
    org.upload(&mut upload, b"One\n").await.unwrap();
    org.end_upload(agent, &job, upload).await.unwrap();
    org.close_job(agent, &id).await.unwrap();
    world
        .set_object_right("Support Agent", "Account", "PermissionsCreate", false)
        .await;
    org.work_bulk(&Lines::default()).await.unwrap();
    let outcomes = outcomes(&world, &job).await;
    assert_eq!(outcomes.len(), 1);
    assert!(outcomes[0].refusal.is_some(), "{outcomes:?}");
    // Another agent sees no job of theirs.
    let other = world.user("other", "Support Agent").await;
    let hidden = org.job(&other, &id).await;
    let is_told = matches!(hidden, Err(Error::Bulk(BulkError::UnknownJob(_))));
    assert!(is_told, "{hidden:?}");
    assert!(
        org.jobs(&other, &JobKind::ALL, None)
            .await
            .unwrap()
            .jobs
            .is_empty()
    );
    assert_eq!(
        org.jobs(agent, &JobKind::ALL, None)
            .await
            .unwrap()
            .jobs
            .len(),
        1
    );
}

#[tokio::test]
async fn a_right_that_is_withdrawn_while_a_job_is_worked_is_gone_for_its_other_rows() {
    const ROWS: u64 = 3_000;
    let world = World::new().await;
    let (org, agent) = (&world.org, &world.agent);
    let job = org.create_job(agent, wish(BulkOperation::Insert)).await;
    let id = job.unwrap().id.to_string();
    let (job, mut upload) = org.begin_upload(agent, &id).await.unwrap();
    let text = "One\n".repeat(usize::try_from(ROWS).unwrap());
    org.upload(&mut upload, text.as_bytes()).await.unwrap();
    org.end_upload(agent, &job, upload).await.unwrap();
    org.close_job(agent, &id).await.unwrap();
    let door = Lines {
        tells_at: Some(300),
        ..Lines::default()
    };
    let withdrawn = async {
        door.told.notified().await;
        world
            .set_object_right("Support Agent", "Account", "PermissionsCreate", false)
            .await;
    };
    let (worked, ()) = tokio::join!(org.work_bulk(&door), withdrawn);
    assert!(worked.unwrap());
    let done = again(&world, &job).await;
    assert_eq!(done.state, JobState::JobComplete);
    assert_eq!(done.progress.processed, ROWS);
    let made = world
        .count(&world.admin, "SELECT COUNT() FROM Account")
        .await;
    assert_eq!(made, ROWS - done.progress.failed);
    assert!(
        made > 0 && done.progress.failed > ROWS / 2,
        "{:?}",
        done.progress
    );
}

#[tokio::test]
async fn a_query_is_kept_in_lines_of_so_many_rows() {
    let world = World::new().await;
    waiting(&world, BulkOperation::Insert, &"Same\n".repeat(2_600)).await;
    world.org.work_bulk(&Lines::default()).await.unwrap();
    let (org, admin) = (&world.org, &world.admin);
    let job = org
        .create_job(
            admin,
            NewJob {
                query: Some("SELECT Id, Name FROM Account".to_owned()),
                object: None,
                ..wish(BulkOperation::Query)
            },
        )
        .await
        .unwrap();
    assert_eq!(job.object.as_deref(), Some("Account"));
    org.work_bulk(&Lines::default()).await.unwrap();
    let done = again(&world, &job).await;
    assert_eq!(done.state, JobState::JobComplete);
    assert_eq!(done.progress.processed, 2_600);
    let mut rows = Vec::new();
    for place in 0.. {
        let line = org.bulk_text(admin, &done, None, Kept::Answer, place).await;
        match line.unwrap() {
            Some(line) => rows.push(line.len()),
            None => break,
        }
    }
    assert_eq!(rows, [500, 500, 500, 500, 500, 100]);
}

#[tokio::test]
async fn what_is_old_goes_with_all_that_it_kept() {
    let world = World::new().await;
    let job = waiting(&world, BulkOperation::Insert, &names(1_200)).await;
    world.org.work_bulk(&Lines::default()).await.unwrap();
    world.clock.advance(KEPT);
    assert_eq!(world.org.tidy_bulk().await.unwrap(), 0);
    world.clock.advance(SignedDuration::from_secs(1));
    let done = again(&world, &job).await;
    assert_eq!(world.org.tidy_bulk().await.unwrap(), 1);
    let (org, admin) = (&world.org, &world.admin);
    let left = org.outcomes(admin, &done, &done.progress, 0).await.unwrap();
    assert!(left.is_empty());
    let text = org.bulk_text(admin, &done, None, Kept::Upload, 0).await;
    assert_eq!(text.unwrap(), None);
    assert!(org.job(admin, job.id.as_str()).await.is_err());
}

#[tokio::test]
async fn batches_of_a_serial_job_go_one_after_the_other() {
    let world = World::new().await;
    let (org, admin) = (&world.org, &world.admin);
    let serial = NewJob {
        kind: JobKind::Classic,
        concurrency: Concurrency::Serial,
        ..wish(BulkOperation::Insert)
    };
    let job = org.create_job(admin, serial).await.unwrap();
    for rows in [3_000, 1, 2] {
        let mut upload = org.begin_batch(admin, &job).await.unwrap();
        let text = "Same\n".repeat(rows);
        org.upload(&mut upload, text.as_bytes()).await.unwrap();
        org.end_batch(admin, &job, upload).await.unwrap();
    }
    let states = async || {
        let batches = org.batches(admin, &job).await.unwrap();
        let states = batches.iter().map(|batch| batch.state.word());
        states.collect::<Vec<_>>()
    };
    let first = Lines {
        tells_at: Some(2),
        ..Lines::default()
    };
    let meanwhile = async {
        first.told.notified().await;
        assert!(!org.has_bulk_work().await.unwrap());
        assert!(!org.work_bulk(&Lines::default()).await.unwrap());
        assert_eq!(states().await, ["InProgress", "Queued", "Queued"]);
    };
    let (worked, ()) = tokio::join!(org.work_bulk(&first), meanwhile);
    assert!(worked.unwrap());
    for expected in [
        ["Completed", "Queued", "Queued"],
        ["Completed", "Completed", "Queued"],
        ["Completed", "Completed", "Completed"],
    ] {
        assert_eq!(states().await, expected);
        org.work_bulk(&Lines::default()).await.unwrap();
    }
}
