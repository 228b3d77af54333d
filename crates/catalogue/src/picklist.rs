//! Picklists: the values, their labels, and whether others are let in.

use std::borrow::Cow;

use crate::Name;

/// One value of a picklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is stored and sent.
    pub value: Name,
    /// What people see.
    pub label: Name,
}

impl Choice {
    /// A value shown as itself.
    pub const fn plain(value: &'static str) -> Self {
        Self::labelled(value, value)
    }

    /// A value shown as `label`.
    pub const fn labelled(value: &'static str, label: &'static str) -> Self {
        Self {
            value: Cow::Borrowed(value),
            label: Cow::Borrowed(label),
        }
    }
}

/// The list of a picklist field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picklist {
    /// The values in the order they are shown and sorted by MIN and MAX.
    pub choices: Cow<'static, [Choice]>,
    /// Whether other values are refused.
    pub restricted: bool,
}

impl Picklist {
    /// The choice with this value, ignoring case, as Salesforce matches picklist input.
    pub fn find(&self, value: &str) -> Option<&Choice> {
        self.choices
            .iter()
            .find(|choice| choice.value.eq_ignore_ascii_case(value))
    }
}
