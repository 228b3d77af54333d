//! Carriers and web chat: what they send is checked and handed to `messaging`, and what agents write is
//! taken to them.
//!
//! Each outside format has one module. A webhook is answered when what it brought is durable, and not
//! before; what follows from it happens afterwards.

mod api;
mod attributes;
mod carriers;
mod door;
mod fetch;
mod file_answer;
mod file_links;
mod meta;
mod pace;
mod partner;
mod refusal;
mod telegram;
mod twilio;
mod uploads;
mod webchat;
mod widget;

pub use door::{ChannelSettings, Channels, connect_carriers, router};
