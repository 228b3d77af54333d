//! Templates: texts that a carrier has looked over beforehand, and takes when it takes no others.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Most characters of a template's name, and of its language.
const NAME_CHARACTERS_MAX: usize = 512;
const LANGUAGE_CHARACTERS_MAX: usize = 20;

/// Most texts that fill a template in, and most characters of one.
const PARAMETERS_MAX: usize = 20;
const PARAMETER_CHARACTERS_MAX: usize = 400;

/// A carrier's template, and what fills it in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// What the carrier calls it.
    pub name: String,
    /// In which language, as the carrier writes it: `en_US`.
    pub language: String,
    /// What stands for `{{1}}`, `{{2}}` and so on.
    pub parameters: Vec<String>,
}

impl Template {
    /// Whether it can be kept and sent.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let is_word = |text: &str, max: usize| {
            let plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '_' | '-');
            !text.is_empty() && text.len() <= max && text.chars().all(plain)
        };
        if !is_word(&self.name, NAME_CHARACTERS_MAX) {
            return Err(Error::Template(
                "its name has letters, digits and underscores alone",
            ));
        }
        if !is_word(&self.language, LANGUAGE_CHARACTERS_MAX) {
            return Err(Error::Template("its language is written like en_US"));
        }
        if self.parameters.len() > PARAMETERS_MAX {
            return Err(Error::Template("at most 20 texts fill it in"));
        }
        let fits = |text: &String| {
            let length = text.chars().count();
            (1..=PARAMETER_CHARACTERS_MAX).contains(&length)
        };
        if !self.parameters.iter().all(fits) {
            return Err(Error::Template(
                "each text that fills it in has 1 to 400 characters",
            ));
        }
        Ok(())
    }

    /// What the transcript shows: the carrier alone knows the words.
    pub(crate) fn shown(&self) -> String {
        let Self {
            name,
            language,
            parameters,
        } = self;
        match parameters.join(" | ") {
            filled if filled.is_empty() => format!("[template {name}, {language}]"),
            filled => format!("[template {name}, {language}] {filled}"),
        }
    }

    /// As an entry holds it.
    pub(crate) fn kept(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As an entry holds it; none when it holds none.
    pub(crate) fn of(kept: &str) -> Option<Self> {
        serde_json::from_str(kept).ok()
    }
}
