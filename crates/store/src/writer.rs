//! The thread that writes.
//!
//! It takes whatever write sets wait, up to a bound, into one transaction of the database. Answers go
//! out after the commit. The more there is to do, the more share one wait for the disk.
//!
//! One that is refused leaves its neighbours alone. Most refusals come before anything was written, and
//! savepoints are dear (SQLite copies each page that is touched after one), so a group is written without
//! any at first; when one of it is refused after it has written something, the group is undone and
//! written again, each in a savepoint of its own.
//!
//! What meets somebody else's transaction does not hold its neighbours up: the group is undone,
//! and each of it is done again in a transaction of its own, by a second writer.

mod several;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use headwater_catalogue::Catalogue;
use metrics::counter;
use tokio::sync::{broadcast, mpsc, watch};

use crate::apply;
use crate::command::{Command, Performed};
use crate::connection::{Ends, Failure};
use crate::ids;
use crate::session::{Mark, Session};
use crate::write_set::{Committed, WriteError, WriteSet};

pub(crate) use several::Answers;

/// Longest wait for a group to be as large as the one before: a small part of what the disk takes.
const GATHERING_MAX: Duration = Duration::from_micros(300);

/// Longest wait of a group for somebody else's lock, before it is undone.
const GROUP_PATIENCE: Duration = Duration::from_millis(50);

/// Longest wait of one write for somebody else's lock, at first and then each time: others that
/// are in nobody's way come after it.
const PATIENCE: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(100)];

/// Longest time a write is tried that others are in the way of.
const TRYING_MAX: Duration = Duration::from_secs(5);

/// How often it is tried, where each try ends at once.
const TRIES_MAX: usize = 100;

/// What a writer and the rest of the store share.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    /// What readers of the catalogue see.
    pub(crate) catalogue: Arc<ArcSwap<Catalogue>>,
    /// The last replay id.
    pub(crate) changed: watch::Sender<i64>,
    /// Where signals are told to those who listen in this process.
    pub(crate) signals: broadcast::Sender<Arc<str>>,
}

/// The writer's thread.
pub(crate) struct Writer {
    session: Session,
    shared: Shared,
    group_max: usize,
    /// Where those go that must be done alone; none for the writer that does these.
    alone: Option<mpsc::UnboundedSender<Command>>,
    /// Whether every write gets a savepoint, after which it can be told what was wrong with it.
    always_saves: bool,
    /// Whether those of the running transaction get one.
    saves: bool,
    /// Whether one of the running transaction was refused that no savepoint undoes.
    is_torn: bool,
}

impl Writer {
    /// A writer of groups, which leaves what must be done alone to another, if there is one.
    pub(crate) fn new(
        session: Session,
        shared: Shared,
        group_max: usize,
        alone: Option<mpsc::UnboundedSender<Command>>,
    ) -> Self {
        Self {
            session,
            shared,
            group_max: group_max.max(1),
            alone,
            always_saves: false,
            saves: false,
            is_torn: false,
        }
    }

