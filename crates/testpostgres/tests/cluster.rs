//! What the throw-away server promises. All of it is tried in the second process, which runs on
//! PostgreSQL; on SQLite there is nothing to try.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use headwater_testpostgres::{Database, Engine, run_again_on_postgres};
use tokio_postgres::{Client, NoTls};
use url::Url;

/// Set in a process that waits to be killed.
const TO_BE_KILLED: &str = "HEADWATER_TEST_TO_BE_KILLED";

#[test]
fn all_of_this_on_postgres() {
    run_again_on_postgres();
}

fn is_on_postgres() -> bool {
    Engine::of_this_process() == Engine::Postgres
}

async fn connect(database: &Database) -> Client {
    let (client, connection) = tokio_postgres::connect(database.url(), NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

/// The one value of the one row.
async fn text(client: &Client, query: &str) -> String {
    client.query_one(query, &[]).await.unwrap().get(0)
}

async fn is_there(client: &Client, database: &Database) -> bool {
    let name = database.url().rsplit('/').next().unwrap();
    let found = client
        .query("SELECT 1 FROM pg_database WHERE datname = $1", &[&name])
        .await;
    !found.unwrap().is_empty()
}

#[tokio::test]
async fn each_database_is_a_test_s_own_and_gone_afterwards() {
    if !is_on_postgres() {
        return;
    }
    let (first, second) = (Database::new(), Database::new());
    let in_first = connect(&first).await;
    let in_second = connect(&second).await;
    in_first.batch_execute("CREATE TABLE t ()").await.unwrap();
    in_second.batch_execute("CREATE TABLE t ()").await.unwrap();
    assert!(is_there(&in_second, &first).await);
    let name = first.url().rsplit('/').next().unwrap().to_owned();
    // Somebody is still connected.
    drop(first);
    let left = in_second
        .query("SELECT 1 FROM pg_database WHERE datname = $1", &[&name])
        .await
        .unwrap();
    assert!(left.is_empty());
    in_first.batch_execute("SELECT 1").await.unwrap_err();
}

#[tokio::test]
async fn text_is_unicode_and_compares_by_rules_that_a_database_may_choose() {
    if !is_on_postgres() {
        return;
    }
    let database = Database::new();
    let client = connect(&database).await;
    assert_eq!(text(&client, "SHOW server_encoding").await, "UTF8");
    client
        .batch_execute(
            "CREATE COLLATION any_case \
             (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        )
        .await
        .unwrap();
    let same = "SELECT ('Ärger' = 'äRGER' COLLATE any_case)::text";
    assert_eq!(text(&client, same).await, "true");
}

#[tokio::test]
async fn a_database_begins_as_its_like_was_left() {
    if !is_on_postgres() {
        return;
    }
    let make = |url: &str| {
        let url = url.to_owned();
        let work = async move {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
            let connection = tokio::spawn(connection);
            let made = client.batch_execute("CREATE TABLE t AS SELECT 'made'::text AS x");
            made.await.unwrap();
            drop(client);
            connection.await.unwrap().unwrap();
        };
        let runtime = || tokio::runtime::Runtime::new().unwrap();
        std::thread::scope(|scope| scope.spawn(|| runtime().block_on(work)).join().unwrap());
    };
    let first = Database::like("t", make);
    let changing = connect(&first).await;
    let change = changing.batch_execute("UPDATE t SET x = 'changed'");
    change.await.unwrap();
    let second = Database::like("t", make);
    let client = connect(&second).await;
    assert_eq!(text(&client, "SELECT x FROM t").await, "made");
}

/// The same binary, one test of it.
fn one_test(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture"]);
    command
}

#[tokio::test]
async fn a_server_that_is_given_is_used_and_left_as_it_was() {
    if !is_on_postgres() {
        return;
    }
    let database = Database::new();
    let client = connect(&database).await;
    let others = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database \
                  WHERE datname LIKE 'headwater_test_%' AND datname LIKE $1";
    let run = one_test("a_database_begins_as_its_like_was_left")
        .env("HEADWATER_TEST_POSTGRES", database.url())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let of_the_run = format!("headwater\\_test\\_{}\\_%", run.id());
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    let left: Option<String> = client
        .query_one(others, &[&of_the_run])
        .await
        .unwrap()
        .get(0);
    assert_eq!(left, None);
}

#[test]
fn the_process_that_is_killed_waits_for_it() {
    if std::env::var_os(TO_BE_KILLED).is_none() {
        return;
    }
    let database = Database::new();
    println!("{}", database.url());
    // Until it is killed: nobody writes to this.
    let mut nothing = String::new();
    std::io::stdin().read_line(&mut nothing).unwrap();
}

#[test]
fn the_server_ends_with_its_process_even_when_that_is_killed() {
    if !is_on_postgres() {
        return;
    }
    let mut process = one_test("the_process_that_is_killed_waits_for_it")
        .env(TO_BE_KILLED, "1")
        .env_remove("HEADWATER_TEST_POSTGRES")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("postgres://") {
        line.clear();
        assert!(stdout.read_line(&mut line).unwrap() > 0, "no URL came");
    }
    let url = Url::parse(line.trim()).unwrap();
    let socket_directory = url.host_str().unwrap().replace("%2F", "/");
    let directory = Path::new(&socket_directory).parent().unwrap();
    let server: String = std::fs::read_to_string(directory.join("data/postmaster.pid"))
        .unwrap()
        .lines()
        .take(1)
        .collect();
    assert!(runs(&server));
    process.kill().unwrap();
    process.wait().unwrap();
    // The supervisor holds the other end until its work is done.
    let mut said = String::new();
    let mut stderr = process.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert!(!directory.exists(), "{said}");
    assert!(!runs(&server), "{said}");
}

/// Whether it is there and not only waiting for somebody to ask how it ended.
fn runs(process: &str) -> bool {
    let state = Command::new("ps")
        .args(["-o", "stat=", "-p", process])
        .output()
        .unwrap();
    let state = String::from_utf8(state.stdout).unwrap();
    !state.is_empty() && !state.starts_with('Z')
}
