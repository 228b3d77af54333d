//! The people who can sign in.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use headwater_catalogue::Value;
use maud::html;

use super::{ROWS, Viewer, framed, pages};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::icons;
use crate::text::{containing, encoded};
use crate::value::{NONE, ago};

pub(super) const HERE: &str = "/setup/users";

/// Most characters of a search.
const SEARCH_CHARACTERS_MAX: usize = 80;

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
        .take(SEARCH_CHARACTERS_MAX)
        .collect();
    let narrowed = if search.is_empty() {
        String::new()
    } else {
        let pattern = containing(&search);
        format!(" AND (Name LIKE {pattern} OR Username LIKE {pattern})")
    };
    // The server's own user is nobody who could be given anything.
    let soql = format!(
        "SELECT Id, Name, Username, ProfileId, Profile.Name, IsActive, LastLoginDate FROM User \
         WHERE UserType = 'Standard'{narrowed} ORDER BY Name ASC"
    );
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
            h1 { "Users" }
            @if visitor.manages_users() {
                a .button href="/o/User/new" data-key="c" data-label="New user" { (icons::PLUS) "New" }
            }
        }
        form .controls role="search" action=(HERE) {
            label .search {
                span .unseen { "Search users" }
                (icons::SEARCH)
                input type="search" name="q" value=(search) placeholder="Search users…" data-search
                    autocomplete="off" spellcheck="false";
            }
            button .quiet { "Search" }
        }
        div .list-frame {
            @if table.is_empty() { p .nothing { "Nobody is called “" (search) "”." } } @else {
                table .list data-list {
                    caption .unseen { "Users" }
                    thead { tr {
                        th scope="col" { "Name" } th scope="col" { "Username" } th scope="col" { "Profile" }
                        th scope="col" { "Active" } th scope="col" { "Last login" }
                    } }
                    tbody {
                        @for row in table.rows() {
                            @let url = row.id("Id").map(|id| format!("{HERE}/{id}"));
                            tr data-href=[url.as_ref()] {
                                th scope="row" { a .row-link href=[url.as_ref()] { (row.text("Name")) } }
                                td data-label="Username" { span { (row.text("Username")) } }
                                td data-label="Profile" { span { (row.text("Profile.Name")) } }
                                td data-label="Active" {
                                    @if row.get("IsActive") == &Value::Boolean(true) { span .status.is-active { "Active" } }
                                    @else { span .status { "Switched off" } }
                                }
                                td data-label="Last login" { span {
                                    @match row.get("LastLoginDate").as_datetime() {
                                        Some(at) => (ago(at, zone)),
                                        None => (NONE),
                                    }
                                } }
                            }
                        }
                    }
                }
            }
            (pages(form.filled("after").map(|_| first.as_str()), next.as_deref()))
        }
    };
    framed(&console, visitor, HERE, "Users", &main).await
}
