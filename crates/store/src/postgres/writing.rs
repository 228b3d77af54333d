//! A connection that writes.
//!
//! It belongs to one thread, which runs it itself: a statement costs a way to the server and back
//! and no waking of another thread. Statements whose outcome nobody needs at once travel together
//! with the next one that somebody does.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Error, SimpleQueryMessage, Statement};

use super::address::Address;
use super::cells::Parameter;
use super::failure::{lost, meaning, unreachable};
use super::state::{Later, Line, State};
use super::{check, link};
use crate::change_log::Numbered;
use crate::connection::{Connection, Ends, Failure};
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::options::Options;
use crate::rows::{Cells, Content, ContentRef};

/// Most statements that stay prepared.
const PREPARED_MAX: usize = 1_000;

/// A connection that writes.
pub(crate) struct Writing {
    pub(super) runtime: Runtime,
    address: Arc<Address>,
    /// What each connection is told first.
    pub(super) first: String,
    /// Whether commits wait for the disk, as a setting.
    pub(super) durable: &'static str,
    /// Whether it does one write at a time, each statement of which is waited for.
    alone: bool,
    pub(super) state: RefCell<State>,
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
        let durable = if options.durable { "on" } else { "off" };
        let first = format!(
            "{} SET synchronous_commit = {durable};",
            link::time_max(options.query_time_max),
        );
        let writing = Self {
            runtime,
            address,
            first,
            durable,
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

    pub(super) fn connect(&self, first: &str) -> Result<Line, Error> {
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

    pub(super) fn statement(&self, text: &str) -> Result<(Arc<Client>, Statement), Failure> {
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
        let statement = self.settle(client.prepare(text))?;
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
    pub(super) fn settle<T>(
        &self,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        let later = std::mem::take(&mut self.state.borrow_mut().later);
        let before = async {
            let mut before = Ok(());
            for one in later {
                if let (Err(error), true) = (one.await, before.is_ok()) {
                    before = Err(error);
                }
            }
            before
        };
        // Both at once: an answer that nobody takes keeps those behind it from coming.
        let (answer, before) = self.runtime.block_on(join(answer, before));
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
            | Failure::TooLong
            | Failure::Other(_) => {}
        }
        failure
    }

    fn batch(&self, text: &str) -> Result<(), Failure> {
        let client = self.client()?;
        self.settle(client.batch_execute(text))
    }

    /// Runs a statement and passes its rows on.
    fn passed_on(
        &self,
        client: Arc<Client>,
        statement: Statement,
        parameters: Vec<Parameter>,
        each: &mut dyn FnMut(&dyn Cells),
    ) -> Result<(), Failure> {
        self.settle(async move {
            let rows = client.query_raw(&statement, parameters).await?;
            let mut rows = std::pin::pin!(rows);
            while let Some(row) = rows.next().await {
                each(&row?);
            }
            Ok(())
        })
    }

    fn begin_once(&self, text: &str) -> Result<(), Failure> {
        self.ensure()?;
        let client = self.client()?;
        let answers = self.settle(client.simple_query(text))?;
        let number = answers.iter().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        self.state.borrow_mut().number = number;
        Ok(())
    }
}

impl Connection for Writing {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    /// A connection is not seen to be lost before it is used: then once more on a new one.
    fn begin(&mut self, patience: Duration, ends: Ends) -> Result<(), Failure> {
        let patience = patience.as_millis();
        let waits = match ends {
            Ends::Durable => "",
            Ends::Fleeting => "SET LOCAL synchronous_commit = off; ",
        };
        let text = format!(
            "BEGIN; {waits}SET LOCAL lock_timeout = {patience}; \
             SELECT pg_current_xact_id()::text"
        );
        self.state.borrow_mut().forget();
        match self.begin_once(&text) {
            Err(Failure::Busy(_)) => {
                self.state.borrow_mut().forget();
                self.begin_once(&text)
            }
            begun => begun,
        }
    }

    fn commit(&mut self, changes: Option<&Numbered>) -> Result<(), Failure> {
        let number = self.state.borrow_mut().number.take();
        let committed = self.batch("COMMIT");
        match (committed, number) {
            (Err(Failure::Busy(_)), Some(number)) => {
                self.state.borrow_mut().forget();
                self.find_out(&number, changes)
            }
            (committed, _) => committed,
        }
    }

    fn rollback(&mut self) {
        let lost = self.state.borrow().line.is_none();
        if !lost && let Err(failure) = self.batch("ROLLBACK") {
            tracing::debug!(%failure, "rolling back");
        }
        self.state.borrow_mut().forget();
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
        self.passed_on(client, statement, parameters, each)
    }

    /// The time holds until the point marked last is gone back to, or the end of the transaction.
    fn read_within(
        &mut self,
        text: &str,
        parameters: &[Content],
        time: Duration,
        each: &mut dyn FnMut(&dyn Cells),
    ) -> Result<(), Failure> {
        let time = time.as_millis().max(1);
        self.batch(&format!("SET LOCAL statement_timeout = {time}"))?;
        let (client, statement) = self.statement(text)?;
        let parameters: Vec<_> = parameters.iter().map(Parameter::sought).collect();
        self.passed_on(client, statement, parameters, each)
    }

    fn define(&self, text: &str) -> Result<(), Failure> {
        self.batch(&format!(
            "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; {text}"
        ))
    }

    /// Foreign keys are made after the rows.
    fn expect_load(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn load(&self, table: &str, columns: &[&str], rows: Vec<Vec<Content>>) -> Result<(), Failure> {
        self.copy_in(table, columns, rows)
    }

    /// Until it has looked at the tables, its planner guesses.
    fn loaded(&self) -> Result<(), Failure> {
        self.define("ANALYZE")
    }

    fn migrated(&self) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO \"_headwater_setting\" (\"name\", \"value\") VALUES ('layout', $1) \
             ON CONFLICT (\"name\") DO NOTHING",
            &[check::LAYOUT.to_string().as_str().into()],
        )?;
        Ok(())
    }

    /// On a connection of its own. A commit that takes one number need not wait for the disk: the
    /// number is only worth something with the record that has it, and that one's commit brings all
    /// before it to disk. Of many, some are used long after; lost in a crash, they would be given
    /// out to another node too.
    fn take_numbers(&self, counter: &str, count: i64) -> Result<i64, Failure> {
        match self.take_numbers_once(counter, count) {
            Err(Failure::Busy(_)) => self.take_numbers_once(counter, count),
            taken => taken,
        }
    }

    fn finish(&mut self) {
        let mut state = self.state.borrow_mut();
        (state.line, state.numbers) = (None, None);
    }
}
