//! A job as its record says it is.

use headwater_catalogue::{Id, Value};
use jiff::Timestamp;

/// Through which API a job came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Bulk API 2.0, rows to write.
    Ingest,
    /// Bulk API 2.0, a query.
    Query,
    /// Bulk API 1.0, which hands in batches.
    Classic,
}

impl JobKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ingest, Self::Query, Self::Classic];

    /// As its record says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ingest => "V2Ingest",
            Self::Query => "V2Query",
            Self::Classic => "Classic",
        }
    }
}

/// What a job does with its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum BulkOperation {
    Insert,
    Update,
    Upsert,
    Delete,
    HardDelete,
    Query,
    QueryAll,
}

impl BulkOperation {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Insert,
        Self::Update,
        Self::Upsert,
        Self::Delete,
        Self::HardDelete,
        Self::Query,
        Self::QueryAll,
    ];

    /// As clients say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Upsert => "upsert",
            Self::Delete => "delete",
            Self::HardDelete => "hardDelete",
            Self::Query => "query",
            Self::QueryAll => "queryAll",
        }
    }

    /// The operation of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|operation| operation.word().eq_ignore_ascii_case(word))
    }

    /// Whether it reads.
    pub fn is_query(self) -> bool {
        matches!(self, Self::Query | Self::QueryAll)
    }

    /// Whether its rows are only to go.
    pub fn is_delete(self) -> bool {
        matches!(self, Self::Delete | Self::HardDelete)
    }
}

/// How the batches of a job go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concurrency {
    /// Several at once.
    Parallel,
    /// One after the other, in the order they were handed in.
    Serial,
}

impl Concurrency {
    /// All of them, in the order of the numbers that some clients have for them.
    pub const ALL: [Self; 2] = [Self::Parallel, Self::Serial];

    /// As clients say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Parallel => "Parallel",
            Self::Serial => "Serial",
        }
    }

    /// The mode of a word or number.
    pub fn of_word(word: &str) -> Option<Self> {
        let is_it = |(number, mode): &(usize, Self)| {
            mode.word().eq_ignore_ascii_case(word) || number.to_string() == word
        };
        let found = Self::ALL.into_iter().enumerate().find(is_it);
        found.map(|(_, mode)| mode)
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Rows are being handed in.
    Open,
    /// All rows are there; nobody works on them yet.
    UploadComplete,
    /// Somebody works on it.
    InProgress,
    /// Every row was tried.
    JobComplete,
    /// No more batches come.
    Closed,
    /// Somebody has stopped it.
    Aborted,
    /// It could not be worked.
    Failed,
}

impl JobState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::UploadComplete,
        Self::InProgress,
        Self::JobComplete,
        Self::Closed,
        Self::Aborted,
        Self::Failed,
    ];

    /// As clients say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::UploadComplete => "UploadComplete",
            Self::InProgress => "InProgress",
            Self::JobComplete => "JobComplete",
            Self::Closed => "Closed",
            Self::Aborted => "Aborted",
            Self::Failed => "Failed",
        }
    }

    /// Whether nothing more comes of it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::JobComplete | Self::Aborted | Self::Failed)
    }
}

/// A bulk job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: Id,
    /// Through which API it came.
    pub kind: JobKind,
    /// What it does.
    pub operation: BulkOperation,
    /// With which object's records.
    pub object: Option<String>,
    /// Where it stands.
    pub state: JobState,
    /// `CSV`, `JSON` or `XML`; with `ZIP_` before it if rows come in an archive with their files.
    pub content_type: String,
    /// The name of what parts columns.
    pub column_delimiter: Option<String>,
    /// The name of what ends lines.
    pub line_ending: Option<String>,
    /// The field by which an upsert finds records.
    pub external_id: Option<String>,
    /// How its batches go.
    pub concurrency: Concurrency,
    /// The API version it was made with.
    pub version: u8,
    /// The query.
    pub query: Option<String>,
    /// Rows of a batch that a query is cut into, if it is.
    pub chunk_size: Option<u64>,
    /// How far it is.
    pub progress: Progress,
    /// Who made it.
    pub created_by: Id,
    /// When.
    pub created: Timestamp,
    /// When it last moved on.
    pub modified: Timestamp,
}

/// How far a job or batch is.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Rows that were tried.
    pub processed: u64,
    /// Rows among them that were refused.
    pub failed: u64,
    /// How long it was worked on.
    pub milliseconds: u64,
    /// How often it was begun again.
    pub retries: u64,
    /// Why it failed.
    pub error: Option<String>,
    /// The first of its sheets.
    pub(crate) sheet: Option<i64>,
    /// Whether all that was uploaded is there.
    pub(crate) is_uploaded: bool,
    /// Where a query continues.
    pub(crate) next: Option<String>,
}

