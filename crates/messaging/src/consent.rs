//! How far a customer has agreed to messages, and how far a channel wants it.

use serde::{Deserialize, Serialize};

/// A level of consent, named as `MessagingConsentStatus` names it. Higher ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// No messages.
    OptedOut,
    /// They wrote first.
    #[serde(rename = "ImplicitlyOptedIn")]
    Implicit,
    /// They said so.
    #[serde(rename = "ExplicitlyOptedIn")]
    Explicit,
    /// They said so twice.
    #[serde(rename = "DoublyOptedIn")]
    Double,
}

impl Level {
    /// What `MessagingConsentStatus` says. Who has said nothing at all is taken to have written first.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "OptedOut" => Self::OptedOut,
            "ExplicitlyOptedIn" => Self::Explicit,
            "DoublyOptedIn" => Self::Double,
            _ => Self::Implicit,
        }
    }

    /// What `MessagingConsentStatus` holds.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::OptedOut => "OptedOut",
            Self::Implicit => "ImplicitlyOptedIn",
            Self::Explicit => "ExplicitlyOptedIn",
            Self::Double => "DoublyOptedIn",
        }
    }

    /// The level that a channel's `ConsentType` wants before anybody is written to.
    pub(crate) fn wanted(consent_type: &str) -> Self {
        match consent_type {
            "ExplicitOptIn" => Self::Explicit,
            "DoubleOptIn" => Self::Double,
            _ => Self::Implicit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Level;

    #[test]
    fn levels_are_read_back_and_rise() {
        let all = [
            Level::OptedOut,
            Level::Implicit,
            Level::Explicit,
            Level::Double,
        ];
        assert!(all.is_sorted());
        for level in all {
            assert_eq!(Level::of(level.word()), level);
        }
        assert_eq!(Level::of(""), Level::Implicit);
        for level in all {
            assert_eq!(serde_json::to_value(level).unwrap(), level.word());
        }
        assert!(Level::wanted("DoubleOptIn") > Level::wanted("ExplicitOptIn"));
    }
}
