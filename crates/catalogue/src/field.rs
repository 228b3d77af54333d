//! Fields: one line of facts each, written as a chain of `const fn`s.
//!
//! ```
//! use headwater_catalogue::Field;
//! const CASE: Field = Field::reference("CaseId", "Case").children("MessagingSessions").editable();
//! const ACCOUNT: Field = Field::reference("EndUserAccountId", "Account")
//!     .label("Account ID")
//!     .inherited("MessagingEndUser.AccountId");
//! ```
//!
//! A new field is read-only, nillable, and filterable, groupable and sortable as its kind allows;
//! the chain says what differs.

use std::borrow::Cow;

use crate::Name;
use crate::kind::{Digits, Kind, OnDelete, Reference, Targets};
use crate::picklist::{Choice, Picklist};

/// One field of an object.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one of describe's own flags, or one that belongs beside them"
)]
pub struct Field {
    /// The API name, unique in its object ignoring case.
    pub name: Name,
    /// What people see. Salesforce's messages begin with it.
    pub label: Name,
    /// What it holds.
    pub kind: Kind,
    /// Where its value comes from.
    pub source: Source,
    /// Whether a create may carry it.
    pub createable: bool,
    /// Whether an update may carry it.
    pub updateable: bool,
    /// Whether it may be empty. A checkbox never is.
    pub nillable: bool,
    /// Whether its column holds a value in every row even though describe calls it nillable: a
    /// create may leave it out or send null, and the default stands in.
    pub always_filled: bool,
    /// What it holds when a create leaves it out.
    pub default: Option<DefaultValue>,
    /// Whether WHERE may name it.
    pub filterable: bool,
    /// Whether GROUP BY may name it.
    pub groupable: bool,
    /// Whether ORDER BY may name it.
    pub sortable: bool,
    /// Whether no two records may hold the same value.
    pub unique: bool,
    /// Whether text compares with its case (unique fields may choose so).
    pub case_sensitive: bool,
    /// Whether records can be found by it in URLs and relationships (`/Account/Ext__c/value`).
    pub external_id: bool,
    /// Whether a parent can be named by it in a body (`"Account": {"Name": …}`).
    pub id_lookup: bool,
    /// Whether this is the record's name.
    pub name_field: bool,
    /// Whether profiles and permission sets grant it by itself. Other fields follow their object.
    pub permissionable: bool,
    /// Whether its changes go to the history object.
    pub tracked: bool,
    /// Whether it was made at run time.
    pub custom: bool,
    /// Whether only the server's own code sees it: no describe, no query, no result has it.
    pub internal: bool,
    /// Help for people.
    pub help: Option<Name>,
}

/// Where a field's value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A column of the object's own table.
    Stored,
    /// The field at the end of this path of relationship names, read through it every time:
    /// `MessagingEndUser.AccountId`. Never a column, so it can never be stale.
    Inherited(Name),
    /// Worked out from other fields whenever it is read.
    Formula(Formula),
    /// A column kept by the store from the records that refer to this one, in the transaction that
    /// changes them.
    Rollup(Rollup),
}

/// The closed set of values worked out on reading.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// The texts at these paths with the separator between them; null parts are left out.
    Concatenation {
        /// Paths from the object.
        paths: Cow<'static, [Name]>,
        /// Text between two parts.
        separator: Name,
    },
    /// Whether the consent at `given` reaches the level that `required` asks for: opted out <
    /// implicit < explicit < double. No consent reaches nothing but an unset requirement's
    /// implicit level when implicit.
    ConsentReached {
        /// Path of a `MessagingConsentStatus`.
        given: Name,
        /// Path of a `ConsentType`.
        required: Name,
    },
    /// How many not deleted records of `object` refer here by `reference` and hold `value` in
    /// `field`.
    CountOf {
        /// The referring object.
        object: Name,
        /// Its reference to this one.
        reference: Name,
        /// Its field to compare.
        field: Name,
        /// What that field must hold.
        value: Name,
    },
    /// A field Salesforce has and fills by a feature that is not here: always null.
    Unfilled,
}

