//! A new job: what is asked for, and whether it can be.

use std::sync::Arc;

use headwater_catalogue::{Kind, Object, SystemPermission, Value};
use headwater_soql::resolved::{Output, Query};
use headwater_store::Operation;

use super::error::BulkError;
use super::job::{BulkOperation, Concurrency, Job, JobKind, JobState};
use super::unit::{count, named, object, queue};
use crate::caller::Caller;
use crate::error::Error;
use crate::metadata;
use crate::org::Org;
use crate::query::{check_filtered, resolved};

/// A job that is asked for.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Through which API it comes.
    pub kind: JobKind,
    /// What it does.
    pub operation: BulkOperation,
    /// With which object's records; a query says it itself.
    pub object: Option<String>,
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
    /// The API version.
    pub version: u8,
    /// The query.
    pub query: Option<String>,
    /// Rows of a batch that a query is cut into, if it is.
    pub chunk_size: Option<u64>,
}

impl Org {
    /// Makes a job. One with a query waits to be worked from now on, others for their rows.
    ///
    /// # Errors
    /// [`BulkError`] when there can be no such job; [`Error::Soql`] for its query.
    pub async fn create_job(&self, caller: &Caller, new: NewJob) -> Result<Job, Error> {
        let mut new = new;
        match new.kind {
            JobKind::Query => new.object = Some(self.object_of_query(caller, &new)?),
            JobKind::Ingest | JobKind::Classic => {
                let object = bulk_object(caller, new.object.as_deref().unwrap_or_default())?;
                new.object = Some(object.name.to_string());
                check_operation(caller, object, &new)?;
            }
        }
        let catalogue = self.catalogue();
        let jobs = object(&catalogue, "BulkJob")?;
        let id = self.store().next_id(jobs);
        let is_query = new.kind == JobKind::Query;
        let state = if is_query {
            JobState::UploadComplete
        } else {
            JobState::Open
        };
        let mut values = values(&new, state);
        if is_query {
            values.push(("Sheet", Value::Integer(self.new_sheets().await?)));
        }
        let insert = Operation::Insert {
            object: Arc::clone(jobs),
            id,
            values: named(jobs, values),
        };
        let mut set = self.bulk_set(caller.user, vec![insert]);
        if is_query {
            set.jobs.push(queue(id, set.at, None));
        }
        self.apply(set).await?;
        self.job(caller, id.as_str()).await
    }

    /// The object a query reads, if a job can answer the query.
    fn object_of_query(&self, caller: &Caller, new: &NewJob) -> Result<String, Error> {
        let soql = new.query.as_deref().unwrap_or_default();
        let all = new.operation == BulkOperation::QueryAll;
        let query = resolved(caller, soql, all, self.now())?;
        check_query(&query)?;
        check_filtered(&query)?;
        Ok(query.object().name.to_string())
    }
}

/// What a job cannot answer, in Salesforce's words.
pub(super) fn check_query(query: &Query) -> Result<(), Error> {
    let refused = |what: &str| {
        let message = format!("{what} not supported in the Bulk API");
        Err(Error::from(BulkError::BadInput(message)))
    };
    if query.count || query.group.is_some() {
        return refused("Aggregate functions are");
    }
    if query.offset > 0 {
        return refused("OFFSET is");
    }
    if !query.children.is_empty() {
        return refused("Nested queries are");
    }
    if holds(&query.outputs, |output| {
        matches!(output, Output::TypeOf { .. })
    }) {
        return refused("TYPEOF is");
    }
    if holds(&query.outputs, |output| {
        matches!(output, Output::Address { .. })
    }) {
        return refused("Selecting compound data is");
    }
    if holds(&query.outputs, |output| {
        matches!(
            output,
            Output::Value {
                kind: Kind::Base64(_),
                ..
            }
        )
    }) {
        return refused("Selecting base64 fields is");
    }
    Ok(())
}

/// Whether something of this sort is selected, of the record or of a parent.
fn holds(outputs: &[Output], is_it: fn(&Output) -> bool) -> bool {
    outputs.iter().any(|output| match output {
        Output::Parent { outputs, .. } => holds(outputs, is_it),
        Output::Value { .. }
        | Output::Function { .. }
        | Output::Address { .. }
        | Output::TypeOf { .. }
        | Output::Children { .. } => is_it(output),
    })
}

/// An object whose records a job may write or read.
fn bulk_object<'c>(caller: &'c Caller, name: &str) -> Result<&'c Arc<Object>, Error> {
    let unknown = || BulkError::WrongObject(format!("Unable to find object: {name}"));
    let found = caller.rights.catalogue.object(name);
    let object = found
        .filter(|object| caller.rights.on(object).read)
        .ok_or_else(unknown)?;
    if metadata::is_metadata(object) {
        let message = format!("Entity '{name}' is not supported by the Bulk API.");
        return Err(BulkError::WrongObject(message).into());
    }
    Ok(object)
}

fn check_operation(caller: &Caller, object: &Object, new: &NewJob) -> Result<(), Error> {
    match new.operation {
        BulkOperation::HardDelete if !caller.rights.has(SystemPermission::ModifyAllData) => {
            let message = "hardDelete operation requires special user profile permission, please \
                           contact your system administrator";
            Err(BulkError::NotEnabled(message.to_owned()).into())
        }
        BulkOperation::Upsert => check_external_id(caller, object, new.external_id.as_deref()),
        BulkOperation::Query | BulkOperation::QueryAll if new.kind == JobKind::Ingest => {
            let message = format!("{} is not an operation of ingest", new.operation.word());
            Err(BulkError::BadJob(message).into())
        }
        BulkOperation::Insert
        | BulkOperation::Update
        | BulkOperation::Delete
        | BulkOperation::HardDelete
        | BulkOperation::Query
        | BulkOperation::QueryAll => Ok(()),
    }
}

fn check_external_id(caller: &Caller, object: &Object, name: Option<&str>) -> Result<(), Error> {
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        let message = "External ID was blank for upsert operation. An external ID must be specified \
                       when performing upsert";
        return Err(BulkError::BadJob(message.to_owned()).into());
    };
    let finds = object.position(name).is_some_and(|place| {
        let field = &object.fields[place];
        let is_key = place == 0 || field.external_id || field.id_lookup;
        is_key && caller.rights.on(object).reads(place)
    });
    if finds {
        return Ok(());
    }
    let message = format!(
        "Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field \
         for {}",
        object.name
    );
    Err(BulkError::BadJob(message).into())
}

fn values(new: &NewJob, state: JobState) -> Vec<(&'static str, Value)> {
    let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
    vec![
        ("JobType", new.kind.word().into()),
        ("Operation", new.operation.word().into()),
        ("ObjectName", text(&new.object)),
        ("State", state.word().into()),
        ("ContentType", new.content_type.as_str().into()),
        ("ColumnDelimiter", text(&new.column_delimiter)),
        ("LineEnding", text(&new.line_ending)),
        ("ExternalIdFieldName", text(&new.external_id)),
        ("ConcurrencyMode", new.concurrency.word().into()),
        ("ApiVersion", Value::Integer(new.version.into())),
        ("Query", text(&new.query)),
        ("NumberRecordsProcessed", Value::Integer(0)),
        ("NumberRecordsFailed", Value::Integer(0)),
        ("TotalProcessingTime", Value::Integer(0)),
        ("Retries", Value::Integer(0)),
        ("ChunkSize", new.chunk_size.map_or(Value::Null, count)),
    ]
}
