//! What Headwater's speed is a share of, measured side by side in one run.
//!
//! `cargo bench -p headwater --bench ratios` prints the whole table; with `-- reads lists` behind it
//! only some sections: reads, lists, writes, inbound, live, relinks, bulk, pages, restricted,
//! start, search, console, postgres, postgres-relinks; the last two need PostgreSQL installed.
//!
//! Every ratio compares with something run beside it, in alternating rounds, so that whatever else
//! the machine does hits both. The target stands beside the ratio; missing one fails nothing, for a
//! benchmark is not a test.

#![expect(
    unreachable_pub,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark's parts are its own, and its figures are rates"
)]

mod bare;
mod bulk;
mod console;
mod inbound;
mod lists;
mod live;
mod load;
mod pages;
mod postgres;
mod raw;
mod relinks;
mod search;
mod server;
mod table;
mod traffic;
mod world;

use std::path::{Path, PathBuf};

use anyhow::Result;

use table::Table;

type Section = fn(&mut Table) -> Result<()>;

const SECTIONS: &[(&str, Section)] = &[
    ("reads", traffic::reads),
    ("lists", lists::lists),
    ("writes", traffic::writes),
    ("inbound", inbound::inbound),
    ("live", live::live),
    ("relinks", relinks::relinks),
    ("bulk", bulk::bulk),
    ("pages", pages::pages),
    ("restricted", traffic::restricted),
    ("start", traffic::start),
    ("search", search::search),
    ("console", console::console),
    ("postgres", postgres::postgres),
    ("postgres-relinks", postgres::relinks),
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["load", file] => return load::child(Path::new(file)),
        ["bare-postgres", file] => return postgres::child(Path::new(file)),
        ["bare-page", file] => return pages::child(Path::new(file)),
        ["bare", file] => return bare::child(Path::new(file)),
        _ => {}
    }
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let mut table = Table::default();
    for (name, section) in SECTIONS {
        if arguments.is_empty() || arguments.iter().any(|a| a == name) {
            eprintln!("{name} …");
            section(&mut table)?;
        }
    }
    println!("{table}");
    Ok(())
}

/// Where databases are made: beside the build, on a real disk; `/tmp` may be memory.
fn scratch() -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    std::fs::create_dir_all(&directory).ok();
    directory
}

/// The middle of some figures.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
