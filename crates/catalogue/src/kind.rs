//! What kinds of value there are, with what each kind alone needs to say.

use std::borrow::Cow;

use crate::Name;
use crate::picklist::Picklist;

/// A field's kind: Salesforce's describe `type`, and the facts that belong to it.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// The record's own id.
    Id,
    /// One line of text. `length` in characters.
    Text {
        /// Most characters it may have.
        length: u32,
    },
    /// Text of several lines. Above 255 characters it can be selected but not filtered or sorted.
    TextArea {
        /// Most characters it may have.
        length: u32,
    },
    /// A mail address, at most 80 characters, checked for shape.
    Email,
    /// A phone number as people write it, at most 40 characters.
    Phone,
    /// A web address.
    Url {
        /// Most characters it may have.
        length: u32,
    },
    /// A checkbox: never null.
    Boolean,
    /// A whole number of at most `digits` digits.
    Integer {
        /// Most digits it may have.
        digits: u8,
    },
    /// A decimal number.
    Double(Digits),
    /// An amount of money.
    Currency(Digits),
    /// A percentage; 12.5 is 12.5%.
    Percent(Digits),
    /// A day.
    Date,
    /// An instant.
    DateTime,
    /// A time of day.
    Time,
    /// One of a list.
    Picklist(Picklist),
    /// Several of a list, joined by `;`.
    MultiPicklist(Picklist),
    /// One of a list, or any other text.
    Combobox(Picklist),
    /// A number the server gives, in a format such as `MS-{00000000}`.
    AutoNumber {
        /// Text around one `{0…}`, whose zeros are the least number of digits.
        format: Name,
    },
    /// A reference to another record.
    Reference(Reference),
    /// An address made of fields of the same object that begin with `prefix`: `Billing` gathers
    /// `BillingStreet`, `BillingCity` and so on. It has no column of its own.
    Address {
        /// What its parts' names begin with; empty for `Street`, `City`, ….
        prefix: Name,
    },
    /// A value of any kind, kept as text: the old and new value of a history row.
    Any,
    /// Bytes. They lie outside of the record's row, which holds only the number they are kept under.
    Base64(Content),
}

/// The parts an address is made of, after its prefix.
pub const ADDRESS_PARTS: [&str; 10] = [
    "Street",
    "City",
    "State",
    "PostalCode",
    "Country",
    "Latitude",
    "Longitude",
    "GeocodeAccuracy",
    "StateCode",
    "CountryCode",
];

/// How a kind's values are held in [`crate::Value`] and in a database column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// `Value::Boolean`; a column of 0 and 1.
    Boolean,
    /// `Value::Integer`.
    Integer,
    /// `Value::Decimal` with this many digits after the point; a column of the number times
    /// 10 to that power, so that it is exact and sorts as a number.
    Decimal {
        /// Digits after the point.
        scale: u8,
    },
    /// `Value::Text`.
    Text,
    /// `Value::Id`; 18 characters, compared with their case.
    Id,
    /// `Value::Date`; days since 1970-01-01.
    Date,
    /// `Value::DateTime`; microseconds since 1970-01-01T00:00:00Z.
    DateTime,
    /// `Value::Time`; milliseconds since midnight.
    Time,
    /// `Value::Decimal`; a number worked out from many, such as an average. No kind is held so,
    /// and no column.
    Double,
}

/// How many digits a decimal number has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digits {
    /// Digits in all, at most 18.
    pub precision: u8,
    /// Digits after the point.
    pub scale: u8,
}

/// What is known of the bytes of a field from others of the same object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The whole number that says how many bytes they are. The server fills it with them.
    pub size: Name,
    /// The text that says what kind of file they are (`text/csv`), if one does.
    pub media_type: Option<Name>,
}

/// What a reference field points to, and what happens when that goes away.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The objects it may point to.
    pub targets: Targets,
    /// Whether every custom object there is is among them: a catalogue adds them.
    pub custom_too: bool,
    /// The name of the parent in paths and results (`Account` for `AccountId`). None: no path.
    pub relationship: Option<Name>,
    /// The name of the list of children on the parent's side (`MessagingSessions`). None: no list.
    pub children: Option<Name>,
    /// What deleting the parent does to this record.
    pub on_delete: OnDelete,
}

