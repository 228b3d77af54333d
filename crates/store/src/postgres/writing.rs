//! A connection that writes.
//!
//! It belongs to one thread, which runs it itself: a statement costs a way to the server and back
//! and no waking of another thread. Statements whose outcome nobody needs at once travel together
//! with the next one that somebody does.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{FutureExt as _, StreamExt as _};
use tokio::runtime::Runtime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, SimpleQueryMessage, Statement};

use super::address::Address;
use super::cells::Parameter;
use super::failure::{lost, meaning, unreachable};
use super::state::{Later, Line, State};
use super::{check, link};
use crate::connection::{Connection, Failure, TAKE_NUMBERS};
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::options::Options;
use crate::rows::{Cells, ContentRef};

/// Longest time a group waits for somebody else's lock, before it is undone and each of it done
/// by itself.
const GROUP_LOCK_WAIT: Duration = Duration::from_millis(100);

/// Longest time a single write waits for somebody else's lock.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Longest time to find out whether a commit happened whose answer was lost.
const DOUBT_MAX: Duration = Duration::from_secs(10);

/// How long to wait before the next look.
const PAUSE: Duration = Duration::from_millis(100);

/// Most statements that stay prepared.
const PREPARED_MAX: usize = 1_000;

/// What has become of a transaction.
const STATUS: &str = "SELECT pg_xact_status($1::text::xid8)";

/// A connection that writes.
pub(crate) struct Writing {
    runtime: Runtime,
    address: Arc<Address>,
    /// What each connection is told first.
    first: String,
    /// Whether it does one write at a time, each statement of which is waited for.
    alone: bool,
    state: RefCell<State>,
}

