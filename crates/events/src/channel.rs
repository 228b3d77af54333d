//! The channels there are: `/data/ChangeEvents`, and `/data/AccountChangeEvent` for each object whose
//! changes are followed (`/data/Invoice__ChangeEvent` for `Invoice__c`).

use std::sync::Arc;

/// What a channel carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Carries {
    /// The changes of every object that the subscriber may follow.
    Everything,
    /// The changes of this object, by its name in any case.
    Object(Arc<str>),
}

impl Carries {
    /// What a channel of this name carries; none if there are no such channels.
    pub(crate) fn of(channel: &str) -> Option<Self> {
        let name = channel.strip_prefix("/data/")?;
        if name == "ChangeEvents" {
            return Some(Self::Everything);
        }
        let object = name
            .strip_suffix("ChangeEvent")
            .filter(|name| !name.is_empty())?;
        Some(Self::Object(if object.ends_with("__") {
            format!("{object}c").into()
        } else {
            object.into()
        }))
    }

    /// Whether the changes of an object are on it.
    pub(crate) fn takes(&self, object: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Object(name) => name.eq_ignore_ascii_case(object),
        }
    }
}

/// What a subscriber is told of a channel that there is none of, in Salesforce's words first. Of those
/// that Salesforce has and this server has not, it says what to take instead.
pub(crate) fn absent(channel: &str) -> String {
    let text =
        format!("400::The channel you requested to subscribe to does not exist {{{channel}}}");
    let instead = ["/topic/", "/u/", "/event/"]
        .iter()
        .any(|kind| channel.starts_with(kind));
    if !instead {
        return text;
    }
    format!(
        "{text}. PushTopics, generic channels and platform events are not offered here: subscribe to \
         /data/ChangeEvents or to an object's own channel, such as /data/AccountChangeEvent"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_a_channel_and_all_together_have_one() {
        assert_eq!(Carries::of("/data/ChangeEvents"), Some(Carries::Everything));
        let standard = Carries::of("/data/AccountChangeEvent").unwrap();
        assert!(standard.takes("Account") && !standard.takes("Contact"));
        let custom = Carries::of("/data/Invoice__ChangeEvent").unwrap();
        assert!(custom.takes("Invoice__c") && !custom.takes("Invoice"));
        for none in [
            "/data/ChangeEvent",
            "/data/Account",
            "/topic/X",
            "/data/*",
            "Account",
        ] {
            assert_eq!(Carries::of(none), None, "{none}");
        }
    }
}
