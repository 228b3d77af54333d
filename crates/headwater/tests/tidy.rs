//! What ARCHITECTURE.md promises about the source, held against the source.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates, lowest first, and which of ours each may use. An arrow that is not here is a
/// decision to be taken here.
const ARROWS: &[(&str, &[&str])] = &[
    ("catalogue", &[]),
    ("soql", &["catalogue"]),
    ("store", &["catalogue", "soql"]),
    ("records", &["catalogue", "soql", "store"]),
    ("messaging", &["catalogue", "records"]),
    ("channels", &["catalogue", "records", "messaging"]),
    ("rest", &["catalogue", "soql", "records", "messaging"]),
    ("events", &["catalogue", "records"]),
    ("console", &["catalogue", "records", "messaging"]),
    // A client: it works on any server that speaks like this one.
    ("relink", &[]),
    // Used by tests alone, the store's own among them.
    ("testpostgres", &[]),
    ("testbrowser", &[]),
    (
        "testkit",
        &[
            "catalogue",
            "soql",
            "store",
            "records",
            "messaging",
            "rest",
            "testpostgres",
        ],
    ),
    (
        "headwater",
        &[
            "catalogue",
            "soql",
            "store",
            "records",
            "messaging",
            "channels",
            "events",
            "rest",
            "console",
            "relink",
        ],
    ),
];

/// Words of an outside format, and the crates that may know it. Everybody else goes through them.
const FORMATS: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("sea_query", &["store"]),
    ("tokio_postgres", &["store", "testpostgres"]),
    (
        "axum",
        &[
            "rest",
            "console",
            "channels",
            "events",
            "headwater",
            "testkit",
        ],
    ),
    ("object_store", &["records", "headwater", "testkit"]),
    ("jsonwebtoken", &["rest", "channels"]),
    ("reqwest", &["relink", "channels", "testkit", "testbrowser"]),
    ("quick_xml", &["rest", "headwater"]),
    ("csv_core", &["rest"]),
    ("argon2", &["records"]),
    (
        "serde::",
        &["rest", "headwater", "relink", "messaging", "channels"],
    ),
];

/// Longest file, tests and the catalogue's tables aside.
const LINES_MAX: usize = 400;

