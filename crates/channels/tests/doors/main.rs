//! Carriers and web clients, through HTTP and on both engines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod media;
mod messenger;
mod partner;
mod sending;
mod stage;
mod stand_in;
mod telegram;
mod twilio;
mod visitor;
mod webchat;
mod webchat_files;
mod webchat_forms;
mod webchat_rates;
mod webchat_verified;
mod whatsapp;

#[test]
fn all_of_this_on_postgres() {
    headwater_testpostgres::run_again_on_postgres();
}