impl Writing {
    /// Connects to a database, if it is one to use; says whether our tables are there.
    pub(super) fn open(
        address: Arc<Address>,
        options: &Options,
        alone: bool,
    ) -> Result<(Self, bool), StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreError::Database(format!("no runtime to write on: {error}")))?;
        let lock_wait = if alone { LOCK_WAIT } else { GROUP_LOCK_WAIT };
        let first = format!(
            "SET lock_timeout = {}; {} SET synchronous_commit = {};",
            lock_wait.as_millis(),
            link::time_max(options.query_time_max),
            if options.durable { "on" } else { "off" }
        );
        let writing = Self {
            runtime,
            address,
            first,
            alone,
            state: RefCell::default(),
        };
        let line = writing.connect(&writing.first);
        let line = line.map_err(|error| writing.address.unusable(&error))?;
        let checked = check::check(&line.client, &writing.address);
        let is_made = writing.runtime.block_on(checked)?;
        writing.state.borrow_mut().line = Some(line);
        Ok((writing, is_made))
    }

    fn connect(&self, first: &str) -> Result<Line, Error> {
        let open = link::Link::open(&self.address, self.runtime.handle(), first, 0);
        let link = self.runtime.block_on(open)?;
        Ok(Line {
            client: Arc::new(link.client),
            prepared: HashMap::new(),
        })
    }

    /// The connection, made anew if it was lost.
    fn ensure(&self) -> Result<(), Failure> {
        let lost = |line: &Option<Line>| line.as_ref().is_none_or(|line| line.client.is_closed());
        if lost(&self.state.borrow().line) {
            let line = self
                .connect(&self.first)
                .map_err(|error| unreachable(&error))?;
            self.state.borrow_mut().line = Some(line);
        }
        Ok(())
    }

    fn client(&self) -> Result<Arc<Client>, Failure> {
        let state = self.state.borrow();
        let line = state.line.as_ref().ok_or_else(lost)?;
        Ok(Arc::clone(&line.client))
    }

    fn statement(&self, text: &str) -> Result<(Arc<Client>, Statement), Failure> {
        let client = self.client()?;
        let known = self
            .state
            .borrow()
            .line
            .as_ref()
            .and_then(|line| line.prepared.get(text).cloned());
        if let Some(statement) = known {
            return Ok((client, statement));
        }
        let prepared = self.runtime.block_on(client.prepare(text));
        let statement = prepared.map_err(|error| self.failure(&error))?;
        if let Some(line) = &mut self.state.borrow_mut().line {
            if line.prepared.len() >= PREPARED_MAX {
                line.prepared.clear();
            }
            line.prepared.insert(text.into(), statement.clone());
        }
        Ok((client, statement))
    }

    /// Waits for something, which was sent after all that is on its way; the first failure of
    /// those before it is its own.
    fn settle<T>(&self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
        let later = std::mem::take(&mut self.state.borrow_mut().later);
        let (before, answer) = self.runtime.block_on(async {
            let answer = answer.await;
            let mut before = Ok(());
            for one in later {
                if let (Err(error), true) = (one.await, before.is_ok()) {
                    before = Err(error);
                }
            }
            (before, answer)
        });
        if let Err(error) = before {
            // It is not known any more what it meant: each write is to be done by itself.
            let failure = match self.failure(&error) {
                Failure::Busy(text) => Failure::Busy(text),
                other => Failure::Again(other.to_string()),
            };
            self.state
                .borrow_mut()
                .trouble
                .get_or_insert(failure.clone());
            return Err(failure);
        }
        answer.map_err(|error| self.failure(&error))
    }

    /// What an error of a statement means, which may be the end of the transaction.
    fn failure(&self, error: &Error) -> Failure {
        let failure = meaning(error);
        let mut state = self.state.borrow_mut();
        state.failed = true;
        match failure {
            Failure::Again(_) => {
                state.trouble.get_or_insert(failure.clone());
            }
            Failure::Busy(_) => {
                state.trouble.get_or_insert(failure.clone());
                state.line = None;
            }
            Failure::Duplicate { .. }
            | Failure::Dangling
            | Failure::InDoubt(_)
            | Failure::Other(_) => {}
        }
        failure
    }

    fn batch(&self, text: &str) -> Result<(), Failure> {
        let client = self.client()?;
        self.settle(client.batch_execute(text))
    }

    /// Whether a commit happened whose answer was lost.
    fn find_out(&self, number: &str) -> Result<(), Failure> {
        let begun = Instant::now();
        while begun.elapsed() < DOUBT_MAX {
            if let Ok(line) = self.connect(&self.first) {
                let parameters: [&(dyn ToSql + Sync); 1] = [&number];
                let status = line.client.query_one(STATUS, &parameters);
                let status = self.runtime.block_on(status);
                let status = status.and_then(|row| row.try_get::<_, Option<String>>(0));
                self.state.borrow_mut().line = Some(line);
                match status.as_ref().map(Option::as_deref) {
                    Ok(Some("committed")) => return Ok(()),
                    Ok(Some("aborted")) => {
                        return Err(Failure::Busy(
                            "the connection was lost before the commit".to_owned(),
                        ));
                    }
                    // The server has not noticed yet that we are gone, or is not up again.
                    Ok(Some(_)) | Err(_) => {}
                    Ok(None) => break,
                }
            }
            self.runtime.block_on(tokio::time::sleep(PAUSE));
        }
        let text = "the connection was lost during the commit, and the server cannot be asked";
        Err(Failure::InDoubt(text.to_owned()))
    }
}

impl Connection for Writing {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn begin(&mut self) -> Result<(), Failure> {
        self.ensure()?;
        let client = self.client()?;
        let begin = client.simple_query("BEGIN; SELECT pg_current_xact_id()::text");
        let answers = self.settle(begin)?;
        let number = answers.iter().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        self.state.borrow_mut().number = number;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Failure> {
        let number = self.state.borrow_mut().number.take();
        let committed = self.batch("COMMIT");
        match (committed, number) {
            (Err(Failure::Busy(_)), Some(number)) => {
                self.state.borrow_mut().trouble = None;
                self.find_out(&number)
            }
            (committed, _) => committed,
        }
    }

    fn rollback(&mut self) {
        let lost = self.state.borrow().line.is_none();
        if !lost && let Err(failure) = self.batch("ROLLBACK") {
            tracing::debug!(%failure, "rolling back");
        }
        let mut state = self.state.borrow_mut();
        state.later.clear();
        (state.failed, state.saved) = (false, false);
        (state.trouble, state.number) = (None, None);
    }

