//! What SQLite makes of many rows by functions of ours: sums and averages that no number of rows
//! makes too large, texts compared without case. [`crate::dialect::aggregates`] says what each is.

use std::cmp::Ordering;

use rusqlite::Connection;
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::ToSql;

use super::functions::compare;
use crate::dialect::aggregates::{AVERAGE, DIGITS, DOUBLE, GREATEST, LEAST, SUM, TOTAL};

/// Registers all of them.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_aggregate_function(SUM, 1, pure, Numbers(Met::sum))?;
    connection.create_aggregate_function(TOTAL, 2, pure, Numbers(Met::total))?;
    connection.create_aggregate_function(AVERAGE, 2, pure, Numbers(Met::average))?;
    connection.create_aggregate_function(LEAST, 1, pure, Extreme(Ordering::Less))?;
    connection.create_aggregate_function(GREATEST, 1, pure, Extreme(Ordering::Greater))?;
    connection.create_scalar_function(DIGITS, 1, pure, |call| {
        let number: Option<f64> = call.get(0)?;
        Ok(number.map(|number| number.to_string()))
    })?;
    connection.create_scalar_function(DOUBLE, 1, pure, |call| {
        let digits: Option<String> = call.get(0)?;
        Ok(digits.and_then(|digits| digits.parse::<f64>().ok()))
    })
}

/// The numbers met so far.
#[derive(Debug, Clone, Copy, Default)]
struct Met {
    /// Wide enough for more rows than there can be.
    sum: i128,
    count: i64,
    divisor: i64,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "doubles are what is asked for; they hold the number of rows and the power of ten"
)]
impl Met {
    fn sum(&self) -> i64 {
        let bounded = self.sum.clamp(i64::MIN.into(), i64::MAX.into());
        i64::try_from(bounded).unwrap_or_default()
    }

    fn total(&self) -> f64 {
        self.sum as f64 / self.divisor as f64
    }

    /// Divides in the order in which PostgreSQL is told to.
    fn average(&self) -> f64 {
        self.sum as f64 / self.count as f64 / self.divisor as f64
    }
}

/// What is made of the numbers; nothing, if there were none.
struct Numbers<T>(fn(&Met) -> T);

impl<T: ToSql> Aggregate<Met, Option<T>> for Numbers<T> {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Met> {
        Ok(Met::default())
    }

    fn step(&self, call: &mut Context<'_>, met: &mut Met) -> rusqlite::Result<()> {
        if let Some(number) = call.get::<Option<i64>>(0)? {
            met.sum += i128::from(number);
            met.count += 1;
        }
        if call.len() > 1 {
            met.divisor = call.get(1)?;
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, met: Option<Met>) -> rusqlite::Result<Option<T>> {
        Ok(met.filter(|met| met.count > 0).map(|met| self.0(&met)))
    }
}

/// The text that comes first or last.
struct Extreme(Ordering);

impl Aggregate<Option<String>, Option<String>> for Extreme {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Option<String>> {
        Ok(None)
    }

    fn step(&self, call: &mut Context<'_>, best: &mut Option<String>) -> rusqlite::Result<()> {
        let Some(text) = call.get_raw(0).as_str_or_null()? else {
            return Ok(());
        };
        let is_better = best
            .as_deref()
            .is_none_or(|best| compare(text, best).then_with(|| text.cmp(best)) == self.0);
        if is_better {
            *best = Some(text.to_owned());
        }
        Ok(())
    }

    fn finalize(
        &self,
        _: &mut Context<'_>,
        best: Option<Option<String>>,
    ) -> rusqlite::Result<Option<String>> {
        Ok(best.flatten())
    }
}
