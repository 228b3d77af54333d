//! A part of a bulk job, worked by itself: what a client of Bulk API 1.0 hands in at a time. Jobs of
//! Bulk API 2.0 have none.

use crate::{Access, Calls, Choice, Field, Object, OnDelete, SystemFields, SystemPermission};

const STATES: &[Choice] =
    &Choice::list(["Queued", "InProgress", "Completed", "Failed", "NotProcessed"]);

const FIELDS: &[Field] = &[
    Field::reference("BulkJobId", "BulkJob")
        .label("Bulk Job ID")
        .required()
        .children("Batches")
        .on_delete(OnDelete::Cascade),
    Field::restricted_picklist("State", STATES).required(),
    Field::text_area("Query", 100_000),
    Field::text_area("ErrorMessage", 32_000).label("Error Message"),
    Field::integer("NumberRecordsProcessed", 9).label("Records Processed").required(),
    Field::integer("NumberRecordsFailed", 9).label("Records Failed").required(),
    // Milliseconds.
    Field::integer("TotalProcessingTime", 9).label("Processing Time").required(),
    Field::integer("Retries", 9).required(),
    Field::datetime("FinishedDate").label("Finished"),
    // The first of its sheets.
    Field::integer("Sheet", 9).internal(),
    Field::text_area("NextKey", 1_000_000).internal(),
];

/// A batch.
pub const OBJECT: Object = Object::new("BulkBatch", "751", FIELDS)
    .label("Bulk Batch", "Bulk Batches")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::QUERY)
    .access(Access::SeenWith(SystemPermission::ViewSetup));