    fn save(&mut self) -> Result<(), Failure> {
        self.run_later("SAVEPOINT one", &[])?;
        self.state.borrow_mut().saved = true;
        Ok(())
    }

    fn undo_to_saved(&mut self) -> Result<(), Failure> {
        self.batch("ROLLBACK TO SAVEPOINT one")?;
        self.state.borrow_mut().failed = false;
        Ok(())
    }

    fn release(&mut self) -> Result<(), Failure> {
        self.state.borrow_mut().saved = false;
        self.run_later("RELEASE SAVEPOINT one", &[])
    }

    fn trouble(&self) -> Option<Failure> {
        let state = self.state.borrow();
        let failed = || Failure::Again("a statement has failed".to_owned());
        state.trouble.clone().or_else(|| state.failed.then(failed))
    }

    fn recover(&self) -> bool {
        let saved = self.state.borrow().saved;
        if !saved || self.batch("ROLLBACK TO SAVEPOINT one").is_err() {
            return false;
        }
        self.state.borrow_mut().failed = false;
        true
    }

    fn run(&self, text: &str, parameters: &[ContentRef<'_>]) -> Result<u64, Failure> {
        let (client, statement) = self.statement(text)?;
        let parameters: Vec<_> = parameters.iter().map(Parameter::from).collect();
        self.settle(client.execute_raw(&statement, parameters))
    }

    fn run_later(&self, text: &str, parameters: &[ContentRef<'_>]) -> Result<(), Failure> {
        if self.alone {
            return self.run(text, parameters).map(|_| ());
        }
        let (client, statement) = self.statement(text)?;
        let parameters: Vec<_> = parameters.iter().map(Parameter::from).collect();
        let mut run: Later =
            Box::pin(async move { client.execute_raw(&statement, parameters).await });
        // The first look at it sends it, so that what is sent after it comes after it.
        match (&mut run).now_or_never() {
            None => self.state.borrow_mut().later.push(run),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(self.failure(&error)),
        }
        Ok(())
    }

    fn read(
        &self,
        text: &str,
        parameters: &[ContentRef<'_>],
        each: &mut dyn FnMut(&dyn Cells),
    ) -> Result<(), Failure> {
        let (client, statement) = self.statement(text)?;
        let parameters: Vec<_> = parameters.iter().map(Parameter::from).collect();
        self.settle(async move {
            let rows = client.query_raw(&statement, parameters).await?;
            let mut rows = std::pin::pin!(rows);
            while let Some(row) = rows.next().await {
                each(&row?);
            }
            Ok(())
        })
    }

    fn define(&self, text: &str) -> Result<(), Failure> {
        self.batch(&format!(
            "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; {text}"
        ))
    }

    fn migrated(&self) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO \"_headwater_setting\" (\"name\", \"value\") VALUES ('layout', $1) \
             ON CONFLICT (\"name\") DO NOTHING",
            &[check::LAYOUT.to_string().as_str().into()],
        )?;
        Ok(())
    }

    /// On a connection of its own, whose commits need not wait for the disk: a number is only worth
    /// something with the record that has it, and that one's commit brings all before it to disk.
    fn take_numbers(&self, counter: &str, count: i64) -> Result<i64, Failure> {
        let closed = |line: &Line| line.client.is_closed();
        if self.state.borrow().numbers.as_ref().is_none_or(closed) {
            let line = self.connect("SET synchronous_commit = off;");
            let line = line.map_err(|error| unreachable(&error))?;
            self.state.borrow_mut().numbers = Some(line);
        }
        let client = self
            .state
            .borrow()
            .numbers
            .as_ref()
            .map(|line| Arc::clone(&line.client));
        let client = client.ok_or_else(lost)?;
        let taken = self
            .runtime
            .block_on(client.query_one(TAKE_NUMBERS, &[&counter, &count]));
        let last: i64 = taken
            .and_then(|row| row.try_get(0))
            .map_err(|error| meaning(&error))?;
        Ok(last - count + 1)
    }

    fn finish(&mut self) {
        let mut state = self.state.borrow_mut();
        (state.line, state.numbers) = (None, None);
    }
}
