//! A test binary runs a second time, on PostgreSQL, and what fails there fails here.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};

use headwater_testpostgres::{Engine, run_again_on_postgres};

/// Set for a run that is to fail on PostgreSQL.
const FAIL: &str = "HEADWATER_TEST_FAIL_ON_POSTGRES";

/// What the tests below look at, from outside.
#[test]
fn all_of_this_on_postgres() {
    run_again_on_postgres();
}

#[test]
fn this_fails_on_postgres_when_it_is_told_to() {
    if std::env::var_os(FAIL).is_some() {
        assert_eq!(Engine::of_this_process(), Engine::Sqlite, "as it was told");
    }
}

/// Runs the first test in a process that may yet choose its engine.
fn run(variables: &[(&str, &str)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "all_of_this_on_postgres"])
        .env_remove("HEADWATER_TEST_ENGINE")
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn is_second_process() -> bool {
    Engine::of_this_process() == Engine::Postgres
}

#[test]
fn the_result_of_the_second_run_is_told() {
    if is_second_process() {
        return;
    }
    let output = run(&[]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    assert!(
        told.contains("on PostgreSQL: test result: ok. 5 passed") || told.contains("SKIPPED"),
        "{told}"
    );
}

#[test]
fn what_fails_on_postgres_fails() {
    if is_second_process() {
        return;
    }
    let output = run(&[(FAIL, "1")]);
    let said = String::from_utf8(output.stdout).unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("SKIPPED") || !output.status.success() && said.contains("as it was told"),
        "{told}{said}"
    );
}

#[test]
fn a_chosen_engine_is_the_only_one() {
    if is_second_process() {
        return;
    }
    let output = run(&[("HEADWATER_TEST_ENGINE", "sqlite"), (FAIL, "1")]);
    assert!(output.status.success());
    assert!(output.stderr.is_empty());
    let output = run(&[("HEADWATER_TEST_ENGINE", "oracle")]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("it can be sqlite or postgres"), "{said}");
}
