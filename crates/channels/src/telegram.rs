//! Telegram: a bot that people write to.
//!
//! Facts are those of the documentation of Telegram's Bot API.

mod api;
mod update;
mod webhook;

pub(crate) use api::{fetch, introduce, send};
pub(crate) use webhook::receive;
