//! The one neutral error. Each door maps it exhaustively, without a wildcard.

use headwater_catalogue::{CatalogueError, Id, Name};
use headwater_store::{ReadError, WriteError};
use jiff::Timestamp;

use crate::bulk::BulkError;
use crate::explain::Lock;

/// Why a verb did nothing. Public: what a caller is told. Only [`Error::Internal`] keeps its cause
/// to the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No object of this name, or none the caller may see.
    #[error("there is no object '{0}'")]
    UnknownObject(String),
    /// A body names a field the object does not have, or that the caller may not see.
    #[error("{object} has no field '{field}'")]
    UnknownField {
        /// The object.
        object: Name,
        /// The name as given.
        field: String,
    },
    /// A URL or body finds records by a field that is not an external id or name to look up by.
    #[error("'{0}' is not a field that records are found by")]
    NotAnExternalId(String),
    /// The query text is wrong; the message is laid out as Salesforce does.
    #[error("{message}")]
    Soql {
        /// What sort of mistake.
        kind: headwater_soql::SoqlErrorKind,
        /// The whole message with the query, the caret and the position.
        message: String,
    },
    /// The locator is unknown, too old, or another user's.
    #[error("the query locator is not known")]
    UnknownLocator,
    /// `updated` and `deleted` are asked about a stretch of time they cannot answer for.
    #[error("{0}")]
    BadInterval(String),
    /// The body names the record by `Id`, which belongs into the address.
    #[error("a body to {0} must not hold the record's Id")]
    IdInBody(Verb),
    /// The query ran longer or read more rows than the limit lets it.
    #[error("the query took more than {limit}")]
    QueryTooLarge {
        /// The limit, with its unit.
        limit: String,
    },
    /// No such record, or none the caller may see.
    #[error("there is no such record: {0}")]
    NotFound(String),
    /// The record lies in the recycle bin.
    #[error("the record {0} is deleted")]
    Deleted(String),
    /// An external id value names several records.
    #[error("{field} '{value}' names {} records", ids.len())]
    SeveralFound {
        /// The object.
        object: Name,
        /// The field.
        field: Name,
        /// The value.
        value: String,
        /// The records.
        ids: Vec<Id>,
    },
    /// The caller has not the right on the object or the record.
    #[error("you may not {verb} this {object}")]
    NotAllowed {
        /// What was tried.
        verb: Verb,
        /// The object.
        object: Name,
        /// The record, when the object's right is there and the record's is missing.
        record: Option<Id>,
    },
    /// The caller lacks a system permission.
    #[error("this takes the permission {0}")]
    NotPermitted(&'static str),
    /// The object does not take this call for anybody.
    #[error("{object} records do not take {verb}")]
    CallNotSupported {
        /// What was tried.
        verb: Verb,
        /// The object.
        object: Name,
    },
    /// The body writes fields that this caller cannot write here. Nothing else was looked at.
    #[error("these fields cannot be written: {}", names(fields))]
    FieldsNotWritable {
        /// Each with the first rule that says no and where to edit instead.
        fields: Vec<Lock>,
    },
    /// Values are wrong, one problem each.
    #[error("{} of the values are wrong", .0.len())]
    Invalid(Vec<Problem>),
    /// The precondition of the request does not hold any more.
    #[error("the record has changed since it was read")]
    Changed {
        /// The record.
        id: Id,
        /// Its version now.
        now: Timestamp,
    },
    /// Another record holds these values, which must differ.
    #[error("duplicate value in {}", fields.join(", "))]
    Duplicate {
        /// The fields that must differ together.
        fields: Vec<Name>,
        /// The other record.
        existing: Option<Id>,
    },
    /// The Messaging User has an open session, and has at most one.
    #[error("the messaging user already has an open session")]
    SessionOpen {
        /// That session.
        existing: Option<Id>,
    },
    /// Records refer to this one and forbid deleting it.
    #[error("'{name}' is in use by {object} records")]
    Restricted {
        /// The record's name.
        name: String,
        /// The referring object's label.
        object: Name,
        /// Some of the referring records.
        records: Vec<(Id, String)>,
    },
    /// It could have been done, and was not because another change of the same request was refused.
    #[error("undone, for another change of the same request was refused")]
    RolledBack,
    /// A limit of the request.
    #[error("{what} is more than {limit}")]
    LimitExceeded {
        /// What was too much.
        what: String,
        /// The limit, with its unit.
        limit: String,
    },
    /// New metadata breaks an invariant of the catalogue.
    #[error(transparent)]
    Metadata(#[from] CatalogueError),
    /// A text that should be a record's id is none.
    #[error("'{0}' is not an id")]
    MalformedId(String),
    /// A record cannot be brought back from the recycle bin, or be taken out of it for good.
    #[error("{reason}")]
    RecycleBin {
        /// Whether it was to be brought back.
        undelete: bool,
        /// Why not.
        reason: String,
    },
    /// A relink cannot be undone.
    #[error("{0}")]
    CannotUndo(String),
    /// Something about a bulk job.
    #[error(transparent)]
    Bulk(#[from] BulkError),
    /// The database is busy; nothing happened, and trying again is right.
    #[error("the database is busy, try again")]
    Busy,
    /// The database went away while it committed, so the write may or may not have happened.
    #[error("it is not certain whether the change was made")]
    InDoubt,
    /// The bytes of a file are not where they were put. Its record is whole.
    #[error("the bytes of this file are lost: they are not where files are kept")]
    FileLost,
    /// Where bytes of files are kept outside of the database cannot be reached; nothing happened, and
    /// trying again is right. The cause is in the log.
    #[error("where files are kept cannot be reached, try again")]
    FilesUnreachable,
    /// The bytes of a file could not be looked at for viruses; nothing happened, and trying again later is
    /// right. The cause is in the log.
    #[error("files cannot be scanned for viruses just now, so none is taken; try again later")]
    FilesNotScanned,
    /// Our fault. The cause is for the log alone.
    #[error("an internal error happened")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a caller tries to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Verb {
    Read,
    Create,
    Update,
    Delete,
}

impl std::fmt::Display for Verb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        })
    }
}