/// A column the store keeps from referring records.
#[derive(Debug, Clone, PartialEq)]
pub struct Rollup {
    /// The referring object.
    pub object: Name,
    /// Its reference to this one.
    pub reference: Name,
    /// What is kept of them.
    pub keeps: Keeps,
}

/// What a rollup keeps of the not deleted referring records.
#[derive(Debug, Clone, PartialEq)]
pub enum Keeps {
    /// How many there are.
    Count,
    /// The greatest value of this field; null when there is none.
    Greatest(Name),
}

/// What a field holds when a create leaves it out.
#[derive(Debug, Clone, PartialEq)]
pub enum DefaultValue {
    /// A checkbox's state.
    Boolean(bool),
    /// A picklist value or text.
    Text(Name),
    /// A whole number.
    Integer(i64),
    /// The moment of the create.
    Now,
    /// Who creates.
    Caller,
}

/// Overwrites a part of a value under construction. `const fn`s may not run destructors, and a
/// plain assignment would drop the old part; these are constants, so nothing is lost.
const fn put<T>(slot: &mut T, value: T) {
    core::mem::forget(core::mem::replace(slot, value));
}

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
            custom: false,
            internal: false,
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
        let reference =
            Reference { targets, relationship, children: None, on_delete: OnDelete::Clear };
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

    /// Content that is not shown in results.
    pub const fn base64(name: &'static str) -> Self {
        Self::of(name, Kind::Base64).selectable_only()
    }
}

/// Builders that say what differs.
impl Field {
    /// What people see.
    pub const fn label(mut self, label: &'static str) -> Self {
        put(&mut self.label, Cow::Borrowed(label));
        self
    }

    /// A create and an update may carry it.
    pub const fn editable(mut self) -> Self {
        self.createable = true;
        self.updateable = true;
        self
    }

    /// A create may carry it, an update never.
    pub const fn set_once(mut self) -> Self {
        self.createable = true;
        self.updateable = false;
        self
    }

    /// An update may carry it, a create never.
    pub const fn update_only(mut self) -> Self {
        self.createable = false;
        self.updateable = true;
        self
    }

    /// It is never empty.
    pub const fn required(mut self) -> Self {
        self.nillable = false;
        self
    }

    /// A create without it gets this text or picklist value.
    pub const fn default_text(mut self, text: &'static str) -> Self {
        put(&mut self.default, Some(DefaultValue::Text(Cow::Borrowed(text))));
        self
    }

    /// A create without it gets this.
    pub const fn default_value(mut self, value: DefaultValue) -> Self {
        put(&mut self.default, Some(value));
        self
    }

    /// A checkbox that a create without it ticks.
    pub const fn ticked(self) -> Self {
        self.default_value(DefaultValue::Boolean(true))
    }

    /// A create without it gets this, and so does one that sends null, so that no row lacks it;
    /// describe says nillable all the same.
    pub const fn always_filled(mut self, value: DefaultValue) -> Self {
        self.always_filled = true;
        self.default_value(value)
    }

    /// It can be selected, but not filtered, grouped or sorted.
    pub const fn selectable_only(mut self) -> Self {
        self.filterable = false;
        self.groupable = false;
        self.sortable = false;
        self
    }

    /// It can be filtered though its kind is not.
    pub const fn filterable(mut self) -> Self {
        self.filterable = true;
        self
    }