/// The objects a reference may point to.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// Always the same object.
    One(Name),
    /// Several: a polymorphic reference such as an owner.
    Several(Cow<'static, [Name]>),
}

impl Targets {
    /// The objects' names, in the order describe gives them.
    pub fn names(&self) -> &[Name] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

/// What deleting a record does to the records that refer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// The reference becomes null.
    Clear,
    /// The referring record is deleted too.
    Cascade,
    /// The delete is refused.
    Restrict,
}

impl Reference {
    /// Whether it may point to more than one object.
    pub fn is_polymorphic(&self) -> bool {
        matches!(self.targets, Targets::Several(_))
    }
}

impl Kind {
    /// The reference, if this is one.
    pub fn as_reference(&self) -> Option<&Reference> {
        match self {
            Self::Reference(reference) => Some(reference),
            _ => None,
        }
    }

    /// The picklist, whichever sort.
    pub fn as_picklist(&self) -> Option<&Picklist> {
        match self {
            Self::Picklist(list) | Self::MultiPicklist(list) | Self::Combobox(list) => Some(list),
            _ => None,
        }
    }

    /// How its values are held.
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::Id | Self::Reference(_) => ValueType::Id,
            Self::Boolean => ValueType::Boolean,
            Self::Integer { .. } | Self::Base64(_) => ValueType::Integer,
            Self::Double(d) | Self::Currency(d) | Self::Percent(d) => {
                ValueType::Decimal { scale: d.scale }
            }
            Self::Date => ValueType::Date,
            Self::DateTime => ValueType::DateTime,
            Self::Time => ValueType::Time,
            Self::Text { .. }
            | Self::TextArea { .. }
            | Self::Email
            | Self::Phone
            | Self::Url { .. }
            | Self::Picklist(_)
            | Self::MultiPicklist(_)
            | Self::Combobox(_)
            | Self::AutoNumber { .. }
            | Self::Address { .. }
            | Self::Any => ValueType::Text,
        }
    }

    /// Most characters the text may have; none for kinds that are not text.
    pub fn length(&self) -> Option<u32> {
        match self {
            Self::Text { length } | Self::TextArea { length } | Self::Url { length } => {
                Some(*length)
            }
            Self::Email => Some(80),
            Self::Phone => Some(40),
            Self::AutoNumber { .. } | Self::Picklist(_) | Self::Combobox(_) => Some(255),
            Self::MultiPicklist(_) => Some(4099),
            Self::Id | Self::Reference(_) => Some(18),
            Self::Boolean
            | Self::Integer { .. }
            | Self::Double(_)
            | Self::Currency(_)
            | Self::Percent(_)
            | Self::Date
            | Self::DateTime
            | Self::Time
            | Self::Address { .. }
            | Self::Any
            | Self::Base64(_) => None,
        }
    }

    /// What is known of the bytes, if this is a kind for them.
    pub fn as_content(&self) -> Option<&Content> {
        match self {
            Self::Base64(content) => Some(content),
            _ => None,
        }
    }

    /// Digits of a decimal kind; none for the others.
    pub fn digits(&self) -> Option<Digits> {
        match self {
            Self::Double(digits) | Self::Currency(digits) | Self::Percent(digits) => Some(*digits),
            _ => None,
        }
    }

    /// Whether two kinds hold values that can stand for each other: what an inherited field must
    /// share with the field it comes from. Lists may differ in their values and texts in length.
    pub fn is_same_sort(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Reference(a), Self::Reference(b)) => a.targets == b.targets,
            // A mirrored name is plain text here and an auto-number or a picklist there.
            (a, b) if a.is_plain_text() && b.is_plain_text() => true,
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }

    fn is_plain_text(&self) -> bool {
        matches!(
            self,
            Self::Text { .. }
                | Self::TextArea { .. }
                | Self::Url { .. }
                | Self::Email
                | Self::Phone
                | Self::AutoNumber { .. }
        )
    }
}
