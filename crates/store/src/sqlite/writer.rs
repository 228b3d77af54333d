//! The one thread that writes.
//!
//! It takes whatever write sets wait, up to a bound, into one transaction of the database, each in
//! a savepoint of its own, so that one that fails leaves its neighbours alone. Answers go out
//! after the commit. The more there is to do, the more share one wait for the disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use headwater_catalogue::Catalogue;
use rusqlite::Connection;
use tokio::sync::{mpsc, watch};

use super::command::{Answer, Command, Waiting};
use super::session::Session;
use crate::apply;
use crate::error::StoreError;
use crate::options::Options;
use crate::write_set::{Operation, WriteError, WriteSet};

/// Longest wait for a group to be as large as the one before: a small part of what the disk takes.
const GATHERING_MAX: Duration = Duration::from_micros(300);

/// The writer's thread.
#[derive(Debug)]
pub(crate) struct Writer {
    session: Session,
    /// What readers of the catalogue see.
    catalogue: Arc<ArcSwap<Catalogue>>,
    changed: watch::Sender<i64>,
    group_max: usize,
    /// What has happened to the running transaction that no savepoint undoes.
    harm: Option<WriteError>,
}

impl Writer {
    pub(crate) fn new(
        connection: Connection,
        catalogue: Arc<ArcSwap<Catalogue>>,
        changed: watch::Sender<i64>,
        options: &Options,
    ) -> Result<Self, StoreError> {
        let session = Session::new(connection, catalogue.load_full());
        let writer = Self {
            session,
            catalogue,
            changed,
            group_max: options.group_max.max(1),
            harm: None,
        };
        writer.migrate()?;
        Ok(writer)
    }

    fn migrate(&self) -> Result<(), StoreError> {
        let session = &self.session;
        session.connection.execute_batch("BEGIN IMMEDIATE")?;
        let result = session
            .migrate(&session.catalogue)
            .and_then(|()| self.renew_collation());
        let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        session.connection.execute_batch(end)?;
        result
    }

    /// Indexes on text hold the order our collation gave them. It follows the characters' lower
    /// case as Unicode says, and a new release of Unicode may say it differently.
    fn renew_collation(&self) -> Result<(), StoreError> {
        let (major, minor, update) = char::UNICODE_VERSION;
        let now = format!("{major}.{minor}.{update}");
        let known = setting(&self.session.connection, "unicode")?;
        if known.as_deref() == Some(&now) {
            return Ok(());
        }
        if known.is_some() {
            tracing::info!(unicode = now, "making the indexes on text anew");
            self.session
                .connection
                .execute_batch("REINDEX \"headwater_text\"")?;
        }
        set_setting(&self.session.connection, "unicode", &now)?;
        Ok(())
    }

    /// Reads what the last process left, and reserves the first numbers for ids.
    pub(crate) fn start(&mut self, ids_reserved: u64) -> Result<u64, StoreError> {
        self.recall()?;
        // Readers wake only for what is new to them; this is no news.
        let last = self.session.replay;
        self.changed.send_if_modified(|replay| {
            *replay = last;
            false
        });
        Ok(reserve_ids(&self.session.connection, ids_reserved)?)
    }

    /// Takes the numbers from the database, at the start and when a commit has failed.
    fn recall(&mut self) -> rusqlite::Result<()> {
        let last = "SELECT COALESCE(MAX(\"replay_id\"), 0) FROM \"_headwater_change\"";
        let replay = self.session.one(last, (), |row| row.get(0))?;
        self.session.replay = replay.unwrap_or(0);
        self.session.counters.clear();
        Ok(())
    }

    pub(crate) fn run(mut self, mut queue: mpsc::Receiver<Command>) {
        let mut expected = 0;
        while let Some(first) = queue.blocking_recv() {
            let group = self.gather(first, &mut queue, expected);
            expected = group.len();
            if group
                .iter()
                .any(|command| matches!(command, Command::Close))
            {
                queue.close();
            }
            self.commit(group);
        }
        self.finish();
    }

