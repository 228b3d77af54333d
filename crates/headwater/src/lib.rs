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
pub mod opening;
pub mod server;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

/// Runs the command line of this process to its end.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match command::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
