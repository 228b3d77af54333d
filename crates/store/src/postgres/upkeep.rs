//! Numbers about the database, and what is wrong with it.

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Source};
use sea_query::{BinOper, Expr, ExprTrait as _, Func, Query};

use super::Database;
use super::failure::of_read;
use super::link::Link;
use crate::answer::Statistics;
use crate::dialect::Dialect;
use crate::error::ReadError;
use crate::migrate::rollup_of;
use crate::search;

impl Database {
    /// A line for each thing found wrong. The server keeps its own files and foreign keys.
    pub(crate) async fn check_integrity(
        &self,
        catalogue: &Catalogue,
    ) -> Result<Vec<String>, ReadError> {
        self.apart(async |link| {
            let mut problems = Vec::new();
            let gap = "SELECT COALESCE(COUNT(*) - (MAX(\"replay_id\") - MIN(\"replay_id\") + 1), 0) \
                       FROM \"_headwater_change\"";
            if number(link, gap).await? != 0 {
                problems.push("the change log has a gap".to_owned());
            }
            for (what, text) in rollups(catalogue) {
                let wrong = number(link, &text).await?;
                if wrong > 0 {
                    problems.push(format!("{what} is wrong in {wrong} rows"));
                }
            }
            for (object, records, words) in search::counts(catalogue, Dialect::Postgres) {
                let (records, words) = (number(link, &records).await?, number(link, &words).await?);
                problems.extend(search::wrong(&object, records, words));
            }
            Ok(problems)
        })
        .await
    }

    /// Numbers about the database.
    pub(crate) async fn statistics(&self, catalogue: &Catalogue) -> Result<Statistics, ReadError> {
        self.apart(async |link| {
            let change = async |function: &str| {
                let text = format!(
                    "SELECT COALESCE({function}(\"replay_id\"), 0) FROM \"_headwater_change\""
                );
                number(link, &text).await
            };
            let size = number(link, "SELECT pg_database_size(current_database())").await?;
            let mut rows = Vec::new();
            for object in catalogue.objects() {
                let all = count(link, &format!("SELECT COUNT(*) FROM \"{}\"", object.name)).await?;
                rows.push((object.name.to_string(), all));
            }
            Ok(Statistics {
                file_bytes: u64::try_from(size).unwrap_or_default(),
                // The server's log belongs to all of its databases.
                log_bytes: 0,
                first_change: change("MIN").await?,
                last_change: change("MAX").await?,
                jobs_waiting: count(link, crate::jobs::COUNT).await?,
                rows,
            })
        })
        .await
    }
}

async fn number(link: &Link, text: &str) -> Result<i64, ReadError> {
    let text: Arc<str> = text.into();
    let read = async {
        let statement = link.statement(&text).await?;
        link.client.query_one(&statement, &[]).await?.try_get(0)
    };
    read.await.map_err(|error| of_read(&error))
}

async fn count(link: &Link, text: &str) -> Result<u64, ReadError> {
    Ok(u64::try_from(number(link, text).await?).unwrap_or_default())
}

/// For each rollup a text that counts the rows in which it is not what the referring rows say.
fn rollups(catalogue: &Catalogue) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for object in catalogue.objects() {
        for field in object.fields.iter() {
            if !matches!(field.source, Source::Rollup(_)) {
                continue;
            }
            let id = Expr::col((object.name.to_string(), "Id"));
            let Some(right) = rollup_of(catalogue, field, id, Dialect::Postgres) else {
                continue;
            };
            let kept = Expr::col((object.name.to_string(), field.name.to_string()));
            let mut wrong = Query::select();
            wrong
                .expr(Func::count(Expr::col("Id")))
                .from(object.name.to_string())
                .and_where(kept.binary(BinOper::Custom("IS DISTINCT FROM"), right));
            let name = format!("{}.{}", object.name, field.name);
            texts.push((name, Dialect::Postgres.show(&wrong)));
        }
    }
    texts
}
