//! What is said of a PostgreSQL database that cannot be used.

use headwater_testpostgres::{Database, has_postgres};

use crate::headwater::{Headwater, Said};

/// `serve` and `doctor` on an address that will not do: both say what is wrong, and nothing of a
/// password.
fn refused(url: &str) -> [Said; 2] {
    let headwater = Headwater::new();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--database", url];
    let said = [
        headwater.run(&serve),
        headwater.run(&["doctor", "--database", url]),
    ];
    for said in &said {
        assert_ne!(said.code, 0);
        for text in [&said.out, &said.err] {
            assert!(!text.contains("sesame"), "{text}");
        }
    }
    said
}

fn says(url: &str, expected: &[&str]) {
    let [serve, doctor] = refused(url);
    for expected in expected {
        assert!(serve.err.contains(expected), "{expected}: {}", serve.err);
        assert!(doctor.out.contains(expected), "{expected}: {}", doctor.out);
    }
    assert_eq!(doctor.code, 7, "{}", doctor.err);
}

/// The address with another database, or other settings, at its end.
fn beside(database: &Database, name: &str) -> String {
    let (server, _) = database.url().rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

#[test]
fn an_address_that_is_none_is_told_without_repeating_it() {
    for url in ["mysql://h:sesame@db.example/crm", "sesame"] {
        let headwater = Headwater::new();
        let said = headwater.run(&["serve", "--database", url]);
        assert_eq!(said.code, 3, "{}", said.err);
        assert!(
            said.err.contains("database.url must look like"),
            "{}",
            said.err
        );
        assert!(!said.err.contains("sesame"), "{}", said.err);
    }
}

#[test]
fn a_server_that_is_not_there_is_told_with_what_to_look_at() {
    // Nothing listens at the port that this one gave up.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    says(
        &format!("postgres://h:sesame@127.0.0.1:{port}/crm?sslmode=disable"),
        &[
            &format!("PostgreSQL at 127.0.0.1:{port}/crm as h: "),
            "check that it runs, that host and port are right",
        ],
    );
}

#[test]
fn a_database_that_cannot_be_used_is_told_and_left_as_it_was() {
    if !has_postgres("databases that cannot be used") {
        return;
    }
    let database = Database::new();
    let sql = |text: &str| drop(database.ask(text));
    says(
        &beside(&database, "nowhere"),
        &["does not exist", "createdb"],
    );
    let stranger = database.url().replacen("postgres@", "stranger:sesame@", 1);
    says(&stranger, &["stranger", "check user and password"]);

    let latin = Database::with("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
    says(
        latin.url(),
        &["encoding is LATIN1", "createdb --encoding=UTF8"],
    );
    let ascii = Database::with("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'");
    says(ascii.url(), &["encoding is SQL_ASCII"]);

    sql("CREATE TABLE invoice (id int)");
    says(
        database.url(),
        &[
            "holds other tables",
            "left untouched",
            "name an empty database",
        ],
    );
    assert_eq!(tables(&database), ["invoice"]);

    sql(
        "DROP TABLE invoice; CREATE TABLE _headwater_setting (name text, value text); \
         INSERT INTO _headwater_setting VALUES ('layout', '99')",
    );
    says(database.url(), &["layout 99", "a newer one"]);
    assert_eq!(tables(&database), ["_headwater_setting"]);
}

#[test]
fn a_wrong_password_is_told_and_not_repeated() {
    if std::env::var_os("HEADWATER_TEST_POSTGRES").is_some() {
        eprintln!("SKIPPED: a wrong password, for whom the given server lets in is its own affair");
        return;
    }
    if !has_postgres("a wrong password") {
        return;
    }
    let database = Database::new();
    database.ask(
        "CREATE ROLE by_password; CREATE ROLE clerk LOGIN PASSWORD 'right' IN ROLE by_password; \
         REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    );
    let clerk = |password: &str| {
        let named = format!("clerk:{password}@");
        database.url().replacen("postgres@", &named, 1)
    };
    says(
        &clerk("sesame"),
        &[
            "password authentication failed for user \"clerk\"",
            "check user and password",
        ],
    );
    // The right one opens the door, and leads to the next thing that is wrong.
    let [serve, _] = refused(&clerk("right"));
    assert!(!serve.err.contains("check user"), "{}", serve.err);
    assert!(tables(&database).is_empty());
}

#[test]
fn a_user_without_rights_is_told_which_to_grant() {
    if !has_postgres("a user without rights") {
        return;
    }
    let database = Database::new();
    let role = database.url().rsplit('/').next().unwrap().to_owned() + "_guest";
    database.ask(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'sesame'; REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    ));
    let (before, after) = database.url().split_once("postgres@").unwrap();
    let url = format!("{before}{role}:sesame@{after}");
    says(
        &url,
        &["may not create tables", "GRANT USAGE, CREATE ON SCHEMA"],
    );
    assert!(tables(&database).is_empty());
    database.ask(&format!("DROP ROLE {role}"));
}

#[test]
fn looking_at_an_empty_database_does_not_fill_it_and_backing_up_names_the_tool() {
    if !has_postgres("doctor on an empty database") {
        return;
    }
    let database = Database::new();
    let headwater = Headwater::new();
    let doctor = headwater.run(&["doctor", "--database", database.url()]);
    assert_eq!(doctor.code, 0, "{}{}", doctor.out, doctor.err);
    assert!(doctor.out.contains("the first start makes it"));
    assert!(tables(&database).is_empty());

    let backup = headwater.run(&["backup", "copy", "--database", database.url()]);
    assert_eq!(backup.code, 5, "{}", backup.err);
    assert!(backup.err.contains("pg_dump"), "{}", backup.err);
}

fn tables(database: &Database) -> Vec<String> {
    database.ask("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
}
