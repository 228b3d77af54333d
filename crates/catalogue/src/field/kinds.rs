//! Builders by kind: what a chain begins with.

use std::borrow::Cow;

use super::chain::put;
use super::{DefaultValue, Field, Source};
use crate::Name;
use crate::kind::{Content, Digits, Kind, OnDelete, Reference, Targets};
use crate::picklist::{Choice, Picklist};
use crate::search::Searched;

/// Builders by kind.
impl Field {
    const fn of(name: &'static str, kind: Kind) -> Self {
        Self {
            name: Cow::Borrowed(name),
            label: Cow::Borrowed(name),
            kind,
            source: Source::Stored,
            createable: false,
            updateable: false,
            nillable: true,
            always_filled: false,
            default: None,
            filterable: true,
            groupable: true,
            sortable: true,
            unique: false,
            case_sensitive: false,
            external_id: false,
            id_lookup: false,
            name_field: false,
            permissionable: false,
            tracked: false,
            since: None,
            custom: false,
            internal: false,
            searched: Searched::ByKind,
            help: None,
        }
    }

    /// The record's own id.
    pub const fn id() -> Self {
        let mut field = Self::of("Id", Kind::Id).label("Record ID").required();
        field.id_lookup = true;
        field
    }

    /// One line of text.
    pub const fn text(name: &'static str, length: u32) -> Self {
        Self::of(name, Kind::Text { length })
    }

    /// Text of several lines. Longer than 255 characters, it can only be selected.
    pub const fn text_area(name: &'static str, length: u32) -> Self {
        let field = Self::of(name, Kind::TextArea { length });
        if length > 255 { field.selectable_only() } else { field }
    }

    /// A mail address.
    pub const fn email(name: &'static str) -> Self {
        Self::of(name, Kind::Email)
    }

    /// A phone number.
    pub const fn phone(name: &'static str) -> Self {
        Self::of(name, Kind::Phone)
    }

    /// A web address.
    pub const fn url(name: &'static str, length: u32) -> Self {
        Self::of(name, Kind::Url { length })
    }

    /// A checkbox, not ticked unless its default says so.
    pub const fn boolean(name: &'static str) -> Self {
        let mut field = Self::of(name, Kind::Boolean).required();
        put(&mut field.default, Some(DefaultValue::Boolean(false)));
        field
    }

    /// A whole number.
    pub const fn integer(name: &'static str, digits: u8) -> Self {
        Self::of(name, Kind::Integer { digits })
    }

    /// A decimal number.
    pub const fn double(name: &'static str, precision: u8, scale: u8) -> Self {
        Self::of(name, Kind::Double(Digits { precision, scale })).ungroupable()
    }

    /// An amount of money.
    pub const fn currency(name: &'static str, precision: u8, scale: u8) -> Self {
        Self::of(name, Kind::Currency(Digits { precision, scale })).ungroupable()
    }

    /// A percentage.
    pub const fn percent(name: &'static str, precision: u8, scale: u8) -> Self {
        Self::of(name, Kind::Percent(Digits { precision, scale })).ungroupable()
    }

    /// A day.
    pub const fn date(name: &'static str) -> Self {
        Self::of(name, Kind::Date)
    }

    /// An instant.
    pub const fn datetime(name: &'static str) -> Self {
        Self::of(name, Kind::DateTime).ungroupable()
    }

    /// A time of day.
    pub const fn time(name: &'static str) -> Self {
        Self::of(name, Kind::Time)
    }

    /// One of a list that lets in other values.
    pub const fn picklist(name: &'static str, choices: &'static [Choice]) -> Self {
        Self::of(name, Kind::Picklist(open_list(choices)))
    }

    /// One of a list and nothing else.
    pub const fn restricted_picklist(name: &'static str, choices: &'static [Choice]) -> Self {
        let choices = Cow::Borrowed(choices);
        Self::of(name, Kind::Picklist(Picklist { choices, restricted: true }))
    }

    /// Several of a list.
    pub const fn multi_picklist(name: &'static str, choices: &'static [Choice]) -> Self {
        let mut field = Self::of(name, Kind::MultiPicklist(open_list(choices))).ungroupable();
        field.sortable = false;
        field
    }

    /// A list with free text beside it.
    pub const fn combobox(name: &'static str, choices: &'static [Choice]) -> Self {
        Self::of(name, Kind::Combobox(open_list(choices))).ungroupable()
    }

    /// A number the server gives: `MS-{00000000}`.
    pub const fn auto_number(name: &'static str, format: &'static str) -> Self {
        let format = Cow::Borrowed(format);
        Self::of(name, Kind::AutoNumber { format }).required()
    }

    /// A reference to one object. `AccountId` gets the relationship `Account`; a name without the
    /// ending has none until [`Field::relationship`] gives one. Deleting the parent clears it.
    pub const fn reference(name: &'static str, target: &'static str) -> Self {
        Self::reference_to(name, Targets::One(Cow::Borrowed(target)))
    }

    /// A reference that may point to several objects.
    pub const fn polymorphic(name: &'static str, targets: &'static [Name]) -> Self {
        Self::reference_to(name, Targets::Several(Cow::Borrowed(targets)))
    }

    const fn reference_to(name: &'static str, targets: Targets) -> Self {
        let relationship = match name.as_bytes() {
            [stem @ .., b'I', b'd'] => Some(Cow::Borrowed(name.split_at(stem.len()).0)),
            _ => None,
        };
        let reference = Reference {
            targets,
            custom_too: false,
            relationship,
            children: None,
            on_delete: OnDelete::Clear,
        };
        Self::of(name, Kind::Reference(reference))
    }

    /// An address gathered from the fields whose names begin with `prefix`.
    pub const fn address(name: &'static str, prefix: &'static str) -> Self {
        let mut field = Self::of(name, Kind::Address { prefix: Cow::Borrowed(prefix) });
        field.groupable = false;
        field.sortable = false;
        field
    }

    /// A value of any kind, kept as text.
    pub const fn any(name: &'static str) -> Self {
        let mut field = Self::of(name, Kind::Any);
        field.filterable = false;
        field.groupable = false;
        field
    }

    /// Bytes, the number of which is in `size`. Results have an address where they are fetched.
    pub const fn base64(name: &'static str, size: &'static str) -> Self {
        let content = Content { size: Cow::Borrowed(size), media_type: None };
        Self::of(name, Kind::Base64(content)).selectable_only()
    }
}

const fn open_list(choices: &'static [Choice]) -> Picklist {
    Picklist { choices: Cow::Borrowed(choices), restricted: false }
}