/// What is wrong with a value. `field` is the API name, `label` what people see; Salesforce's
/// messages begin with the label.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// Values that must be given are not.
    Missing {
        /// The fields.
        fields: Vec<Name>,
    },
    /// A text is longer than the field.
    TooLong {
        /// The field.
        field: Name,
        /// Its label.
        label: Name,
        /// The value.
        value: String,
        /// Most characters it may have.
        max: u32,
    },
    /// A file has too many bytes.
    TooLarge {
        /// The field.
        field: Name,
        /// Its label.
        label: Name,
        /// Most bytes it may have.
        max: usize,
    },
    /// A file holds a virus.
    Infected {
        /// The field.
        field: Name,
        /// Its label.
        label: Name,
        /// What was found, as the scanner calls it.
        found: String,
    },
    /// Not a value of a restricted picklist.
    NotInPicklist {
        /// The field.
        field: Name,
        /// Its label.
        label: Name,
        /// The value.
        value: String,
    },
    /// Not a mail address.
    BadEmail {
        /// The field.
        field: Name,
        /// Its label.
        label: Name,
        /// The value.
        value: String,
    },
    /// Not an id, or the id of another object's record.
    WrongId {
        /// The field.
        field: Name,
        /// Its label.
        label: Name,
        /// The value.
        value: String,
    },
    /// A JSON value that cannot be one of the field's kind.
    WrongType {
        /// The field.
        field: Name,
        /// The name of its kind (`date`, `xsd:boolean`…).
        kind: &'static str,
        /// The value as it stood in the body.
        value: String,
    },
    /// A number with too many digits.
    OutOfRange {
        /// The field.
        field: Name,
        /// Its label.
        label: Name,
        /// The value.
        value: String,
    },
    /// The reference names no record.
    NoSuchRecord {
        /// The field.
        field: Name,
        /// The value.
        id: Id,
    },
    /// The reference names a record the caller may not see.
    HiddenRecord {
        /// The field.
        field: Name,
        /// The value.
        id: Id,
    },
    /// A parent named by an external id is not there.
    NoSuchParent {
        /// The reference field.
        field: Name,
        /// The object looked in.
        object: Name,
        /// The field it was looked up by.
        by: String,
        /// The value looked for.
        value: String,
    },
    /// The kind of record is another object's, or no longer for new records.
    WrongRecordType {
        /// The field.
        field: Name,
        /// Its label.
        label: Name,
        /// The record type.
        id: Id,
    },
    /// The lead is converted, and changed no more.
    ConvertedLead {
        /// The lead.
        id: Id,
    },
    /// The owner is not active.
    InactiveOwner {
        /// The field.
        field: Name,
        /// The user.
        id: Id,
    },
    /// A rule of the object that is not about one value's form.
    Rule {
        /// The fields it is about.
        fields: Vec<Name>,
        /// What is wrong and what to do.
        message: String,
    },
}

impl Problem {
    /// The fields it is about.
    pub fn fields(&self) -> &[Name] {
        match self {
            Self::Missing { fields } | Self::Rule { fields, .. } => fields,
            Self::ConvertedLead { .. } => &[],
            Self::TooLong { field, .. }
            | Self::TooLarge { field, .. }
            | Self::Infected { field, .. }
            | Self::NotInPicklist { field, .. }
            | Self::BadEmail { field, .. }
            | Self::WrongId { field, .. }
            | Self::WrongType { field, .. }
            | Self::OutOfRange { field, .. }
            | Self::NoSuchRecord { field, .. }
            | Self::HiddenRecord { field, .. }
            | Self::NoSuchParent { field, .. }
            | Self::WrongRecordType { field, .. }
            | Self::InactiveOwner { field, .. } => std::slice::from_ref(field),
        }
    }

    /// Whether it is about this field.
    pub fn is_about(&self, field: &str) -> bool {
        self.fields().iter().any(|name| name == field)
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        crate::failure::of_read(error)
    }
}

impl Error {
    /// A cause nobody outside should see.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<WriteError> for Error {
    /// For writes whose operations and checks the verb does not need to tell apart.
    fn from(error: WriteError) -> Self {
        crate::failure::of_write(error)
    }
}

fn names(fields: &[Lock]) -> String {
    fields
        .iter()
        .map(|lock| &*lock.field)
        .collect::<Vec<_>>()
        .join(", ")
}
