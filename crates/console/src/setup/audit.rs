//! The audit trail: each change of the set-up, newest first, and a file of the last half year.

use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use headwater_records::Error;
use headwater_records::browse::ROWS_MAX;
use jiff::SignedDuration;
use maud::html;

use super::{ROWS, Viewer, framed, pages};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::text::{containing, encoded};
use crate::value::{by_clock, moment, record_link};

const HERE: &str = "/setup/audit";

/// How far back the file goes, as Salesforce's does.
const FILE_DAYS: i64 = 180;

/// Most rows of the file.
const FILE_ROWS_MAX: usize = 100_000;

const PATHS: &str = "CreatedDate, CreatedById, CreatedBy.Name, CreatedBy.Username, Action, Section, Display, DelegateUser";

pub(super) async fn list(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let search: String = form
        .filled("q")
        .unwrap_or_default()
        .chars()
        .take(80)
        .collect();
    let narrowed = if search.is_empty() {
        String::new()
    } else {
        format!(
            " WHERE Display LIKE {0} OR CreatedBy.Name LIKE {0} OR Section LIKE {0}",
            containing(&search)
        )
    };
    let soql = format!("SELECT {PATHS} FROM SetupAuditTrail{narrowed} ORDER BY CreatedDate DESC");
    let table = console
        .org
        .browse(&visitor.caller, &soql, form.filled("after"), ROWS)
        .await?;
    let first = format!("{HERE}?q={}", encoded(&search));
    let next = table
        .next
        .as_ref()
        .map(|next| format!("{first}&after={}", encoded(next)));
    let zone = &visitor.caller.zone;
    let main = html! {
        header .page-head {
            h1 { "Audit trail" }
            a .button href="/setup/audit.csv" download { "Download " (FILE_DAYS) " days (CSV)" }
        }
        form .controls role="search" action=(HERE) {
            label .search {
                span .unseen { "Search the audit trail" }
                (crate::icons::SEARCH)
                input type="search" name="q" value=(search) placeholder="Search what, who and where…" data-search
                    autocomplete="off" spellcheck="false";
            }
            button .quiet { "Search" }
        }
        div .list-frame {
            @if table.is_empty() {
                p .nothing { @if search.is_empty() { "Nothing has been set up yet." } @else { "Nothing here matches “" (search) "”." } }
            } @else {
                table .list.audit {
                    caption .unseen { "Changes of the set-up, newest first" }
                    thead { tr {
                        th scope="col" { "What" } th scope="col" { "Who" } th scope="col" { "Section" } th scope="col" { "When" }
                    } }
                    tbody {
                        @for row in table.rows() {
                            tr {
                                th scope="row" { (row.text("Display")) }
                                td data-label="Who" { span { (record_link(row.id("CreatedById"), row.text("CreatedBy.Name"))) } }
                                td data-label="Section" { span { (row.text("Section")) } }
                                td data-label="When" { span {
                                    @if let Some(at) = row.get("CreatedDate").as_datetime() { (moment(at, zone)) }
                                } }
                            }
                        }
                    }
                }
            }
            (pages(form.filled("after").map(|_| first.as_str()), next.as_deref()))
        }
    };
    framed(&console, visitor, HERE, "Audit trail", &main).await
}

/// The last half year as a file, in the columns that Salesforce's has.
pub(super) async fn download(
    State(console): State<Console>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let since = console.org.now() - SignedDuration::from_hours(24 * FILE_DAYS);
    let soql = format!(
        "SELECT {PATHS} FROM SetupAuditTrail WHERE CreatedDate >= {since:.0} ORDER BY CreatedDate DESC"
    );
    let mut file = csv::Writer::from_writer(Vec::new());
    let failed = |error| Fault::from(Error::internal(error));
    let head = [
        "Date",
        "User",
        "Source Namespace Prefix",
        "Action",
        "Section",
        "Delegate User",
    ];
    file.write_record(head).map_err(failed)?;
    let (mut after, mut rows): (Option<String>, usize) = (None, 0);
    while rows < FILE_ROWS_MAX {
        let table = console
            .org
            .browse(&visitor.caller, &soql, after.as_deref(), ROWS_MAX)
            .await?;
        for row in table.rows() {
            let at = row.get("CreatedDate").as_datetime();
            let at = at.map_or_else(String::new, |at| by_clock(at, &visitor.caller.zone));
            let cells = [
                at,
                plain(row.text("CreatedBy.Username")),
                String::new(),
                plain(row.text("Display")),
                plain(row.text("Section")),
                plain(row.text("DelegateUser")),
            ];
            file.write_record(cells).map_err(failed)?;
            rows += 1;
        }
        match table.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let content = file
        .into_inner()
        .map_err(|error| Fault::from(Error::internal(error.to_string())))?;
    let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8");
    let name = (
        header::CONTENT_DISPOSITION,
        "attachment; filename=\"setup-audit-trail.csv\"",
    );
    Ok(([kind, name], content).into_response())
}

/// A text that no spreadsheet takes for a formula.
fn plain(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn nothing_in_the_file_is_a_formula() {
        assert_eq!(plain("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(plain("Changed user Jo"), "Changed user Jo");
    }
}