    /// Takes what waits, up to a bound. Those who were answered a moment ago are about to ask again,
    /// and it costs less to wait for them that long than to have the disk wait for each half of
    /// them; whoever writes alone is not kept waiting.
    fn gather(
        &self,
        first: Command,
        queue: &mut mpsc::Receiver<Command>,
        expected: usize,
    ) -> Vec<Command> {
        let mut group = vec![first];
        let begun = Instant::now();
        while group.len() < self.group_max {
            if let Ok(next) = queue.try_recv() {
                group.push(next);
            } else if group.len() < expected && begun.elapsed() < GATHERING_MAX {
                std::thread::yield_now();
            } else {
                break;
            }
        }
        group
    }

    /// Leaves the database in one file, with what its planner should know about it.
    fn finish(&mut self) {
        self.session.connection.flush_prepared_statement_cache();
        for text in ["PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)"] {
            if let Err(error) = self.session.connection.execute_batch(text) {
                tracing::warn!(%error, text, "closing the database");
            }
        }
    }

    /// One transaction for all of these; a change of the catalogue ends it, for what comes after
    /// is written by the new one.
    fn commit(&mut self, group: Vec<Command>) {
        let mut rest = group.into_iter().peekable();
        while rest.peek().is_some() {
            let before = Arc::clone(&self.session.catalogue);
            let replay = self.session.replay;
            let mut waiting = Vec::new();
            let begun = self.session.run("BEGIN IMMEDIATE", ());
            let mut whole = begun.map(|_| ()).map_err(|error| apply::database(&error));
            while whole.is_ok()
                && Arc::ptr_eq(&before, &self.session.catalogue)
                && let Some(command) = rest.next()
            {
                let (one, still_whole) = self.one_unharmed(command);
                waiting.extend(one);
                whole = still_whole;
            }
            match whole.and_then(|()| self.end().map_err(|error| apply::database(&error))) {
                Ok(()) => {
                    if !Arc::ptr_eq(&before, &self.session.catalogue) {
                        self.catalogue.store(Arc::clone(&self.session.catalogue));
                    }
                    if self.session.replay != replay {
                        self.changed.send_replace(self.session.replay);
                    }
                    for one in waiting {
                        one.tell(None);
                    }
                }
                Err(error) => {
                    // Those that were not begun fail as well: the database is in trouble.
                    waiting.extend(rest.by_ref().filter_map(Command::given_up));
                    self.undo(before);
                    for one in waiting {
                        one.tell(Some(&error));
                    }
                }
            }
        }
    }

    fn end(&mut self) -> rusqlite::Result<()> {
        let unwritten = self
            .session
            .counters
            .iter()
            .filter(|(_, (_, dirty))| *dirty);
        for (name, (value, _)) in unwritten {
            self.session.run(
                "INSERT INTO \"_headwater_counter\" (\"name\", \"value\") VALUES (?1, ?2) \
                 ON CONFLICT (\"name\") DO UPDATE SET \"value\" = ?2",
                (name, value),
            )?;
        }
        self.session.run("COMMIT", ())?;
        self.session
            .counters
            .values_mut()
            .for_each(|(_, dirty)| *dirty = false);
        Ok(())
    }

