//! `headwater doctor`: looks at everything a server needs, and says what is wrong with it.

use std::path::Path;

use headwater_records::{Clock as _, SystemClock};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::administration::{Answer, DatabaseHealth, Task, perform};
use crate::arguments::{Common, Doctor, Serve};
use crate::command::connection::print_json;
use crate::configuration::Configuration;
use crate::directory::Directory;
use crate::failure::{Context as _, Failure, Kind, Outcome};
use crate::files;
use crate::opening::Opened;
use crate::scanner;

/// Less free space than this is a problem: SQLite needs room for its log and for a checkpoint.
const FREE_BYTES_MIN: u64 = 512 << 20;
/// A clock may be this much behind the newest change before it is called wrong.
const BEHIND_MAX: SignedDuration = SignedDuration::from_secs(5);

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    ok: bool,
    detail: String,
}

#[derive(Debug, Serialize)]
struct Report {
    configuration: Vec<(String, String)>,
    findings: Vec<Finding>,
}

/// Looks, and prints what was found.
///
/// # Errors
/// With [`Kind::ProblemsFound`] when something is wrong.
pub async fn run(common: &Common, doctor: &Doctor) -> Outcome {
    let configuration = Configuration::load(common, &Serve::default())?;
    let mut findings = Vec::new();
    let path = &configuration.data.directory;
    if path.is_dir() {
        let directory = Directory::open(path)?;
        findings.push(space(path));
        findings.extend(permissions(&directory));
    } else {
        findings.push(Finding {
            what: "data directory",
            ok: true,
            detail: format!(
                "{} is not there yet; the first start makes it",
                path.display()
            ),
        });
    }
    findings.extend(database(&configuration, doctor).await);
    findings.extend(outside(&configuration).await);
    findings.extend(scanning(&configuration).await);
    findings.push(clock());
    let report = Report {
        configuration: configuration.shown.clone(),
        findings,
    };
    if common.json {
        print_json(&report)?;
    } else {
        print!("{}", text(&report));
    }
    let problems = report.findings.iter().filter(|finding| !finding.ok).count();
    match problems {
        0 => Ok(()),
        1 => Err(Failure::new(Kind::ProblemsFound, "one problem was found")),
        several => {
            let message = format!("{several} problems were found");
            Err(Failure::new(Kind::ProblemsFound, message))
        }
    }
}