    /// It can be sorted though its kind is not.
    pub const fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }

    /// It cannot be filtered.
    pub const fn unfilterable(mut self) -> Self {
        self.filterable = false;
        self
    }

    /// It cannot be grouped.
    pub const fn ungroupable(mut self) -> Self {
        self.groupable = false;
        self
    }

    /// It cannot be sorted.
    pub const fn unsortable(mut self) -> Self {
        self.sortable = false;
        self
    }

    /// No two records hold the same.
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Text compares with its case.
    pub const fn case_sensitive(mut self) -> Self {
        self.case_sensitive = true;
        self
    }

    /// Records are found by it in URLs.
    pub const fn external_id(mut self) -> Self {
        self.external_id = true;
        self.id_lookup = true;
        self
    }

    /// A parent can be named by it in a body.
    pub const fn id_lookup(mut self) -> Self {
        self.id_lookup = true;
        self
    }

    /// It is the record's name.
    pub const fn name_field(mut self) -> Self {
        self.name_field = true;
        self
    }

    /// Profiles and permission sets grant it by itself.
    pub const fn permissionable(mut self) -> Self {
        self.permissionable = true;
        self
    }

    /// Its changes go to the history object.
    pub const fn tracked(mut self) -> Self {
        self.tracked = true;
        self
    }

    /// Only the server's own code sees it.
    pub const fn internal(mut self) -> Self {
        self.internal = true;
        self
    }

    /// Help for people.
    pub const fn help(mut self, help: &'static str) -> Self {
        put(&mut self.help, Some(Cow::Borrowed(help)));
        self
    }

    /// Its value is the field at the end of this path of relationship names, and nothing may write
    /// it here.
    pub const fn inherited(mut self, path: &'static str) -> Self {
        put(&mut self.source, Source::Inherited(Cow::Borrowed(path)));
        self.createable = false;
        self.updateable = false;
        self
    }

    /// Its value is worked out on reading, and nothing may write it.
    pub const fn formula(mut self, formula: Formula) -> Self {
        put(&mut self.source, Source::Formula(formula));
        self.createable = false;
        self.updateable = false;
        self
    }

    /// Its value is kept by the store from referring records, and nothing may write it.
    pub const fn rollup(mut self, rollup: Rollup) -> Self {
        put(&mut self.source, Source::Rollup(rollup));
        self.createable = false;
        self.updateable = false;
        self
    }
}

/// Builders for references; on a field of another kind they change nothing.
impl Field {
    /// The parent's name in paths.
    pub const fn relationship(mut self, name: &'static str) -> Self {
        if let Kind::Reference(reference) = &mut self.kind {
            put(&mut reference.relationship, Some(Cow::Borrowed(name)));
        }
        self
    }

    /// The parent cannot be reached by a path.
    pub const fn without_relationship(mut self) -> Self {
        if let Kind::Reference(reference) = &mut self.kind {
            put(&mut reference.relationship, None);
        }
        self
    }

    /// The name of the list of children on the parent's side.
    pub const fn children(mut self, name: &'static str) -> Self {
        if let Kind::Reference(reference) = &mut self.kind {
            put(&mut reference.children, Some(Cow::Borrowed(name)));
        }
        self
    }

    /// What deleting the parent does.
    pub const fn on_delete(mut self, on_delete: OnDelete) -> Self {
        if let Kind::Reference(reference) = &mut self.kind {
            reference.on_delete = on_delete;
        }
        self
    }
}

/// Questions.
impl Field {
    /// Whether it has a column in its object's table.
    pub fn is_column(&self) -> bool {
        matches!(self.source, Source::Stored | Source::Rollup(_))
            && !matches!(self.kind, Kind::Address { .. })
    }

    /// Whether a create is refused without it: it may be written, must not be empty, and nothing
    /// fills it.
    pub fn must_be_given(&self) -> bool {
        self.createable && !self.nillable && self.default.is_none()
    }

    /// The path it is inherited by, if it is.
    pub fn inherited_path(&self) -> Option<&str> {
        match &self.source {
            Source::Inherited(path) => Some(path),
            Source::Stored | Source::Formula(_) | Source::Rollup(_) => None,
        }
    }
}

const fn open_list(choices: &'static [Choice]) -> Picklist {
    Picklist { choices: Cow::Borrowed(choices), restricted: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inherited_field_cannot_be_written_whatever_was_said_before() {
        let field = Field::reference("A", "B").editable().inherited("C.D");
        assert!(!field.createable && !field.updateable);
        assert!(!field.is_column());
    }

    #[test]
    fn a_reference_that_ends_in_id_is_reached_by_its_stem() {
        let field = Field::reference("AccountId", "Account");
        assert_eq!(field.kind.as_reference().unwrap().relationship.as_deref(), Some("Account"));
        let field = Field::reference("Parent", "Account");
        assert_eq!(field.kind.as_reference().unwrap().relationship, None);
    }
}
