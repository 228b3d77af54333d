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

mod chain;
mod kinds;

use std::borrow::Cow;

use crate::Name;
use crate::kind::Kind;
use crate::search::Searched;

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
    /// The checkbox of the same object whose ticking this date and time remembers: the store sets it
    /// to the moment at which the checkbox is ticked and clears it when that is no longer so, in the
    /// write that changes the checkbox, unless the write itself says when.
    pub since: Option<Name>,
    /// Whether it was made at run time.
    pub custom: bool,
    /// Whether only the server's own code sees it: no describe, no query, no result has it.
    pub internal: bool,
    /// Whether and as what searches look into it.
    pub searched: Searched,
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
    /// How many not deleted records of `object` refer here by `reference` and hold these values.
    CountOf {
        /// The referring object.
        object: Name,
        /// Its reference to this one.
        reference: Name,
        /// Its fields that are compared, and what each must hold.
        holding: Cow<'static, [(Name, Name)]>,
    },
    /// When whoever asks has last seen the record: this field of their `RecordView` of it.
    LastSeen(Name),
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

    /// Whether MIN, MAX and COUNT take it.
    pub fn is_aggregatable(&self) -> bool {
        self.filterable
            && !matches!(
                self.kind,
                Kind::Boolean
                    | Kind::Time
                    | Kind::MultiPicklist(_)
                    | Kind::Address { .. }
                    | Kind::Any
                    | Kind::Base64(_)
            )
    }

    /// The path it is inherited by, if it is.
    pub fn inherited_path(&self) -> Option<&str> {
        match &self.source {
            Source::Inherited(path) => Some(path),
            Source::Stored | Source::Formula(_) | Source::Rollup(_) => None,
        }
    }
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