fn text(report: &Report) -> String {
    let settings = report.configuration.iter();
    let settings = settings.map(|(key, value)| format!("  {key:<44} {value}"));
    let findings = report.findings.iter().map(|finding| {
        let mark = if finding.ok { "ok" } else { "PROBLEM" };
        format!("  {mark:<8} {:<16} {}", finding.what, finding.detail)
    });
    std::iter::once("Configuration".to_owned())
        .chain(settings)
        .chain(std::iter::once("Findings".to_owned()))
        .chain(findings)
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

async fn database(configuration: &Configuration, doctor: &Doctor) -> Vec<Finding> {
    let health = match look(configuration, doctor).await {
        Ok(Some(health)) => health,
        Ok(None) => {
            return vec![Finding {
                what: "database",
                ok: true,
                detail: "not there yet; the first start makes it".to_owned(),
            }];
        }
        Err(failure) => {
            return vec![Finding {
                what: "database",
                ok: false,
                detail: failure.to_string(),
            }];
        }
    };
    let mut findings = vec![Finding {
        what: "database",
        ok: health.damage.is_empty(),
        detail: if health.damage.is_empty() {
            summary(&health)
        } else {
            health.damage.join("; ")
        },
    }];
    findings.extend(time_of_changes(&health));
    findings
}

/// Whether files can be kept where they are to be, if that is not the database.
async fn outside(configuration: &Configuration) -> Option<Finding> {
    let described = files::described(configuration)?;
    if !files::is_made(configuration) {
        let detail = format!("{described}, which the first start makes");
        return Some(Finding {
            what: "files",
            ok: true,
            detail,
        });
    }
    let tried = match files::places(configuration) {
        Ok(places) => files::try_out(&places).await,
        Err(failure) => Err(failure),
    };
    Some(Finding {
        what: "files",
        ok: tried.is_ok(),
        detail: match tried {
            Ok(()) => format!("{described}: written, read and removed one"),
            Err(failure) => format!("{described}: {failure}"),
        },
    })
}

/// Whether files can be scanned, if they are to be.
async fn scanning(configuration: &Configuration) -> Option<Finding> {
    let scanner = scanner::of(configuration)?;
    let tried = scanner.try_out().await;
    let described = scanner.described();
    Some(Finding {
        what: "virus scanner",
        ok: tried.is_ok(),
        detail: match tried {
            Ok(()) => format!("{described}: finds the EICAR test file, and lets a large one pass"),
            Err(failure) => format!("{described}: no file is taken: {failure}"),
        },
    })
}

/// How the database is, if it is there. One that is not there is not made by looking.
async fn look(configuration: &Configuration, doctor: &Doctor) -> Outcome<Option<DatabaseHealth>> {
    let looking = configuration.clone();
    let is_made = tokio::task::spawn_blocking(move || Opened::is_made(&looking))
        .await
        .doing("the check broke off")??;
    if !is_made {
        return Ok(None);
    }
    let renew_search = doctor.renew_search;
    match perform(configuration, Task::CheckDatabase { renew_search }).await? {
        Answer::Database(health) => Ok(Some(health)),
        other => Err(Failure::broken(format!(
            "not an answer to the check: {other:?}"
        ))),
    }
}

fn summary(health: &DatabaseHealth) -> String {
    format!(
        "whole; {} rows, {} bytes and {} of log, changes {} to {}, {} jobs waiting",
        health.rows,
        health.file_bytes,
        health.log_bytes,
        health.changes.0,
        health.changes.1,
        health.jobs_waiting,
    )
}

/// A clock that was set back makes new records look older than old ones.
fn time_of_changes(health: &DatabaseHealth) -> Option<Finding> {
    let newest: Timestamp = health.newest_change.as_ref()?.parse().ok()?;
    let now: Timestamp = health.now.parse().ok()?;
    let ok = newest.duration_since(now) <= BEHIND_MAX;
    Some(Finding {
        what: "time of changes",
        ok,
        detail: if ok {
            format!("the newest change is of {newest}")
        } else {
            format!("the newest change is of {newest}, and the clock says {now}")
        },
    })
}

fn clock() -> Finding {
    let now = SystemClock.now();
    // The year this release is from; a machine without a battery wakes up in 1970.
    let ok = now.to_string().as_str() >= "2026";
    Finding {
        what: "clock",
        ok,
        detail: now.to_string(),
    }
}

#[cfg(unix)]
fn space(path: &Path) -> Finding {
    let (ok, detail) = match rustix::fs::statvfs(path) {
        Ok(volume) => {
            let free = volume.f_bavail.saturating_mul(volume.f_frsize);
            (free >= FREE_BYTES_MIN, format!("{} MiB free", free >> 20))
        }
        Err(error) => (false, error.to_string()),
    };
    Finding {
        what: "disk",
        ok,
        detail,
    }
}

#[cfg(not(unix))]
fn space(_path: &Path) -> Finding {
    Finding {
        what: "disk",
        ok: true,
        detail: "not looked at on this system".to_owned(),
    }
}

/// Everything in the data directory is its owner's alone: the database holds people's messages,
/// the key lets others pose as this server, and the socket takes commands.
#[cfg(unix)]
fn permissions(directory: &Directory) -> Vec<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let files = [
        directory.path().to_owned(),
        directory.database(),
        directory.key(),
        directory.control(),
    ];
    let mut open = Vec::new();
    for file in files {
        if let Ok(metadata) = std::fs::metadata(&file)
            && metadata.permissions().mode() & 0o077 != 0
        {
            open.push(format!(
                "{} ({:o})",
                file.display(),
                metadata.permissions().mode() & 0o777
            ));
        }
    }
    // A closed directory closes what is in it.
    let is_closed = open
        .first()
        .is_none_or(|first| !first.starts_with(&format!("{} (", directory.path().display())));
    vec![Finding {
        what: "permissions",
        ok: is_closed || open.len() == 1,
        detail: if open.is_empty() {
            "for the owner alone".to_owned()
        } else {
            format!("others of this machine may open {}", open.join(", "))
        },
    }]
}

#[cfg(not(unix))]
fn permissions(_directory: &Directory) -> Vec<Finding> {
    Vec::new()
}
