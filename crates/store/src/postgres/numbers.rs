//! Numbers that stay given out whatever becomes of the transaction, on a connection of their own.

use std::sync::Arc;

use super::failure::{lost, meaning, unreachable};
use super::state::Line;
use super::writing::Writing;
use crate::connection::{Failure, TAKE_NUMBERS};

/// What the connection that takes numbers is told first.
const NUMBERS_FIRST: &str = "SET lock_timeout = '5s'; SET statement_timeout = '10s';";

impl Writing {
    pub(super) fn take_numbers_once(&self, counter: &str, count: i64) -> Result<i64, Failure> {
        let closed = |line: &Line| line.client.is_closed();
        if self.state.borrow().numbers.as_ref().is_none_or(closed) {
            let line = self.connect(NUMBERS_FIRST);
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
        let durable = if count > 1 { self.durable } else { "off" };
        let text = format!("{TAKE_NUMBERS}, set_config('synchronous_commit', $3, TRUE)");
        let taken = self
            .runtime
            .block_on(client.query_one(&text, &[&counter, &count, &durable]));
        let last = taken.and_then(|row| row.try_get::<_, i64>(0));
        match last.map_err(|error| meaning(&error)) {
            Ok(last) => Ok(last - count + 1),
            Err(failure) => {
                if matches!(failure, Failure::Busy(_)) {
                    self.state.borrow_mut().numbers = None;
                }
                Err(failure)
            }
        }
    }
}
