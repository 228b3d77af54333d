//! Answers that a message offers: where the carrier has buttons they are buttons, elsewhere lines.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Most answers that a message offers: what a list of `WhatsApp`'s holds.
pub const CHOICES_MAX: usize = 10;

/// Most characters of an answer: what a button of `WhatsApp`'s and of Messenger's holds.
pub const CHOICE_CHARACTERS_MAX: usize = 20;

/// A message that offers answers, as an entry holds it beside what its transcript shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Offer {
    /// What it says without them.
    pub(crate) text: String,
    pub(crate) choices: Vec<String>,
}

impl Offer {
    /// As an entry holds it.
    pub(crate) fn kept(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As an entry holds it; none when it holds none.
    pub(crate) fn of(kept: &str) -> Option<Self> {
        serde_json::from_str(kept).ok()
    }
}

/// Answers as somebody has written them: trimmed, without empty ones and repetitions.
///
/// # Errors
/// [`Error::Choices`].
pub(crate) fn checked(choices: &[String]) -> Result<Vec<String>, Error> {
    let mut checked: Vec<String> = Vec::new();
    for choice in choices.iter().map(|choice| choice.trim()) {
        if choice.chars().count() > CHOICE_CHARACTERS_MAX {
            return Err(Error::Choices("each of them has at most 20 characters"));
        }
        // A line break would make two of it.
        if choice.contains(char::is_control) {
            return Err(Error::Choices("each of them is one line"));
        }
        if !choice.is_empty() && !checked.iter().any(|known| known == choice) {
            checked.push(choice.to_owned());
        }
    }
    if checked.len() > CHOICES_MAX {
        return Err(Error::Choices("there are at most 10 of them"));
    }
    Ok(checked)
}

/// A text with the answers that it offers as lines of it.
pub(crate) fn listed(text: &str, choices: &[String]) -> String {
    let lines = choices.iter().map(|choice| format!("• {choice}"));
    let lines = std::iter::once(text.to_owned()).chain(lines);
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Offer, checked, listed};

    fn owned(choices: &[&str]) -> Vec<String> {
        choices.iter().map(|&choice| choice.to_owned()).collect()
    }

    #[test]
    fn answers_are_trimmed_and_there_once() {
        let given = owned(&[" Yes ", "No", "", "Yes"]);
        assert_eq!(checked(&given).unwrap(), ["Yes", "No"]);
        assert!(checked(&owned(&["twenty-one characters"])).is_err());
        assert!(checked(&owned(&["two\nlines"])).is_err());
        let many: Vec<_> = (0..11).map(|number| number.to_string()).collect();
        assert!(checked(&many).is_err());
    }

    #[test]
    fn without_buttons_they_are_lines_and_without_answers_a_text_stays_as_it_is() {
        assert_eq!(
            listed("Fine?", &owned(&["Yes", "No"])),
            "Fine?\n• Yes\n• No"
        );
        assert_eq!(listed("Fine?", &[]), "Fine?");
        let offer = Offer {
            text: "Fine?".to_owned(),
            choices: owned(&["Yes"]),
        };
        assert_eq!(Offer::of(&offer.kept()), Some(offer));
        assert_eq!(Offer::of(""), None);
    }
}
