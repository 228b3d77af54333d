//! What a search asks for, once its text has been read: words, and how they go together.
//!
//! Texts and searches are taken apart into [`words`] by the same code, here and not in a database,
//! so that every engine finds the same records. Where an engine's index can only say "perhaps" (a
//! wildcard within a word), [`Search::finds`] has the last word.

mod matching;
mod terms;
pub mod words;

use headwater_catalogue::SearchClass;

pub use terms::{Character, Unsearchable};

/// The most words of one search. It bounds what an index is asked, and how deep.
pub const SEARCH_WORDS_MAX: usize = 100;

/// A search of one object's records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Search {
    /// What is looked for.
    pub term: Term,
    /// In which sorts of field; not empty.
    pub classes: Vec<SearchClass>,
    /// The text of a search for plain words: records of just this name come before all others.
    pub exact: Option<String>,
}

/// The fields that a search looks into: `IN … FIELDS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FieldGroup {
    /// All that are searched.
    #[default]
    All,
    /// What records are called.
    Name,
    /// Mail addresses.
    Email,
    /// Phone numbers.
    Phone,
    /// Names, mail addresses and phone numbers.
    Sidebar,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Term {
    /// These words one after the other, in one field; one word is a phrase too.
    Phrase(Vec<Word>),
    /// All of these, wherever in the record. At least one of them is not a [`Term::Not`].
    And(Vec<Term>),
    /// One of these.
    Or(Vec<Term>),
    /// Not this; only among the parts of [`Term::And`].
    Not(Box<Term>),
}

/// A word that is looked for, without case and accents.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Word {
    /// This word.
    Whole(String),
    /// Any word that begins so.
    Beginning(String),
    /// Any word of this form, in which `*` stands for any characters and `?` for one. It begins
    /// with neither.
    Pattern(String),
}

impl FieldGroup {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::All,
        Self::Name,
        Self::Email,
        Self::Phone,
        Self::Sidebar,
    ];

    /// The word that SOSL has for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Name => "NAME",
            Self::Email => "EMAIL",
            Self::Phone => "PHONE",
            Self::Sidebar => "SIDEBAR",
        }
    }

    /// The sorts of field in it.
    pub const fn classes(self) -> &'static [SearchClass] {
        use SearchClass::{Email, Name, Other, Phone};
        match self {
            Self::All => &[Name, Email, Phone, Other],
            Self::Name => &[Name],
            Self::Email => &[Email],
            Self::Phone => &[Phone],
            Self::Sidebar => &[Name, Email, Phone],
        }
    }
}

impl Word {
    /// What every word that fits begins with.
    pub fn beginning(&self) -> &str {
        match self {
            Self::Whole(text) | Self::Beginning(text) => text,
            Self::Pattern(text) => text.split(['*', '?']).next().unwrap_or_default(),
        }
    }
}

impl Search {
    /// Whether an index of words finds too many records, so that each has to be looked at again.
    pub fn is_rough(&self) -> bool {
        self.term.is_rough()
    }

    /// The same in these sorts of field only; none if it looks into none of them.
    #[must_use]
    pub fn within(&self, seen: &[SearchClass]) -> Option<Self> {
        let classes = self.classes.iter().copied();
        let classes: Vec<_> = classes.filter(|class| seen.contains(class)).collect();
        (!classes.is_empty()).then(|| Self {
            classes,
            ..self.clone()
        })
    }

    /// The same without what must not be there: it finds these records too.
    #[must_use]
    pub fn without_unwanted(&self) -> Self {
        Self {
            term: self.term.without_unwanted(),
            ..self.clone()
        }
    }
}

impl Term {
    /// Whether an index of words cannot tell it for certain.
    pub fn is_rough(&self) -> bool {
        match self {
            Self::Phrase(words) => {
                let last = words.len().saturating_sub(1);
                words.iter().enumerate().any(|(place, word)| match word {
                    Word::Whole(_) => false,
                    // Indexes know beginnings at the end of a phrase only.
                    Word::Beginning(_) => place < last,
                    Word::Pattern(_) => true,
                })
            }
            Self::And(all) | Self::Or(all) => all.iter().any(Self::is_rough),
            Self::Not(one) => one.is_rough(),
        }
    }

    fn without_unwanted(&self) -> Self {
        let each = |all: &[Self]| all.iter().map(Self::without_unwanted).collect();
        match self {
            Self::And(all) => {
                let wanted = all.iter().filter(|one| !matches!(one, Self::Not(_)));
                Self::And(wanted.map(Self::without_unwanted).collect())
            }
            Self::Or(all) => Self::Or(each(all)),
            Self::Phrase(_) | Self::Not(_) => self.clone(),
        }
    }

    /// How many words it has.
    pub fn words(&self) -> usize {
        match self {
            Self::Phrase(words) => words.len(),
            Self::And(all) | Self::Or(all) => all.iter().map(Self::words).sum(),
            Self::Not(one) => one.words(),
        }
    }
}
