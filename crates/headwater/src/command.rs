//! The subcommands, one module each.

pub mod administer;
pub mod channel;
pub mod connection;
pub mod doctor;
pub mod fields;
pub mod load;
pub mod migrate;
pub mod proxy;
pub mod relink;
pub mod serve;

use crate::arguments::{Arguments, Command, Metadata};
use crate::failure::{Failure, Outcome};

/// Runs the command.
///
/// # Errors
/// What went wrong, with the exit code that says so.
pub fn run(arguments: Arguments) -> Outcome {
    let common = &arguments.common;
    match arguments.command {
        Command::Relink(relink) => on_this_thread(relink.run(common)),
        Command::Fields(fields) => on_this_thread(fields.run(common)),
        Command::Serve(arguments) => serve::run(common, &arguments),
        Command::User(command) => on_this_thread(administer::user(command, common)),
        Command::Token(token) => on_this_thread(administer::token(token.user, common)),
        Command::App(command) => on_this_thread(administer::app(command, common)),
        Command::Channel(command) => on_this_thread(command.run(common)),
        Command::Backup(command) => on_this_thread(administer::backup(command, common)),
        Command::Metadata(Metadata::Load {
            directory,
            skip_unsupported,
        }) => on_this_thread(load::run(&directory, skip_unsupported, common)),
        Command::Migrate(migrate) => migrate.run(common),
        Command::Proxy(proxy) => on_this_thread(proxy.run(common)),
        Command::Doctor(doctor) => on_this_thread(doctor::run(common, &doctor)),
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
