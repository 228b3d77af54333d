//! The one binary: configuration, subcommands, wiring. What Headwater knows and does lies in the
//! crates below; here they are opened, joined and shut down.

pub mod arguments;
pub mod command;
pub mod configuration;
pub mod failure;
pub mod logs;

pub mod administration;
pub mod demo;
pub mod directory;
pub mod files;
pub mod opening;
pub mod proxy;
pub mod scanner;
pub mod server;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

/// What this process makes is its owner's alone: databases and copies of them hold people's
/// messages, and a socket that others could open for a moment would be open long enough.
fn keep_to_ourselves() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

/// Runs the command line of this process to its end.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    keep_to_ourselves();
    match command::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
