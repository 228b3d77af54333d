//! A demo's data is made up and its password is on a terminal, so other machines do not reach it
//! unless that is wanted in plain words.

use crate::arguments::Serve;
use crate::configuration::Configuration;
use crate::failure::{Failure, Outcome};

/// Refuses a demo that other machines would reach.
///
/// # Errors
/// When an address is not this machine's alone, and nobody said that this is meant.
pub fn check_demo(configuration: &Configuration, serve: &Serve) -> Outcome {
    if !serve.demo || serve.demo_exposed_and_i_understand {
        return Ok(());
    }
    let server = &configuration.server;
    let addresses = [server.listen, server.listen_tls];
    let exposed = addresses
        .into_iter()
        .flatten()
        .find(|address| !address.ip().is_loopback());
    match exposed {
        None => Ok(()),
        Some(address) => Err(Failure::usage(format!(
            "--demo does not listen at {address}, where other machines reach it. If that is meant, \
             add --demo-exposed-and-i-understand"
        ))),
    }
}
