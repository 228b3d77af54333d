//! What a carrier does for this crate: take a message to a customer.

use std::future::Future;
use std::pin::Pin;

use headwater_catalogue::Id;

/// A message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The channel it goes out on.
    pub channel: Id,
    /// The channel's own address, such as its phone number.
    pub from: String,
    /// The customer's address.
    pub to: String,
    /// What it says.
    pub text: String,
    /// Its id with us, the same at each try: for carriers that know a message again.
    pub id: Id,
}

/// Why a message did not go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// The carrier's code, or a word of ours.
    pub code: String,
    /// What happened, for the agent to read.
    pub reason: String,
    /// Whether trying again later may help.
    pub is_temporary: bool,
}

/// A future that a [`Carrier`] gives.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<String, Undelivered>> + Send + 'a>>;

/// Takes messages to customers.
pub trait Carrier: Send + Sync {
    /// Sends a message, and gives the carrier's own id for it.
    ///
    /// # Errors
    /// It did not go out, as far as can be told.
    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a>;
}
