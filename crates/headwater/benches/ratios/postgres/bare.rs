//! The physical limit for a read: an axum handler that runs the same prepared statement, and answers
//! the same bytes whatever comes.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::{BufMut as _, BytesMut};
use serde::{Deserialize, Serialize};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls};

use super::database::Statement;
use crate::bare::Bare;

/// Connections, as many as Headwater shares among its reads.
const SHARED: usize = 2;

#[derive(Serialize, Deserialize)]
struct Task {
    url: String,
    statement: Statement,
    body: Vec<u8>,
}

/// Starts one that runs this statement for every request and answers with this body.
pub fn start(url: &str, statement: &Statement, body: &[u8]) -> Result<Bare> {
    let task = serde_json::json!({ "url": url, "statement": statement, "body": body });
    let file = tempfile::NamedTempFile::new()?;
    serde_json::to_writer(&file, &task)?;
    Bare::of("bare-postgres", file.path())
}

/// A parameter as the server has shown it.
#[derive(Debug)]
struct Shown(Option<String>);

impl ToSql for Shown {
    fn to_sql(
        &self,
        as_a: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Some(text) = &self.0 else {
            return Ok(IsNull::Yes);
        };
        match *as_a {
            Type::INT8 => out.put_i64(text.parse()?),
            Type::INT4 => out.put_i32(text.parse()?),
            Type::BOOL => out.put_u8(u8::from(text == "t")),
            _ => out.put_slice(text.as_bytes()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The child's side: serves on a free port and prints its address.
pub fn child(file: &Path) -> Result<()> {
    let task: Task = serde_json::from_slice(&std::fs::read(file)?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(task))
}

async fn serve(task: Task) -> Result<()> {
    let mut links = Vec::new();
    for _ in 0..SHARED {
        let (client, connection) = tokio_postgres::connect(&task.url, NoTls).await?;
        tokio::spawn(connection);
        let statement = client.prepare(&task.statement.text).await?;
        links.push((client, statement));
    }
    let links: Arc<[(Client, tokio_postgres::Statement)]> = links.into();
    let shown = task
        .statement
        .parameters
        .into_iter()
        .map(|parameter| Shown(parameter.0));
    let parameters: Arc<[Shown]> = shown.collect();
    let (body, next) = (bytes::Bytes::from(task.body), Arc::new(AtomicUsize::new(0)));
    let answer = move || {
        let (links, parameters) = (Arc::clone(&links), Arc::clone(&parameters));
        let (body, turn) = (body.clone(), next.fetch_add(1, Ordering::Relaxed));
        async move {
            let (client, statement) = &links[turn % SHARED];
            let parameters: Vec<&(dyn ToSql + Sync)> =
                parameters.iter().map(|shown| shown as _).collect();
            match client.query_one(statement, &parameters).await {
                Ok(_) => (
                    StatusCode::OK,
                    [(CONTENT_TYPE, "application/json;charset=UTF-8")],
                    body,
                ),
                Err(error) => (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    [(CONTENT_TYPE, "text/plain")],
                    error.to_string().into(),
                ),
            }
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/{*path}", get(answer))).await?;
    Ok(())
}