    fn undo(&mut self, catalogue: Arc<Catalogue>) {
        if !self.session.connection.is_autocommit()
            && let Err(error) = self.session.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "rolling back a group of writes");
        }
        if let Err(error) = self.recall() {
            tracing::error!(%error, "reading the last replay id");
        }
        self.session.set_catalogue(catalogue);
    }

    /// One command, and whether the transaction may go on after it.
    fn one_unharmed(&mut self, command: Command) -> (Option<Waiting>, Result<(), WriteError>) {
        // A mistake of ours in one write must not end all writing.
        let one = catch_unwind(AssertUnwindSafe(|| self.one(command)));
        let failed = |text: &str| Err(WriteError::Database(text.to_owned()));
        let Ok(one) = one else {
            tracing::error!("a write ended in a panic");
            return (None, failed("a write in the same group ended in a panic"));
        };
        let whole = if let Some(error) = self.harm.take() {
            Err(error)
        } else if self.session.connection.is_autocommit() {
            // After some failures SQLite rolls back everything by itself.
            failed("the database has rolled the group back")
        } else {
            Ok(())
        };
        (one, whole)
    }

    /// One command, in a savepoint if it takes one.
    fn one(&mut self, command: Command) -> Option<Waiting> {
        Some(match command {
            Command::Write(set, reply) => Waiting::Write(reply, self.write(&set)),
            Command::WriteBlocking(set, reply) => Waiting::WriteBlocking(reply, self.write(&set)),
            Command::Task(run) => {
                let mut told = None;
                let saved = self.saved(|session| match run(&session.connection) {
                    Ok(deliver) => {
                        told = Some(deliver);
                        Ok(())
                    }
                    Err(deliver) => {
                        told = Some(deliver);
                        Err(WriteError::Closed)
                    }
                });
                drop(saved);
                Waiting::Task(told?)
            }
            Command::Close => return None,
        })
    }

    fn write(&mut self, set: &WriteSet) -> Answer {
        let catalogue = Arc::clone(&self.session.catalogue);
        let replay = self.session.replay;
        let answer = if is_refused_whole(set) {
            let answer = apply::apply(&mut self.session, set);
            if let (Err(error), true) = (&answer, self.session.has_written) {
                self.harm = Some(WriteError::Database(error.to_string()));
            }
            answer
        } else {
            self.saved(|session| apply::apply(session, set))
        };
        if answer.is_err() {
            self.session.replay = replay;
            if !Arc::ptr_eq(&catalogue, &self.session.catalogue) {
                self.session.set_catalogue(catalogue);
            }
        }
        answer
    }

    fn saved<R>(
        &mut self,
        run: impl FnOnce(&mut Session) -> Result<R, WriteError>,
    ) -> Result<R, WriteError> {
        let failed = |error: rusqlite::Error| apply::database(&error);
        self.session.run("SAVEPOINT one", ()).map_err(failed)?;
        let result = run(&mut self.session);
        if result.is_err() {
            self.session.run("ROLLBACK TO one", ()).map_err(failed)?;
        }
        self.session.run("RELEASE one", ()).map_err(failed)?;
        result
    }
}

/// Whether a refusal of this write set leaves nothing behind, so that it needs no savepoint: it
/// writes one record, and everything that refuses it comes before its first statement or is that
/// statement. What follows fails only with the database, and then the group fails with it.
fn is_refused_whole(set: &WriteSet) -> bool {
    let one_record = matches!(
        &set.operations[..],
        [Operation::Insert { .. } | Operation::Update { .. }]
    );
    one_record && set.jobs.is_empty() && set.catalogue.is_none()
}

/// Reserves numbers for ids: the first of them.
pub(crate) fn reserve_ids(connection: &Connection, block: u64) -> rusqlite::Result<u64> {
    let known = setting(connection, "ids_reserved")?;
    let first = known.and_then(|text| text.parse::<u64>().ok()).unwrap_or(1);
    set_setting(connection, "ids_reserved", &(first + block).to_string())?;
    Ok(first)
}

fn setting(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    use rusqlite::OptionalExtension as _;
    connection
        .prepare_cached("SELECT \"value\" FROM \"_headwater_setting\" WHERE \"name\" = ?1")?
        .query_row((name,), |row| row.get(0))
        .optional()
}

fn set_setting(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO \"_headwater_setting\" (\"name\", \"value\") VALUES (?1, ?2) \
             ON CONFLICT (\"name\") DO UPDATE SET \"value\" = ?2",
        )?
        .execute((name, value))?;
    Ok(())
}
