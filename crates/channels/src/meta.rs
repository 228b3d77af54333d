//! Meta: the `WhatsApp` Cloud API and Facebook Messenger, which share webhook, signature and API.
//!
//! Facts are those of Meta's documentation of webhooks, of the Cloud API and of the Messenger Platform,
//! and for ids in place of phone numbers ("business-scoped user ids") of its notes for 2026.

mod api;
mod files;
mod messenger;
mod sending;
mod signature;
mod webhook;
mod whatsapp;

pub(crate) use api::{introduce_messenger, introduce_whatsapp};
pub(crate) use files::{fetch_messenger, fetch_whatsapp};
pub(crate) use sending::{send_messenger, send_whatsapp};
pub(crate) use webhook::{BODY_BYTES_MAX, receive, verify};