    /// Writes until it is told to close.
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
        self.session.connection.finish();
    }

    /// Does one after the other, each until it works or has been tried long enough. One that still
    /// cannot be done goes to the end of those that wait. Ends with the writer it helps.
    pub(crate) fn run_alone(mut self, mut queue: mpsc::UnboundedReceiver<Command>) {
        (self.always_saves, self.saves) = (true, true);
        let mut waiting = VecDeque::new();
        loop {
            if waiting.is_empty() {
                match queue.blocking_recv() {
                    Some(command) => waiting.extend(self.attempt(Waiting::new(command))),
                    None => break,
                }
            }
            // Most of those that have come meanwhile are in nobody's way.
            for _ in 0..queue.len() {
                if let Ok(command) = queue.try_recv() {
                    waiting.extend(self.attempt(Waiting::new(command)));
                }
            }
            let longest = waiting.pop_front();
            waiting.extend(longest.and_then(|longest| self.attempt(longest)));
        }
        self.session.connection.finish();
    }

    /// Tries a write alone; gives it back if somebody else is still in its way.
    fn attempt(&mut self, waiting: Waiting) -> Option<Waiting> {
        let Waiting {
            command,
            since,
            tried,
        } = waiting;
        let last_chance = since.elapsed() >= TRYING_MAX || tried + 1 >= TRIES_MAX;
        let patience = PATIENCE[tried.min(PATIENCE.len() - 1)];
        let mut one = VecDeque::from([command]);
        let command = self.transaction(&mut one, patience, last_chance).pop()?;
        Some(Waiting {
            command,
            since,
            tried: tried + 1,
        })
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

    /// One transaction for all of these; a change of the catalogue ends it, for what comes after
    /// is written by the new one. Where somebody else was in the way, it most likely was in that of
    /// the last one begun: the others are tried once more together.
    fn commit(&mut self, group: Vec<Command>) {
        let last_chance = self.alone.is_none();
        let mut rest = VecDeque::from(group);
        while !rest.is_empty() {
            let mut again = self.transaction(&mut rest, GROUP_PATIENCE, last_chance);
            let stuck = again.pop();
            self.leave(stuck);
            let mut once_more = VecDeque::from(again);
            while !once_more.is_empty() {
                let again = self.transaction(&mut once_more, GROUP_PATIENCE, last_chance);
                self.leave(again);
            }
        }
    }

    /// Leaves these to the writer that does one after the other.
    fn leave(&self, commands: impl IntoIterator<Item = Command>) {
        for command in commands {
            match &self.alone {
                Some(alone) => {
                    if let Err(refused) = alone.send(command) {
                        refused.0.tell(Err(WriteError::Closed));
                    }
                }
                None => command.tell(Err(WriteError::Closed)),
            }
        }
    }

    /// One transaction: those that somebody else was in the way of, unless this was their last
    /// chance. What is left over was not begun, or is to be begun again, with savepoints.
    fn transaction(
        &mut self,
        rest: &mut VecDeque<Command>,
        patience: Duration,
        last_chance: bool,
    ) -> Vec<Command> {
        let before = self.shared.catalogue.load_full();
        if !Arc::ptr_eq(&before, &self.session.catalogue) {
            self.session.set_catalogue(Arc::clone(&before));
        }
        let mut begun: Vec<(Command, Performed)> = Vec::with_capacity(rest.len());
        // One that has to be durable makes all of them so.
        let is_durable = |command: &Command| command.ends() == Ends::Durable;
        let ends = if rest.iter().any(is_durable) {
            Ends::Durable
        } else {
            Ends::Fleeting
        };
        self.session.forget_checks();
        let mut whole = self.session.connection.begin(patience, ends);
        while whole.is_ok()
            && Arc::ptr_eq(&before, &self.session.catalogue)
            && let Some(command) = rest.pop_front()
        {
            let performed = self.perform_unharmed(&command);
            whole = performed.as_ref().map(|_| ()).map_err(Clone::clone);
            begun.push((command, performed.unwrap_or(Performed::Closed)));
            if self.is_torn {
                break;
            }
        }
        self.saves = self.always_saves;
        if std::mem::take(&mut self.is_torn) && whole.is_ok() {
            self.undo(before);
            self.saves = true;
            for (command, _) in begun.into_iter().rev() {
                rest.push_front(command);
            }
            return Vec::new();
        }
        match whole.and_then(|()| self.end(&mut begun)) {
            Ok(last) => {
                if !Arc::ptr_eq(&before, &self.session.catalogue) {
                    let catalogue = Arc::clone(&self.session.catalogue);
                    self.shared.catalogue.store(catalogue);
                }
                if let Some(last) = last {
                    self.shared.changed.send_if_modified(|known| {
                        let newer = last > *known;
                        *known = last.max(*known);
                        newer
                    });
                }
                counter!("headwater_commits_total").increment(1);
                counter!("headwater_committed_writes_total").increment(begun.len() as u64);
                for (command, performed) in begun {
                    command.tell(Ok(performed));
                }
                Vec::new()
            }
            Err(failure) => {
                self.undo(before);
                let begun = begun.into_iter().map(|(command, _)| command);
                if matches!(failure, Failure::Again(_)) && !last_chance {
                    return begun.collect();
                }
                let error = WriteError::from(failure);
                // Those that were not begun fail as well: the database is in trouble.
                for command in begun.chain(rest.drain(..)) {
                    command.tell(Err(error.clone()));
                }
                Vec::new()
            }
        }
    }

    /// Writes what waited for the end, numbers the changes and commits: the last replay id, if there
    /// was a change.
    fn end(&mut self, begun: &mut [(Command, Performed)]) -> Result<Option<i64>, Failure> {
        self.session.write_words(Mark::default())?;
        let last = self.session.write_changes()?;
        if let Some(changes) = &last {
            for (_, performed) in begun {
                performed.number(changes.before);
            }
        }
        self.session.connection.commit(last.as_ref())?;
        Ok(last.map(|changes| changes.last))
    }

    fn undo(&mut self, catalogue: Arc<Catalogue>) {
        self.session.connection.rollback();
        self.session.forget_since(Mark::default());
        if !Arc::ptr_eq(&catalogue, &self.session.catalogue) {
            self.session.set_catalogue(catalogue);
        }
    }

    /// One command; a failure is one that the transaction cannot go on after.
    fn perform_unharmed(&mut self, command: &Command) -> Result<Performed, Failure> {
        // A mistake of ours in one write must not end all writing.
        let performed = catch_unwind(AssertUnwindSafe(|| self.perform(command)));
        let Ok(performed) = performed else {
            tracing::error!("a write ended in a panic");
            let text = "a write in the same group ended in a panic";
            return Err(Failure::Other(text.to_owned()));
        };
        match self.session.connection.trouble() {
            Some(failure) => Err(failure),
            None => Ok(performed),
        }
    }

    fn perform(&mut self, command: &Command) -> Performed {
        match command {
            Command::Write(set, _) => Performed::Write(self.write(set)),
            Command::Batch(batch, _) => Performed::Batch(self.batch(batch)),
            Command::Look(look, _) => Performed::Look(self.look(look)),
            Command::Task(task, _) => Performed::Task(self.saved(|session| task.run(session))),
            Command::Ids(ids) => {
                let connection = &self.session.connection;
                Performed::Ids(connection.take_numbers(ids::COUNTER, ids.block))
            }
            Command::Close => Performed::Closed,
        }
    }

    fn write(&mut self, set: &WriteSet) -> Result<Committed, WriteError> {
        if self.saves || set.catalogue.is_some() {
            return self.write_in_savepoint(set);
        }
        self.undoing(|writer| {
            let answer = apply::apply(&mut writer.session, set);
            writer.is_torn = answer.is_err() && writer.session.has_written();
            answer
        })
    }

    fn write_in_savepoint(&mut self, set: &WriteSet) -> Result<Committed, WriteError> {
        self.undoing(|writer| writer.saved(|session| apply::apply(session, set)))
    }

    /// Applies a write, and forgets what is known of it when it fails.
    fn undoing(
        &mut self,
        apply: impl FnOnce(&mut Self) -> Result<Committed, WriteError>,
    ) -> Result<Committed, WriteError> {
        let catalogue = Arc::clone(&self.session.catalogue);
        let mark = self.session.mark();
        let answer = apply(self);
        if answer.is_err() {
            self.session.forget_since(mark);
            if !Arc::ptr_eq(&catalogue, &self.session.catalogue) {
                self.session.set_catalogue(catalogue);
            }
        }
        answer
    }

    fn saved<R, E: From<Failure>>(
        &mut self,
        run: impl FnOnce(&mut Session) -> Result<R, E>,
    ) -> Result<R, E> {
        self.session.connection.save()?;
        let result = run(&mut self.session);
        if result.is_err() {
            self.session.connection.undo_to_saved()?;
        }
        self.session.connection.release()?;
        result
    }
}

/// A write that somebody else may be in the way of.
struct Waiting {
    command: Command,
    since: Instant,
    tried: usize,
}

impl Waiting {
    fn new(command: Command) -> Self {
        Self {
            command,
            since: Instant::now(),
            tried: 0,
        }
    }
}
