//! What an index was made of and how far it is, as it is written down with what was applied.

use std::collections::BTreeSet;

use crate::migrate::Applied;

/// Stands between what an index is made of and the last record that is in it.
const AFTER: &str = " | after ";

/// How an index is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// What it is made of.
    pub(crate) made_of: String,
    /// The id of the last record that is in it while it is being filled; empty at the beginning.
    pub(crate) after: Option<String>,
}

impl Note {
    pub(crate) fn read(text: &str) -> Self {
        match text.split_once(AFTER) {
            Some((made_of, after)) => Self {
                made_of: made_of.to_owned(),
                after: Some(after.to_owned()),
            },
            None => Self {
                made_of: text.to_owned(),
                after: None,
            },
        }
    }

    pub(crate) fn text(&self) -> String {
        match &self.after {
            Some(after) => format!("{}{AFTER}{after}", self.made_of),
            None => self.made_of.clone(),
        }
    }

    /// The note of an index that is to be made of this; none if it has to be made anew.
    ///
    /// It will do as it is when only fields have come that had no column before, for no record has
    /// anything in them, or when nothing is in it yet. Custom fields that are not there may only
    /// not have been read yet: the catalogue begins without them.
    pub(crate) fn following(&self, object: &str, made_of: &str, applied: &Applied) -> Option<Self> {
        let (version, known) = parts(&self.made_of);
        let (wanted_version, wanted) = parts(made_of);
        let is_new = |field: &str| {
            let name = field.split(':').next().unwrap_or_default();
            !applied.contains_key(&format!("{object}.{name}"))
        };
        let is_empty = self.after.as_deref() == Some("");
        let follows = version == wanted_version
            && known
                .difference(&wanted)
                .all(|field| field.contains(CUSTOM))
            && wanted
                .difference(&known)
                .all(|field| is_empty || is_new(field));
        follows.then(|| {
            let fields: Vec<_> = known
                .union(&wanted)
                .map(|field| format!(" {field}"))
                .collect();
            Self {
                made_of: format!("{version}{}", fields.concat()),
                after: self.after.clone(),
            }
        })
    }
}

/// Ends the name of a custom field.
const CUSTOM: &str = "__c:";

/// The version, and the fields.
fn parts(made_of: &str) -> (&str, BTreeSet<&str>) {
    let (version, fields) = made_of.split_once(' ').unwrap_or((made_of, ""));
    (version, fields.split_whitespace().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        for after in [None, Some(String::new()), Some("001HW0".to_owned())] {
            let made_of = "1 Name:name".to_owned();
            let note = Note { made_of, after };
            assert_eq!(Note::read(&note.text()), note);
        }
    }

    #[test]
    fn an_index_is_made_anew_unless_only_new_columns_have_come() {
        let applied = Applied::from([("Account.Old".to_owned(), "text".to_owned())]);
        let note = |text: &str, made_of| {
            let following = Note::read(text).following("Account", made_of, &applied);
            following.map(|note| note.text())
        };
        let whole = "1 Name:name Phone:phone";
        let following = |made_of| note(whole, made_of);
        assert_eq!(following(whole).as_deref(), Some(whole));
        let more = "1 Name:name New__c:other Phone:phone";
        assert_eq!(following(more).as_deref(), Some(more));
        // The catalogue that a start begins with.
        assert_eq!(note(more, whole).as_deref(), Some(more));
        assert_eq!(following("1 Name:name Old:name Phone:phone"), None);
        assert_eq!(following("1 Name:name"), None);
        assert_eq!(following("2 Name:name Phone:phone"), None);
        assert_eq!(following("1 Name:other Phone:phone"), None);
        let empty = "1 Name:name | after ";
        let all = "1 Name:name Old:name";
        assert_eq!(note(empty, all), Some(format!("{all} | after ")));
        assert_eq!(note("1 Name:name | after 001HW0", all), None);
    }
}
