//! What is about the file of a SQLite database: who may open it, copies. So these are on SQLite,
//! whatever engine the others run on.

use std::path::PathBuf;

use headwater_store::{Location, Options, StoreError, backup_file};
use headwater_testpostgres::Home;

use crate::database::fill;
use crate::org::{Org, catalogue, location, open, open_with};

fn in_a_file() -> Home {
    Home::Directory(tempfile::tempdir().unwrap())
}

fn path(home: &Home) -> PathBuf {
    match location(home) {
        Location::Sqlite(path) => path,
        Location::Postgres(_) => panic!("a database on a server is no file"),
    }
}

#[test]
fn a_foreign_file_is_refused_and_left_as_it_is() {
    let home = in_a_file();
    let path = path(&home);
    for content in [
        &b"this is not a database, whatever its name says"[..],
        &[0; 4096],
    ] {
        std::fs::write(&path, content).unwrap();
        let error = open(&home, catalogue()).unwrap_err();
        assert!(matches!(error, StoreError::Foreign(_)), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
    std::fs::remove_file(&path).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE mine (x)").unwrap();
    drop(other);
    let content = std::fs::read(&path).unwrap();
    let error = open(&home, catalogue()).unwrap_err();
    assert!(matches!(error, StoreError::Foreign(_)), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), content);
}

#[test]
fn a_database_of_a_newer_release_is_refused() {
    let org = Org::at(in_a_file(), catalogue());
    org.store.close();
    let path = path(&org.home);
    let file = rusqlite::Connection::open(&path).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    drop(file);
    let error = open(&org.home, catalogue()).unwrap_err();
    assert!(
        matches!(error, StoreError::Newer { found: 99, .. }),
        "{error}"
    );
}

#[test]
fn one_process_has_the_database_at_a_time() {
    let org = Org::at(in_a_file(), catalogue());
    let error = open(&org.home, catalogue()).unwrap_err();
    assert!(matches!(error, StoreError::InUse(_)), "{error}");
    org.store.close();
    open(&org.home, catalogue()).unwrap();
}

#[test]
fn a_copy_of_a_running_database_is_whole() {
    let org = Org::at(in_a_file(), catalogue());
    let account = org.insert("Account", &[("Name", "A".into())]);
    let copies = in_a_file();
    let to = path(&copies);
    let mut last = (0, 0);
    org.store
        .backup(&to, |done, all| {
            // Written while the copy is made: not in it.
            org.update("Account", account, &[("Name", "later".into())]);
            last = (done, all);
        })
        .unwrap();
    assert!(last.1 > 0 && last.0 == last.1, "{last:?}");
    let again = org.store.backup(&to, |_, _| {}).unwrap_err();
    assert!(matches!(again, StoreError::Files { .. }), "{again}");
    let second = to.with_file_name("second.db");
    backup_file(&location(&org.home), &second, |_, _| {}).unwrap();
    let copy = Org::at(copies, catalogue());
    assert_eq!(
        copy.read("Account", account, &["Name"]).unwrap(),
        ["A".into()]
    );
    assert_eq!(copy.store.check_integrity().unwrap(), Vec::<String>::new());
}

#[test]
fn the_log_is_moved_into_the_file_though_there_are_reads_between_the_writes() {
    let options = Options {
        checkpoint_pages: 20,
        ..Options::default()
    };
    let home = in_a_file();
    let store = open_with(&home, catalogue(), options).unwrap();
    // With the making of the tables in it.
    let begun = store.statistics().unwrap().log_bytes;
    for number in 0..200 {
        let query = fill(&store, 1);
        let rows = store.count_blocking(&query).unwrap();
        assert_eq!(rows, number + 1, "a read sees all that was written before");
    }
    let log_bytes = store.statistics().unwrap().log_bytes;
    assert!(
        log_bytes < begun + 100 * 4096,
        "the log has {log_bytes} bytes, and had {begun}"
    );
}
