//! What a search looks into: the words of which fields, and what sort of words they are.

use crate::field::Source;
use crate::kind::Kind;
use crate::object::{Access, Object};
use crate::{Field, Name};

/// The sorts of field that a search tells apart: `IN NAME FIELDS`, `IN EMAIL FIELDS` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SearchClass {
    /// What the record is called.
    Name,
    /// Mail addresses.
    Email,
    /// Phone numbers, found by their last digits too.
    Phone,
    /// All other text.
    Other,
}

impl SearchClass {
    /// All of them, in the order in which a record's words are kept.
    pub const ALL: [Self; 4] = [Self::Name, Self::Email, Self::Phone, Self::Other];

    /// Its name in our own files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Other => "other",
        }
    }
}

/// Whether and as what a field's words are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Searched {
    /// As its kind says: text as text, addresses as addresses, a picklist not at all.
    #[default]
    ByKind,
    /// As this, whatever its kind.
    As(SearchClass),
    /// Not at all: another field has the same words.
    Not,
}

impl Field {
    /// As what its words are searched; none when they are not. Only what is stored with the record
    /// is: an inherited value is found where it lives.
    pub fn search_class(&self) -> Option<SearchClass> {
        if self.internal || self.source != Source::Stored {
            return None;
        }
        match (self.searched, &self.kind) {
            (Searched::Not, _) => None,
            (Searched::As(class), _) => Some(class),
            (Searched::ByKind, _) if self.name_field => Some(SearchClass::Name),
            (Searched::ByKind, kind) => class_of(kind),
        }
    }
}

fn class_of(kind: &Kind) -> Option<SearchClass> {
    match kind {
        Kind::Email => Some(SearchClass::Email),
        Kind::Phone => Some(SearchClass::Phone),
        Kind::Text { .. }
        | Kind::TextArea { .. }
        | Kind::Url { .. }
        | Kind::Combobox(_)
        | Kind::AutoNumber { .. } => Some(SearchClass::Other),
        Kind::Id
        | Kind::Boolean
        | Kind::Integer { .. }
        | Kind::Double(_)
        | Kind::Currency(_)
        | Kind::Percent(_)
        | Kind::Date
        | Kind::DateTime
        | Kind::Time
        | Kind::Picklist(_)
        | Kind::MultiPicklist(_)
        | Kind::Reference(_)
        | Kind::Address { .. }
        | Kind::Any
        | Kind::Base64(_) => None,
    }
}

impl Object {
    /// Whether searches look into it. An index knows records by their ids, which must tell the
    /// object.
    pub fn is_searched(&self) -> bool {
        self.calls.search && self.access != Access::Internal && !self.prefix_is_shared
    }

    /// The places of the fields that searches look into, with as what, in the order of the classes.
    /// Empty for an object that is not searched.
    pub fn searched_fields(&self) -> Vec<(usize, SearchClass)> {
        if !self.is_searched() {
            return Vec::new();
        }
        let fields = self.fields.iter().enumerate();
        let mut searched: Vec<_> =
            fields.filter_map(|(place, field)| Some((place, field.search_class()?))).collect();
        searched.sort_by_key(|(_, class)| *class);
        searched
    }

    /// The names of those fields, each with its class, as one text: what an index was made of.
    pub fn searched_as(&self) -> Vec<(Name, SearchClass)> {
        let fields = self.searched_fields().into_iter();
        fields.map(|(place, class)| (self.fields[place].name.clone(), class)).collect()
    }
}
