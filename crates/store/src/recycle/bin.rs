//! What lies in the recycle bin.

use headwater_catalogue::{Id, Object};
use jiff::Timestamp;

use crate::db::Store;
use crate::ddl::IS_DELETED;
use crate::error::ReadError;
use crate::rows::{Cells, Content};

/// A record in the recycle bin that somebody deleted; those that went with it are not among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recycled {
    /// The record.
    pub record: Id,
    /// Its object.
    pub object: String,
    /// When it was deleted.
    pub at: Timestamp,
    /// By whom.
    pub actor: Id,
}

/// Which records of the recycle bin are asked for, those deleted last first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecycledPage {
    /// Only those that this user deleted.
    pub actor: Option<Id>,
    /// Only those that come after this one.
    pub after: Option<(Timestamp, Id)>,
    /// At most so many.
    pub limit: u32,
}

const SELECT: &str = "SELECT \"record\", \"object\", \"at\", \"actor\" \
     FROM \"_headwater_recycled\"";

impl Store {
    /// Records of the recycle bin that somebody deleted, those deleted last first.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn recycled(&self, page: &RecycledPage) -> Result<Vec<Recycled>, ReadError> {
        self.read_recycled(page_of(page)).await
    }

    /// Those that were deleted before an instant, oldest first, and after this one.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn recycled_before(
        &self,
        at: Timestamp,
        after: Option<&Recycled>,
        limit: u32,
    ) -> Result<Vec<Recycled>, ReadError> {
        self.read_recycled(older(at, after, limit)).await
    }

    /// What the recycle bin knows of a record that somebody deleted.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn recycled_record(&self, record: Id) -> Result<Option<Recycled>, ReadError> {
        let mut rows = self.read_recycled(one(record)).await?;
        Ok(rows.pop())
    }

    async fn read_recycled(
        &self,
        (text, parameters): (String, Vec<Content>),
    ) -> Result<Vec<Recycled>, ReadError> {
        let rows = self.engine().own_rows(&text, &parameters, read).await?;
        let known = rows.into_iter().map(|row| row.ok_or_else(damaged));
        known.collect()
    }
}

/// A record of the bin, as it is held; none if it is damaged.
fn read(row: &dyn Cells) -> Option<Recycled> {
    let text = |column| row.content(column).as_text();
    Some(Recycled {
        record: text(0)?.parse().ok()?,
        object: text(1)?.to_owned(),
        at: Timestamp::from_microsecond(row.content(2).as_number()?).ok()?,
        actor: text(3)?.parse().ok()?,
    })
}

/// What is said of a record of the bin that [`read`] gives none for.
fn damaged() -> ReadError {
    ReadError::Database("a note of the recycle bin is damaged".to_owned())
}

/// The statement that reads a page of the bin.
fn page_of(page: &RecycledPage) -> (String, Vec<Content>) {
    let mut parameters = Vec::new();
    let mut conditions = Vec::new();
    let mut next = |content: Content| {
        parameters.push(content);
        format!("${}", parameters.len())
    };
    if let Some(actor) = page.actor {
        let actor = next(Content::Text(actor.to_string()));
        conditions.push(format!("\"actor\" = {actor}"));
    }
    if let Some((at, record)) = page.after {
        // Each its own parameter, for an engine may want to know the type of each.
        let (before, same) = (at.as_microsecond(), at.as_microsecond());
        let (before, same) = (next(Content::Number(before)), next(Content::Number(same)));
        let record = next(Content::Text(record.to_string()));
        conditions.push(format!(
            "(\"at\" < {before} OR (\"at\" = {same} AND \"record\" < {record}))"
        ));
    }
    let condition = if conditions.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", conditions.join(" AND "))
    };
    let limit = page.limit;
    let text = format!("{SELECT}{condition} ORDER BY \"at\" DESC, \"record\" DESC LIMIT {limit}");
    (text, parameters)
}

/// The statement that reads those which were deleted before an instant, oldest first.
fn older(than: Timestamp, after: Option<&Recycled>, limit: u32) -> (String, Vec<Content>) {
    let mut parameters = vec![Content::Number(than.as_microsecond())];
    let mut condition = "\"at\" < $1".to_owned();
    if let Some(last) = after {
        let at = Content::Number(last.at.as_microsecond());
        parameters.extend([at.clone(), at, Content::Text(last.record.to_string())]);
        condition.push_str(" AND (\"at\" > $2 OR (\"at\" = $3 AND \"record\" > $4))");
    }
    let text = format!("{SELECT} WHERE {condition} ORDER BY \"at\", \"record\" LIMIT {limit}");
    (text, parameters)
}

/// The statement that reads the note of one record.
fn one(record: Id) -> (String, Vec<Content>) {
    let text = format!("{SELECT} WHERE \"record\" = $1");
    (text, vec![Content::Text(record.to_string())])
}

/// What a database that had no notes yet knows of its deleted records: each was deleted by itself.
pub(crate) fn fill(object: &Object) -> Option<String> {
    let stamped = ["SystemModstamp", "LastModifiedById"];
    let has_all = object.keeps_deleted() && stamped.iter().all(|name| object.field(name).is_some());
    has_all.then(|| {
        format!(
            "INSERT INTO \"_headwater_recycled\" (\"record\", \"object\", \"at\", \"actor\") \
             SELECT \"Id\", '{name}', \"SystemModstamp\", \"LastModifiedById\" FROM \"{name}\" \
             WHERE \"{IS_DELETED}\" = TRUE",
            name = object.name,
        )
    })
}
