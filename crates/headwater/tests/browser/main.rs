//! The console in a real browser, on the real binary: what people see and do.
//!
//! Where there is no Chromium, all of these are skipped and listed; CI demands them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chat;
mod client;
mod conversation;
mod desk;
mod edit;
mod inert;
mod keyboard;
mod line;
mod lists;
mod looks;
mod pages;
mod records;
mod relink;
mod rights;
mod screenshots;
mod setup;
mod sign_in;
mod skills;
mod stage;
mod story;
mod vouched;
mod without_script;
mod work;
