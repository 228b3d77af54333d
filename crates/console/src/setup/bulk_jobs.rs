//! Bulk jobs: what is being loaded or read in great numbers, how far it is, and what went wrong. The
//! page follows the jobs that it shows.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use headwater_records::browse::Cells;
use maud::{Markup, html};

use super::{ROWS, Viewer, around, pages};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::shell::Page;
use crate::text::{encoded, grouped};
use crate::value::{moment, record_link};
use crate::visitor::Visitor;

const HERE: &str = "/setup/bulk-jobs";

const PATHS: &str = "CreatedDate, CreatedById, CreatedBy.Name, JobType, Operation, ObjectName, State, ErrorMessage, NumberRecordsProcessed, NumberRecordsFailed, TotalProcessingTime";

pub(super) async fn list(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let newest = visitor.newest;
    let soql = format!("SELECT Id, {PATHS} FROM BulkJob ORDER BY CreatedDate DESC");
    let table = console
        .org
        .browse(&visitor.caller, &soql, form.filled("after"), ROWS)
        .await?;
    let next = table
        .next
        .as_ref()
        .map(|next| format!("{HERE}?after={}", encoded(next)));
    let main = html! {
        header .page-head { h1 { "Bulk jobs" } }
        div .list-frame {
            @if table.is_empty() {
                p .nothing { "Nothing has been loaded or read in bulk within the last seven days." }
            } @else {
                table .list.bulk-jobs {
                    caption .unseen { "Bulk jobs, newest first" }
                    thead { tr {
                        th scope="col" { "Job" } th scope="col" { "State" } th scope="col" { "Rows" }
                        th scope="col" { "Failed" } th scope="col" { "Who" } th scope="col" { "When" }
                    } }
                    tbody { @for row in table.rows() { (line(row, &visitor)) } }
                }
            }
            (pages(form.filled("after").map(|_| HERE), next.as_deref()))
        }
    };
    let watched = table.rows().filter_map(|row| row.id("Id"));
    // New jobs come onto the first page.
    let watches_all =
        form.filled("after").is_none() && console.org.sees_all(&visitor.caller, "BulkJob");
    let mut page = Page::new(visitor, "Bulk jobs · Setup".to_owned(), around(HERE, &main))
        .class("setup")
        .under("/setup")
        .watching(newest, watched);
    if watches_all {
        page = page.watching_all(newest, "BulkJob".into());
    }
    page.show(&console).await
}

fn line(row: Cells<'_>, visitor: &Visitor) -> Markup {
    let count = |path| row.get(path).as_integer().map_or(0, i64::unsigned_abs);
    let error = row.text("ErrorMessage");
    html! {
        tr {
            th scope="row" {
                (row.text("Operation")) " " (row.text("ObjectName"))
                @if row.text("JobType") == "Classic" { " " span .soft { "in batches" } }
            }
            td data-label="State" { span {
                (state(row.text("State")))
                @if !error.is_empty() { br; span .soft { (error) } }
            } }
            td data-label="Rows" { span { (grouped(count("NumberRecordsProcessed"))) } }
            td data-label="Failed" { span { (grouped(count("NumberRecordsFailed"))) } }
            td data-label="Who" { span { (record_link(row.id("CreatedById"), row.text("CreatedBy.Name"))) } }
            td data-label="When" { span {
                @if let Some(at) = row.get("CreatedDate").as_datetime() { (moment(at, &visitor.caller.zone)) }
            } }
        }
    }
}

/// A state in words.
fn state(word: &str) -> &str {
    match word {
        "Open" => "Waiting for rows",
        "UploadComplete" => "Waiting",
        "InProgress" => "In progress",
        "JobComplete" => "Complete",
        word => word,
    }
}
