//! The binary as a process: what people and scripts meet.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod administer;
mod channels;
#[cfg(unix)]
mod clamd;
mod demo;
mod files;
mod headwater;
mod metadata;
mod migrate;
mod nodes;
mod postgres;
mod proxy;
#[cfg(unix)]
mod scanner;
mod serve;
