//! `headwater migrate`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use headwater_catalogue::Catalogue;
use headwater_records::{Org, SystemClock, SystemRandomness};
use headwater_store::{
    Location, MoveError, Moved, Options, Progress, Stage, Store, is_made, move_org,
};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::arguments::Common;
use crate::command::connection::print_json;
use crate::failure::{Context as _, Failure, Kind, Outcome};
use crate::opening::not_opened;

const EXAMPLES: &str = "\
Examples:
  headwater migrate --from sqlite:data/headwater.db --to postgres://headwater@db.example/headwater
  headwater migrate --from postgres://headwater@db.example/headwater --to sqlite:copy.db

Stop every server that uses the source first. The target must be empty: a PostgreSQL database made
with `createdb --encoding=UTF8 --template=template0 NAME`, or a file that is not there. When it is
cut off, run it again as before, and it goes on where it was; until it has ended, nothing else will
use the target. An address with a password is better given by the variables than on the command
line, which other users of the machine can see.";

const TEMPLATE: &str = "{msg:32!} {wide_bar} {pos}/{len} rows  {per_sec}  {eta}";

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Migrate {
    /// The database to move: sqlite:PATH or postgres://…
    #[arg(
        long,
        value_name = "DATABASE",
        env = "HEADWATER_MIGRATE_FROM",
        hide_env_values = true
    )]
    from: String,
    /// The database to move it to, which is empty: sqlite:PATH or postgres://…
    #[arg(
        long,
        value_name = "DATABASE",
        env = "HEADWATER_MIGRATE_TO",
        hide_env_values = true
    )]
    to: String,
}

#[derive(Debug, Serialize)]
struct Report {
    rows: u64,
    /// Those of them that an earlier attempt had moved.
    rows_before: u64,
    seconds: f64,
    rows_per_second: f64,
    tables: Vec<Table>,
}

#[derive(Debug, Serialize)]
struct Table {
    name: String,
    rows: u64,
    sha256: String,
}

impl Migrate {
    /// Moves the org, compares both sides, and prints what was moved.
    ///
    /// # Errors
    /// What kept it from being moved, or from being whole.
    pub fn run(&self, common: &Common) -> Outcome {
        let (from, to) = (location("--from", &self.from)?, location("--to", &self.to)?);
        let begun = Instant::now();
        let catalogue = catalogue(&from)?;
        let bar = bar();
        let moved = move_org(&from, &to, &catalogue, |progress| show(&bar, &progress));
        bar.finish_and_clear();
        let moved = moved.map_err(|error| failure(&error))?;
        let report = Report::of(moved, begun.elapsed().as_secs_f64());
        if common.json {
            return print_json(&report);
        }
        print!("{}", report.text());
        Ok(())
    }
}

impl Report {
    fn of(moved: Moved, seconds: f64) -> Self {
        let rows = moved.tables.iter().map(|table| table.rows).sum();
        let new = u32::try_from(rows - moved.rows_before.min(rows)).unwrap_or(u32::MAX);
        let tables = moved.tables.into_iter().map(|table| Table {
            name: table.name,
            rows: table.rows,
            sha256: table.digest,
        });
        Self {
            rows,
            rows_before: moved.rows_before,
            seconds,
            rows_per_second: f64::from(new) / seconds.max(f64::EPSILON),
            tables: tables.collect(),
        }
    }

    fn text(&self) -> String {
        let before = match self.rows_before {
            0 => String::new(),
            rows => format!(", {rows} of them before"),
        };
        format!(
            "moved {} rows of {} tables{before}, in {:.1} s ({:.0} rows per second); every table was \
             read back and is equal\n",
            self.rows,
            self.tables.len(),
            self.seconds,
            self.rows_per_second,
        )
    }
}

/// Where a database is. An address is not repeated when it is wrong, for it may hold a password.
fn location(argument: &str, text: &str) -> Outcome<Location> {
    if let Some(path) = text.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return Ok(Location::Sqlite(PathBuf::from(path)));
    }
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(Location::Postgres(text.to_owned()));
    }
    Err(Failure::usage(format!(
        "{argument} names a database as sqlite:PATH or postgres://user@host:port/database"
    )))
}

/// What the org has, its custom objects and fields among it. The source is brought up to this
/// release by that, as by starting a server on it.
fn catalogue(from: &Location) -> Outcome<Arc<Catalogue>> {
    if !is_made(from).map_err(|error| not_opened(&error))? {
        return Err(failure(&MoveError::NoOrg));
    }
    let built_in = Catalogue::built_in().doing("the catalogue does not hold together")?;
    let store = Store::open(from, Arc::new(built_in), Options::default())
        .map_err(|error| not_opened(&error))?;
    let org = Org::open(store, Arc::new(SystemClock), Arc::new(SystemRandomness))
        .doing("the org to move cannot be opened")?;
    org.store().close();
    Ok(org.catalogue())
}

/// Hidden where it is not a terminal.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template(TEMPLATE) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn show(bar: &ProgressBar, progress: &Progress<'_>) {
    let doing = match progress.stage {
        Stage::Moving => progress.table.to_owned(),
        Stage::Indexing => "making the indexes".to_owned(),
        Stage::Comparing => format!("comparing {}", progress.table),
    };
    if bar.message() != doing {
        bar.set_message(doing);
    }
    bar.set_length(progress.all);
    bar.set_position(progress.done);
}

fn failure(error: &MoveError) -> Failure {
    let kind = match error {
        MoveError::Store(error) => return not_opened(error),
        MoveError::NoOrg | MoveError::NotEmpty | MoveError::OtherSource => Kind::Refused,
        MoveError::Another => Kind::InUse,
        MoveError::SourceChanged | MoveError::Differs { .. } => Kind::ProblemsFound,
        MoveError::BadNote(_) => Kind::Broken,
    };
    Failure::new(kind, error.to_string())
}