#[test]
fn crates_use_only_the_crates_below_them() {
    let mut problems = Vec::new();
    for directory in crates() {
        let name = name_of(&directory);
        let Some((_, allowed)) = ARROWS.iter().find(|(crate_name, _)| *crate_name == name) else {
            problems.push(format!("{name} is not in the list of arrows"));
            continue;
        };
        for used in dependencies(&directory) {
            if !allowed.contains(&&*used) {
                problems.push(format!("{name} uses {used}"));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn outside_formats_are_known_to_one_crate_each() {
    let mut problems = Vec::new();
    for file in rust_files() {
        let path = relative(&file);
        if is_beside_the_layers(&path) {
            continue;
        }
        let content = fs::read_to_string(&file).unwrap();
        for (word, knowing) in FORMATS {
            let known = knowing
                .iter()
                .any(|name| path.starts_with(&format!("crates/{name}/")));
            if !known && source_lines(&content).any(|line| names(line, word)) {
                problems.push(format!("{path} names {word}"));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn files_are_short_and_begin_with_what_they_are() {
    let mut problems = Vec::new();
    for file in rust_files() {
        let path = relative(&file);
        let content = fs::read_to_string(&file).unwrap();
        if !content.starts_with("//!") {
            problems.push(format!("{path} does not begin with its documentation"));
        }
        let is_table = path.starts_with("crates/catalogue/src/objects/");
        if is_beside_the_layers(&path) || path.ends_with("/tests.rs") || is_table {
            continue;
        }
        let lines = source_lines(&content).count();
        if lines > LINES_MAX {
            problems.push(format!(
                "{path} has {lines} lines, and {LINES_MAX} is the most"
            ));
        }
    }
    assert_none(&problems);
}

#[test]
fn lints_are_argued_with_and_tests_neither_sleep_nor_hide() {
    // Put together here, so that this file does not find itself.
    let forbidden = [
        concat!("#[all", "ow("),
        concat!("#![all", "ow("),
        concat!("#[ign", "ore"),
        concat!("thread::sl", "eep"),
    ];
    let mut problems = Vec::new();
    for file in rust_files() {
        let content = fs::read_to_string(&file).unwrap();
        for (place, line) in content.lines().enumerate() {
            // A benchmark is no test: it looks at a server that has had time to come to rest.
            let rests = relative(&file).contains("/benches/") && line.contains(forbidden[3]);
            if let Some(word) = forbidden.iter().find(|word| line.contains(**word))
                && !rests
            {
                problems.push(format!("{}:{}: {word}", relative(&file), place + 1));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn nothing_names_the_machine_it_was_written_on() {
    let homes = [
        concat!("/ho", "me/"),
        concat!("/ro", "ot/"),
        concat!("/Us", "ers/"),
        concat!("/wo", "rk/"),
    ];
    let mut problems = Vec::new();
    for path in tracked_files() {
        let Ok(content) = fs::read_to_string(root().join(&path)) else {
            // Not text, or gone: nothing to read.
            continue;
        };
        for (place, line) in content.lines().enumerate() {
            if homes.iter().any(|home| line.contains(home)) {
                problems.push(format!("{path}:{}: {}", place + 1, line.trim()));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn the_documents_name_files_that_are_there() {
    let mut problems = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let content = fs::read_to_string(root().join(document)).unwrap();
        // Paths stand in backticks and begin with a folder of the repository.
        for quoted in content.split('`').skip(1).step_by(2) {
            let is_path = ["crates/", "story/", "docs/", ".ci/"]
                .iter()
                .any(|folder| quoted.starts_with(folder));
            let stands_for_several =
                quoted.contains(['{', '<', '*', ' ']) || quoted.contains("OBJECT");
            if is_path && !stands_for_several && !root().join(quoted).exists() {
                problems.push(format!("{document} names {quoted}"));
            }
        }
    }
    assert_none(&problems);
}

fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n  {}", problems.join("\n  "));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn crates() -> Vec<PathBuf> {
    let mut crates: Vec<_> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("Cargo.toml").is_file())
        .collect();
    crates.sort();
    crates
}

fn name_of(directory: &Path) -> String {
    directory
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned()
}

/// The crates of ours that a crate uses outside of its tests.
fn dependencies(directory: &Path) -> Vec<String> {
    let manifest = fs::read_to_string(directory.join("Cargo.toml")).unwrap();
    manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.strip_prefix("headwater-"))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .map(str::to_owned)
        .collect()
}

/// The lines before the tests of a file.
fn source_lines(content: &str) -> impl Iterator<Item = &str> {
    content
        .lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
}

/// Whether a line uses a crate of this name; prose may speak of it.
fn names(line: &str, word: &str) -> bool {
    let code = line.trim_start();
    !code.starts_with("//")
        && code.match_indices(word).any(|(at, _)| {
            let before = code[..at].chars().next_back();
            let after = code[at + word.len()..].chars().next();
            let joins = |c: char| c.is_alphanumeric() || c == '_';
            let is_whole = !before.is_some_and(joins);
            is_whole && (word.ends_with("::") || after == Some(':'))
        })
}

/// Tests and measurements look at everything from outside.
fn is_beside_the_layers(path: &str) -> bool {
    ["/tests/", "/benches/", "/examples/"]
        .iter()
        .any(|folder| path.contains(folder))
}

fn rust_files() -> Vec<PathBuf> {
    let tracked = tracked_files();
    let files = tracked.iter().map(|path| root().join(path));
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "rs");
    files
        .filter(is_rust)
        .filter(|path| path.is_file())
        .collect()
}

fn relative(file: &Path) -> String {
    file.strip_prefix(root())
        .unwrap()
        .to_string_lossy()
        .replace('\\', "/")
}

/// What git keeps, or would: a file that was only just written counts.
fn tracked_files() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    assert!(listed.status.success(), "git lists the files");
    let text = String::from_utf8(listed.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}
