//! When a user has last seen a record, or has seen it referred to: what `LastViewedDate`,
//! `LastReferencedDate` and the lists of recent records are made of.

use crate::{Access, Calls, Columns, Field, Index, Object, OnDelete, SystemFields};

const OF_RECORD: Columns = &[Index::ascending("UserId"), Index::ascending("RecordId")];
const LATEST: Columns = &[Index::ascending("UserId"), Index::descending("SeenDate")];
const INDEXES: &[Index] = &[Index::on(OF_RECORD).unique(), Index::on(LATEST)];

const FIELDS: &[Field] = &[
    Field::reference("UserId", "User").required().on_delete(OnDelete::Cascade),
    // Whatever object it is of. A record may go and leave this; nobody is shown what is not there.
    Field::text("RecordId", 18).required().case_sensitive(),
    Field::text("RecordObject", 80).required(),
    Field::datetime("ViewedDate"),
    Field::datetime("ReferencedDate"),
    // The later of the two.
    Field::datetime("SeenDate").required(),
];

/// A user's view of a record.
pub const OBJECT: Object = Object::new("RecordView", "HW4", FIELDS)
    .label("Record View", "Record Views")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::NONE)
    .access(Access::Internal)
    .indexes(INDEXES);
