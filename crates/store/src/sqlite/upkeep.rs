//! Looking after the file: copies, checks, numbers.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use headwater_catalogue::{Catalogue, Source};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use sea_query::{BinOper, Expr, ExprTrait as _, Func, Query};

use super::Database;
use super::connections;
use super::functions;
use crate::answer::Statistics;
use crate::dialect::Dialect;
use crate::error::{ReadError, StoreError};
use crate::migrate::rollup_of;
use crate::search;

/// Pages copied between two calls of the progress.
const PAGES_AT_ONCE: i32 = 1_000;

/// Most lines that a check says.
const PROBLEMS_MAX: usize = 100;

/// Copies a database that may be in use, as it is at one moment.
pub(crate) fn copy(
    from: &Path,
    to: &Path,
    mut progress: impl FnMut(u64, u64),
) -> Result<(), StoreError> {
    let source = connections::open_source(from)?;
    // A read that lasts as long as the copy: what is written meanwhile does not show in it, and
    // does not make it begin anew.
    source.execute_batch("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1;")?;
    let unfinished = unfinished(to);
    let files = |path: &Path, source| StoreError::Files {
        path: path.to_owned(),
        source,
    };
    if to.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(files(to, source));
    }
    let mut target = Connection::open(&unfinished)?;
    {
        let backup = Backup::new(&source, &mut target)?;
        loop {
            let step = backup.step(PAGES_AT_ONCE)?;
            let at = backup.progress();
            let pages = |n: i32| u64::try_from(n).unwrap_or_default();
            progress(pages(at.pagecount - at.remaining), pages(at.pagecount));
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => return Err(StoreError::Database("the copy is locked".to_owned())),
            }
        }
    }
    check_copy(&target)?;
    target.close().map_err(|(_, error)| error)?;
    File::open(&unfinished)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&unfinished, to))
        .map_err(|source| files(to, source))
}

/// A copy is worth having when it can be read back.
fn check_copy(copy: &Connection) -> Result<(), StoreError> {
    functions::register(copy)?;
    let mut damage = lines(copy, "PRAGMA integrity_check")?;
    damage.retain(|line| line != "ok");
    if damage.is_empty() {
        Ok(())
    } else {
        let damage = damage.join("; ");
        Err(StoreError::Database(format!(
            "the copy is damaged: {damage}"
        )))
    }
}

/// A copy that is cut off is not taken for a whole one.
fn unfinished(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".unfinished");
    PathBuf::from(name)
}

impl Database {
    /// A line for each thing found wrong.
    pub(crate) fn check_integrity(&self, catalogue: &Catalogue) -> Result<Vec<String>, ReadError> {
        self.connections.with(|reader| {
            let check = || {
                let connection = &reader.connection;
                let mut problems = lines(connection, "PRAGMA integrity_check")?;
                problems.retain(|line| line != "ok");
                for table in lines(connection, "PRAGMA foreign_key_check")? {
                    problems.push(format!("{table} refers to a record that does not exist"));
                }
                let gap = "SELECT COUNT(*) - (MAX(\"replay_id\") - MIN(\"replay_id\") + 1) \
                           FROM \"_headwater_change\"";
                let gap: Option<i64> = connection.query_row(gap, (), |row| row.get(0))?;
                if gap.is_some_and(|gap| gap != 0) {
                    problems.push("the change log has a gap".to_owned());
                }
                problems.extend(rollups(connection, catalogue)?);
                for (object, records, words) in search::counts(catalogue, Dialect::Sqlite) {
                    let count = |text: &str| connection.query_row(text, (), |row| row.get(0));
                    problems.extend(search::wrong(&object, count(&records)?, count(&words)?));
                }
                problems.truncate(PROBLEMS_MAX);
                Ok(problems)
            };
            check().map_err(|error: rusqlite::Error| Self::read_error(&error))
        })
    }

    /// Numbers about the database.
    pub(crate) fn statistics(&self, catalogue: &Catalogue) -> Result<Statistics, ReadError> {
        let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
        let mut log = self.path.as_os_str().to_owned();
        log.push("-wal");
        self.connections.with(|reader| {
            let number = |text: &str| -> Result<i64, ReadError> {
                let number = reader.connection.query_row(text, (), |row| row.get(0));
                number.map_err(|error| Self::read_error(&error))
            };
            let count = |text: &str| Ok(u64::try_from(number(text)?).unwrap_or_default());
            let change = |function| {
                number(&format!(
                    "SELECT COALESCE({function}(\"replay_id\"), 0) FROM \"_headwater_change\""
                ))
            };
            let mut rows = Vec::new();
            for object in catalogue.objects() {
                let all = count(&format!("SELECT COUNT(*) FROM \"{}\"", object.name))?;
                rows.push((object.name.to_string(), all));
            }
            Ok(Statistics {
                file_bytes: size(&self.path),
                log_bytes: size(Path::new(&log)),
                first_change: change("MIN")?,
                last_change: change("MAX")?,
                jobs_waiting: count(crate::jobs::COUNT)?,
                rows,
            })
        })
    }
}

fn lines(connection: &Connection, text: &str) -> rusqlite::Result<Vec<String>> {
    let mut prepared = connection.prepare(text)?;
    let lines = prepared.query_map((), |row| row.get(0))?;
    lines.take(PROBLEMS_MAX).collect()
}

/// Rollups that are not what the referring rows say.
fn rollups(connection: &Connection, catalogue: &Catalogue) -> rusqlite::Result<Vec<String>> {
    let mut problems = Vec::new();
    for object in catalogue.objects() {
        let kept = object
            .fields
            .iter()
            .filter(|field| matches!(field.source, Source::Rollup(_)));
        for field in kept {
            let id = Expr::col((object.name.to_string(), "Id"));
            let Some(right) = rollup_of(catalogue, field, id, Dialect::Sqlite) else {
                continue;
            };
            let kept = Expr::col((object.name.to_string(), field.name.to_string()));
            let mut wrong = Query::select();
            wrong
                .expr(Func::count(Expr::col("Id")))
                .from(object.name.to_string())
                .and_where(kept.binary(BinOper::IsNot, right));
            let text = Dialect::Sqlite.show(&wrong);
            let wrong: i64 = connection.query_row(&text, (), |row| row.get(0))?;
            if wrong > 0 {
                let name = &field.name;
                problems.push(format!("{}.{name} is wrong in {wrong} rows", object.name));
            }
        }
    }
    Ok(problems)
}
