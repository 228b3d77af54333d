//! The subcommands, one module each.

pub mod connection;
pub mod fields;
pub mod relink;

use crate::arguments::{Arguments, Command};
use crate::failure::{Failure, Outcome};

/// Runs the command.
///
/// # Errors
/// What went wrong, with the exit code that says so.
pub fn run(arguments: Arguments) -> Outcome {
    match arguments.command {
        Command::Relink(relink) => on_this_thread(relink.run(&arguments.common)),
        Command::Fields(fields) => on_this_thread(fields.run(&arguments.common)),
        _ => Err(Failure::broken("not built yet")),
    }
}

/// Commands other than `serve` do one thing after another: a runtime without worker threads starts
/// in no time.
fn on_this_thread(work: impl Future<Output = Outcome>) -> Outcome {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::broken(format!("cannot start: {error}")))?
        .block_on(work)
}