impl Progress {
    /// The sheet with what was uploaded, or with a query's answer.
    pub(crate) fn text_sheet(&self) -> Option<i64> {
        self.sheet
    }

    /// The sheet that says what became of each row.
    pub(crate) fn row_sheet(&self) -> Option<i64> {
        self.sheet.map(|sheet| sheet + 1)
    }
}

/// Sheets of a job or batch.
pub(crate) const SHEETS: u32 = 2;

/// The fields of a job that are read.
pub(crate) const JOB_FIELDS: [&str; 23] = [
    "JobType",
    "Operation",
    "ObjectName",
    "State",
    "ContentType",
    "ColumnDelimiter",
    "LineEnding",
    "ExternalIdFieldName",
    "ConcurrencyMode",
    "ApiVersion",
    "Query",
    "ErrorMessage",
    "NumberRecordsProcessed",
    "NumberRecordsFailed",
    "TotalProcessingTime",
    "Retries",
    "ChunkSize",
    "Sheet",
    "IsUploaded",
    "NextKey",
    "CreatedById",
    "CreatedDate",
    "SystemModstamp",
];

/// A row of these fields, with the id before them.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'r> {
    pub(crate) names: &'r [&'r str],
    pub(crate) row: &'r [Value],
}

impl<'r> Columns<'r> {
    pub(crate) fn id(self) -> Option<Id> {
        self.row.first()?.as_id()
    }

    pub(crate) fn value(self, name: &str) -> &'r Value {
        static NULL: Value = Value::Null;
        let place = self.names.iter().position(|known| *known == name);
        place
            .and_then(|place| self.row.get(place + 1))
            .unwrap_or(&NULL)
    }

    pub(crate) fn text(self, name: &str) -> Option<String> {
        self.value(name).as_text().map(str::to_owned)
    }

    pub(crate) fn number(self, name: &str) -> u64 {
        let number = self.value(name).as_integer();
        number
            .and_then(|number| u64::try_from(number).ok())
            .unwrap_or_default()
    }

    pub(crate) fn progress(self) -> Progress {
        Progress {
            processed: self.number("NumberRecordsProcessed"),
            failed: self.number("NumberRecordsFailed"),
            milliseconds: self.number("TotalProcessingTime"),
            retries: self.number("Retries"),
            error: self.text("ErrorMessage"),
            sheet: self.value("Sheet").as_integer(),
            is_uploaded: self.value("IsUploaded").is_true(),
            next: self.text("NextKey"),
        }
    }
}

/// What the content type begins with of a job whose rows come in archives.
const ARCHIVED: &str = "ZIP_";

impl Job {
    /// What its rows are written in: `CSV`, `JSON` or `XML`, in an archive or not.
    pub fn rows_type(&self) -> &str {
        let content_type = self.content_type.as_str();
        content_type.strip_prefix(ARCHIVED).unwrap_or(content_type)
    }

    /// Whether its rows come in archives, with files beside them.
    pub fn is_archive(&self) -> bool {
        self.content_type.starts_with(ARCHIVED)
    }

    /// What its batches wait for one another in; none when they do not wait.
    pub(crate) fn lane(&self) -> Option<Id> {
        match self.concurrency {
            Concurrency::Parallel => None,
            Concurrency::Serial => Some(self.id),
        }
    }

    /// The job of a row; none for one that is damaged.
    pub(crate) fn of(row: &[Value]) -> Option<Self> {
        let columns = Columns {
            names: &JOB_FIELDS,
            row,
        };
        let word = |name| columns.value(name).as_text().unwrap_or_default();
        let kind = JobKind::ALL
            .into_iter()
            .find(|kind| kind.word() == word("JobType"))?;
        let state = JobState::ALL
            .into_iter()
            .find(|state| state.word() == word("State"))?;
        let chunk_size = columns.number("ChunkSize");
        Some(Self {
            id: columns.id()?,
            kind,
            operation: BulkOperation::of_word(word("Operation"))?,
            object: columns.text("ObjectName"),
            state,
            content_type: columns.text("ContentType").unwrap_or_default(),
            column_delimiter: columns.text("ColumnDelimiter"),
            line_ending: columns.text("LineEnding"),
            external_id: columns.text("ExternalIdFieldName"),
            concurrency: Concurrency::of_word(word("ConcurrencyMode"))
                .unwrap_or(Concurrency::Parallel),
            version: u8::try_from(columns.number("ApiVersion")).unwrap_or_default(),
            query: columns.text("Query"),
            chunk_size: (chunk_size > 0).then_some(chunk_size),
            progress: columns.progress(),
            created_by: columns.value("CreatedById").as_id()?,
            created: columns.value("CreatedDate").as_datetime()?,
            modified: columns.value("SystemModstamp").as_datetime()?,
        })
    }
}
