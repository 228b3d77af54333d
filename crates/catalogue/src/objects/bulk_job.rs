//! A bulk job: many rows that are written, or read, in one go. Who asked for it is `CreatedById`.
//!
//! What was uploaded, what became of each row and what a query found lie beside the records, in sheets
//! of the store; a job says which are its own. Internal fields are where it stands.

use crate::{Access, Calls, Choice, Columns, Field, Index, Object, SystemFields, SystemPermission};

const KINDS: &[Choice] = &Choice::list(["V2Ingest", "V2Query", "Classic"]);
const OPERATIONS: &[Choice] =
    &Choice::list(["insert", "update", "upsert", "delete", "hardDelete", "query", "queryAll"]);
const STATES: &[Choice] = &Choice::list([
    "Open",
    "UploadComplete",
    "InProgress",
    "JobComplete",
    "Closed",
    "Aborted",
    "Failed",
]);

const NEWEST: Columns = &[Index::descending("CreatedDate")];
const INDEXES: &[Index] = &[Index::on(NEWEST)];

const FIELDS: &[Field] = &[
    Field::restricted_picklist("JobType", KINDS).label("Job Type").required(),
    Field::restricted_picklist("Operation", OPERATIONS).required(),
    Field::text("ObjectName", 80).label("Object"),
    Field::restricted_picklist("State", STATES).required(),
    Field::text("ContentType", 20).label("Content Type").required(),
    Field::text("ColumnDelimiter", 20).label("Column Delimiter"),
    Field::text("LineEnding", 10).label("Line Ending"),
    Field::text("ExternalIdFieldName", 255).label("External ID Field"),
    Field::text("ConcurrencyMode", 20).label("Concurrency Mode"),
    Field::integer("ApiVersion", 3).label("API Version").required(),
    Field::text_area("Query", 100_000),
    Field::text_area("ErrorMessage", 32_000).label("Error Message"),
    Field::integer("NumberRecordsProcessed", 9).label("Records Processed").required(),
    Field::integer("NumberRecordsFailed", 9).label("Records Failed").required(),
    // Milliseconds.
    Field::integer("TotalProcessingTime", 9).label("Processing Time").required(),
    Field::integer("Retries", 9).required(),
    Field::datetime("FinishedDate").label("Finished"),
    Field::integer("ChunkSize", 9).label("Chunk Size"),
    // The first of its sheets.
    Field::integer("Sheet", 9).internal(),
    Field::boolean("IsUploaded").internal(),
    Field::text_area("NextKey", 1_000_000).internal(),
];

/// A bulk job.
pub const OBJECT: Object = Object::new("BulkJob", "750", FIELDS)
    .label("Bulk Job", "Bulk Jobs")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::QUERY)
    .access(Access::SeenWith(SystemPermission::ViewSetup))
    .indexes(INDEXES);
