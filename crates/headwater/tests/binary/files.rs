//! Files kept outside of the database: what the configuration takes, and that they are there.

use serde_json::json;

use crate::headwater::{Client, Headwater, PASSWORD, Said};

const KEY_ID: &str = "AKIASESAME";
const SECRET: &str = "open/sesame";

/// `doctor` with these keys of `[files]`.
fn doctor(headwater: &Headwater, keys: &[(&str, &str)]) -> Said {
    let mut command = headwater.command(&["doctor"]);
    for (key, value) in keys {
        command.env(format!("HEADWATER_FILES__{key}"), value);
    }
    command.output().unwrap().into()
}

#[test]
fn what_is_wrong_with_where_files_are_to_be_is_said_by_its_key() {
    let headwater = Headwater::new();
    let refused = |keys: &[(&str, &str)], expected: &str| {
        let said = doctor(&headwater, keys);
        assert_eq!(said.code, 3, "{}{}", said.out, said.err);
        assert!(said.err.contains(expected), "{expected}: {}", said.err);
        assert!(!said.err.contains(SECRET), "{}", said.err);
    };
    refused(
        &[("STORE", "tape")],
        "files.store must be database, directory or s3",
    );
    refused(&[("STORE", "s3")], "needs files.bucket");
    refused(
        &[("BUCKET", "s3://files")],
        "files.bucket must be the bucket's name",
    );
    refused(
        &[("ENDPOINT", "minio:9000")],
        "files.endpoint must begin with http",
    );
    refused(
        &[("SECRET_ACCESS_KEY", SECRET)],
        "files.access_key_id and files.secret_access_key must be given together",
    );
    refused(
        &[("ENDPOINT", "https://me:open/sesame@minio")],
        "files.endpoint must not hold a name or password",
    );
    let missing = headwater.path("missing");
    let mut serve = headwater.command(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("HEADWATER_FILES__STORE", "directory");
    serve.env("HEADWATER_FILES__DIRECTORY", &missing);
    let said = Said::from(serve.output().unwrap());
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(
        said.err.contains("is not there: make it, or mount it"),
        "{}",
        said.err
    );
    assert!(!missing.exists());
}

#[test]
fn the_doctor_says_that_a_bucket_cannot_be_reached_and_nothing_of_the_keys() {
    let headwater = Headwater::new();
    let keys = [
        ("STORE", "s3"),
        ("BUCKET", "files"),
        // Nobody listens there.
        ("ENDPOINT", "http://127.0.0.1:1"),
        ("ACCESS_KEY_ID", KEY_ID),
        ("SECRET_ACCESS_KEY", SECRET),
    ];
    let said = doctor(&headwater, &keys);
    assert_eq!(said.code, 7, "{}{}", said.out, said.err);
    assert!(said.out.contains("PROBLEM  files"), "{}", said.out);
    assert!(
        said.out.contains("a file cannot be written there"),
        "{}",
        said.out
    );
    for text in [said.out, said.err] {
        assert!(!text.contains(KEY_ID) && !text.contains(SECRET), "{text}");
    }
}

#[tokio::test]
async fn a_file_in_the_data_directory_is_there_after_the_server_was_killed() {
    let headwater = Headwater::new();
    let config = headwater.path("headwater.toml");
    std::fs::write(&config, "[files]\nstore = \"directory\"\n").unwrap();
    let config = config.to_str().unwrap();
    let server = headwater.serve(&["--demo", "--config", config]);
    let mut client = Client::stranger(server.url(), None);
    client.log_in("admin@headwater.example", PASSWORD).await;
    let record = json!({ "PathOnClient": "one.txt", "VersionData": "b25l" });
    let path = "/services/data/v67.0/sobjects/ContentVersion";
    let (status, made) = client.post(path, &record).await.unwrap();
    assert_eq!(status, 201, "{made}");
    server.kill();
    let server = headwater.serve(&["--config", config]);
    let client = Client::with(server.url(), &client.token);
    let path = format!("{path}/{}/VersionData", made["id"].as_str().unwrap());
    assert_eq!(client.get(&path, &[]).await, (200, "one".to_owned()));
    let found = headwater.run(&["doctor", "--config", config]);
    assert_eq!(found.code, 0, "{}{}", found.out, found.err);
    assert!(
        found.out.contains("written, read and removed one"),
        "{}",
        found.out
    );
    let copy = headwater.path("copy.db");
    let backup = headwater.run(&["backup", copy.to_str().unwrap(), "--config", config]);
    assert!(
        backup.out.contains("Not in it are the files in"),
        "{}",
        backup.out
    );
    let (status, log) = server.stop();
    assert!(status.success(), "{log}");
}
