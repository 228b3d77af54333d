//! Twilio: SMS and MMS, and `WhatsApp` through it.
//!
//! Facts are those of Twilio's documentation of webhooks and of its Messages resource.

mod api;
mod signature;
mod webhook;

pub(crate) use api::{fetch, introduce, send};
pub(crate) use webhook::{message, status};
