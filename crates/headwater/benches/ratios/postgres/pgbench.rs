//! The limit for durable writes: pgbench, writing what an update of ours leaves behind into tables
//! like ours.

use std::fmt::Write as _;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::database::Database;
use crate::traffic::CONNECTIONS;

/// Tables like ours, with their indexes and without triggers; the cases are numbered.
const TABLES: &str = "
    CREATE TABLE bench_case (LIKE \"Case\" INCLUDING ALL);
    INSERT INTO bench_case SELECT * FROM \"Case\" WHERE \"Subject\" LIKE 'Case % of the benchmark'
      OR \"Subject\" LIKE 'Turned to %';
    UPDATE bench_case SET \"Id\" = 'case ' || place FROM
      (SELECT \"Id\" AS id, row_number() OVER () - 1 AS place FROM bench_case) AS numbered
      WHERE numbered.id = bench_case.\"Id\";
    CREATE TABLE bench_history (LIKE \"CaseHistory\" INCLUDING ALL);
    CREATE TABLE bench_change (LIKE \"_headwater_change\" INCLUDING ALL);
    CREATE SEQUENCE bench_number CACHE 100";

/// What each transaction does.
pub struct Script(tempfile::NamedTempFile);

impl Script {
    /// Rows like those that the updates over REST have left.
    pub fn of(database: &Database) -> Result<Self> {
        database.run(TABLES)?;
        let history = like_the_last(
            database,
            ["CaseHistory", "bench_history"],
            "\"Field\" = 'Status'",
            ("Id", "'h' || nextval('bench_number')"),
        );
        let history = history.or_else(|_| {
            like_the_last(
                database,
                ["CaseHistory", "bench_history"],
                "TRUE",
                ("Id", "'h' || nextval('bench_number')"),
            )
        })?;
        let change = like_the_last(
            database,
            ["_headwater_change", "bench_change"],
            "\"object\" = 'Case'",
            ("replay_id", "nextval('bench_number')"),
        )?;
        let script = format!(
            "\\set turn random(1, 2)\nBEGIN;\n\
             SELECT * FROM bench_case WHERE \"Id\" = 'case ' || :client_id FOR NO KEY UPDATE;\n\
             UPDATE bench_case SET \"Subject\" = 'Turned ' || :turn, \"Status\" = \
             'Working ' || :turn, \"LastModifiedDate\" = \"LastModifiedDate\" + 1, \
             \"SystemModstamp\" = \"SystemModstamp\" + 1 WHERE \"Id\" = 'case ' || :client_id;\n\
             {history};\n{change};\nEND;\n"
        );
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), script)?;
        Ok(Self(file))
    }

    /// How many such transactions a second, for some seconds.
    pub fn per_second(&self, database: &Database, seconds: f64) -> Result<f64> {
        let output = Command::new("pgbench")
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
            .args(["--host=127.0.0.1", "--username=postgres"])
            .arg(format!("--port={}", database.port))
            .arg(format!("--client={CONNECTIONS}"))
            .arg(format!("--time={seconds:.0}"))
            .arg(format!("--file={}", self.0.path().display()))
            .arg(&database.name)
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let problem = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "pgbench: {problem}");
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = "));
        let rate = rate.and_then(|rate| rate.split_whitespace().next());
        Ok(rate.with_context(|| format!("no rate: {said}"))?.parse()?)
    }
}

/// An insert into a table like another, of a row like the other's last but for its key.
fn like_the_last(
    database: &Database,
    [from, to]: [&str; 2],
    filter: &str,
    (key, number): (&str, &str),
) -> Result<String> {
    let columns = format!(
        "SELECT string_agg(quote_ident(column_name), ',' ORDER BY ordinal_position) \
         FROM information_schema.columns WHERE table_name = '{from}' AND is_generated = 'NEVER'"
    );
    let columns = database.text(&columns)?;
    let mut values = String::new();
    for column in columns.split(',') {
        if !values.is_empty() {
            values.push_str(", ");
        }
        if column.trim_matches('"') == key {
            values.push_str(number);
            continue;
        }
        let value = format!(
            "SELECT quote_nullable({column}) FROM \"{from}\" WHERE {filter} \
             ORDER BY \"{key}\" DESC LIMIT 1"
        );
        // A colon would begin a variable of pgbench's, and the value a line of its own none.
        write!(values, "{}", database.text(&value)?.replace(':', ";"))?;
    }
    Ok(format!("INSERT INTO {to} ({columns}) VALUES ({values})"))
}
