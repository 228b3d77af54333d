//! Change events out: Salesforce's Streaming API over CometD (Bayeux, long polling).
//!
//! The change log is the truth. A subscriber stands at a place in it, the replay id of what it was told
//! last, and each answer to its hanging request is what came after that, as its caller may see it at
//! that moment. So nothing is queued for anybody, and whoever comes back says where they were.

mod door;

mod bayeux;
mod channel;
mod conversation;
mod letting_in;

mod clients;
mod delivery;
mod log;

mod change_event;

pub use door::{EventSettings, Events, router};
