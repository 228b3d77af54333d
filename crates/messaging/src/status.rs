//! The states of a session, and which follows which.
//!
//! The table is that of Salesforce's life cycle as far as its sources agree; where they are silent, a
//! session moves where a customer or an agent would expect it to.

/// A state of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Begun by an agent; the customer has not answered yet.
    New,
    /// Nobody has taken it yet.
    Waiting,
    /// An agent is on it.
    Active,
    /// The customer has been silent, and the agent is free for others.
    Inactive,
    /// Put aside by its agent.
    Paused,
    /// The customer is being asked whether they want messages.
    Consent,
    /// Over, because something failed.
    Error,
    /// Over.
    Ended,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::New,
        Self::Waiting,
        Self::Active,
        Self::Inactive,
        Self::Paused,
        Self::Consent,
        Self::Error,
        Self::Ended,
    ];

    /// What the field holds.
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Waiting => "Waiting",
            Self::Active => "Active",
            Self::Inactive => "Inactive",
            Self::Paused => "Paused",
            Self::Consent => "Consent",
            Self::Error => "Error",
            Self::Ended => "Ended",
        }
    }

    /// As part of a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Paused => "paused",
            Self::Consent => "waiting for consent",
            Self::Error => "over",
            Self::Ended => "ended",
        }
    }

    /// The state that a field's text names.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether the session is over. A message that comes later begins another.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Ended | Self::Error)
    }

    /// Whether a session may go from here to there.
    pub const fn leads_to(self, next: Self) -> bool {
        match (self, next) {
            (Self::Ended | Self::Error, _) => false,
            (_, Self::Ended | Self::Error)
            | (
                Self::New | Self::Waiting | Self::Inactive | Self::Paused | Self::Consent,
                Self::Active,
            )
            | (Self::Active | Self::Inactive | Self::Consent | Self::New, Self::Waiting)
            | (Self::Active, Self::Inactive | Self::Paused) => true,
            _ => false,
        }
    }

    /// Where a session goes when its customer writes.
    #[must_use]
    pub const fn when_customer_writes(self) -> Self {
        match self {
            // The agent who began it gets the answer.
            Self::New => Self::Active,
            // Its agent has been freed for others, so it is taken anew.
            Self::Inactive => Self::Waiting,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn what_is_over_stays_over() {
        for next in Status::ALL {
            assert!(!Status::Ended.leads_to(next), "{next:?}");
            assert!(!Status::Error.leads_to(next), "{next:?}");
        }
    }

    #[test]
    fn a_customers_message_moves_a_session_along_the_table() {
        for status in Status::ALL {
            let next = status.when_customer_writes();
            assert!(next == status || status.leads_to(next), "{status:?}");
        }
    }

    #[test]
    fn every_word_is_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::of(status.word()), Some(status));
        }
        assert_eq!(Status::of("Asleep"), None);
    }
}
