//! A client that explains fields and relinks Messaging Users, from any machine, over HTTP.
//!
//! It knows nothing of the server's own code: what it sends and reads is what
//! `/services/headwater/v1/openapi.json` describes, and what it looks up (a phone number, an
//! account's name) it looks up with SOQL like any other client.
//!
//! - [`Client`] logs in and makes the calls.
//! - [`resolve`] turns what people type into record ids, and says so when that is ambiguous.
//! - [`render`] turns answers into text for a terminal.
//!
//! TLS comes from rustls; the program installs its crypto provider before it makes a [`Client`].

pub mod client;
pub mod error;
pub mod explanation;
pub mod links;
pub mod render;
pub mod resolve;

mod table;

pub use client::{Client, Credentials, Server};
pub use error::{Error, Refusal};
pub use explanation::{EditAt, Explanation, Explanations, Lock};
pub use links::{Change, Link, LinkedUser, Order, Outcome, Party, Report};
