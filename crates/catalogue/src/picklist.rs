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
        Self { value: Cow::Borrowed(value), label: Cow::Borrowed(label) }
    }

    /// A list of values shown as themselves.
    pub const fn list<const N: usize>(values: [&'static str; N]) -> [Self; N] {
        let mut choices = [const { Self::plain("") }; N];
        let mut place = 0;
        while place < N {
            choices[place].set(values[place], values[place]);
            place += 1;
        }
        choices
    }

    /// A list of values, each with what people see.
    pub const fn labelled_list<const N: usize>(
        values: [(&'static str, &'static str); N],
    ) -> [Self; N] {
        let mut choices = [const { Self::plain("") }; N];
        let mut place = 0;
        while place < N {
            choices[place].set(values[place].0, values[place].1);
            place += 1;
        }
        choices
    }

    /// Overwrites without a destructor, which a `const fn` may not run.
    const fn set(&mut self, value: &'static str, label: &'static str) {
        core::mem::forget(core::mem::replace(self, Self::labelled(value, label)));
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
        self.choices.iter().find(|choice| choice.value.eq_ignore_ascii_case(value))
    }
}
