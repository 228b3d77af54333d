//! One user: whether they can sign in, their password, their profile and permission sets.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::{Id, Value};
use headwater_records::{Cells, Draft, Error, LoginError, Precondition, Table};
use maud::{Markup, html};

use super::controls::Trouble;
use super::permission_sets::Set;
use super::users::HERE;
use super::{Change, Viewer, crumbs, done, framed, refused};
use crate::console::Console;
use crate::fault::Fault;
use crate::text::literal;
use crate::toast::Notice;
use crate::value::{NONE, ago};
use crate::visitor::Visitor;

/// Most permission sets of one person that are shown.
const ASSIGNED_MAX: u64 = 500;

/// A user as they are now.
struct Person {
    id: Id,
    row: Table,
    /// The permission sets they have: assignment, set, label.
    assigned: Vec<(Id, Id, String)>,
}

impl Person {
    async fn read(console: &Console, visitor: &Visitor, id: &str) -> Result<Self, Error> {
        let not_found = || Error::NotFound(id.to_owned());
        let id: Id = id.parse().map_err(|_| not_found())?;
        let wanted = literal(id.as_str());
        let (org, caller) = (&console.org, &visitor.caller);
        let soql = format!(
            "SELECT Id, Name, Username, Email, ProfileId, Profile.Name, UserRole.Name, IsActive, LastLoginDate, \
             CreatedDate FROM User WHERE Id = {wanted}"
        );
        let row = org.browse(caller, &soql, None, 1).await?;
        if row.is_empty() {
            return Err(not_found());
        }
        let soql = format!(
            "SELECT Id, PermissionSetId, PermissionSet.Label FROM PermissionSetAssignment \
             WHERE AssigneeId = {wanted} AND PermissionSet.ProfileId = null ORDER BY PermissionSet.Label ASC"
        );
        let table = org.browse(caller, &soql, None, ASSIGNED_MAX).await?;
        let assigned = table.rows().filter_map(|row| {
            let label = row.text("PermissionSet.Label").to_owned();
            Some((row.id("Id")?, row.id("PermissionSetId")?, label))
        });
        Ok(Self {
            id,
            assigned: assigned.collect(),
            row,
        })
    }

    fn cells(&self) -> Cells<'_> {
        self.row.cells(0)
    }

    fn url(&self) -> String {
        format!("{HERE}/{}", self.id)
    }

    fn is_active(&self) -> bool {
        self.cells().get("IsActive") == &Value::Boolean(true)
    }
}

pub(super) async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let person = Person::read(&console, &visitor, &id).await?;
    page(&console, visitor, &person, &Trouble::default()).await
}

/// Switches a user on or off.
pub(super) async fn set_active(
    State(console): State<Console>,
    Path(id): Path<String>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let person = Person::read(&console, &visitor, &id).await?;
    let active = form.get("active") == Some("true");
    if !active && person.id == visitor.caller.user {
        let trouble = Trouble::of_one(
            "active",
            "You cannot switch yourself off: nobody might be left who can undo it.",
        );
        let response = page(&console, visitor, &person, &trouble).await?;
        return Ok(refused(response, StatusCode::UNPROCESSABLE_ENTITY));
    }
    let draft = Draft::new().with("IsActive", active);
    let (org, caller) = (&console.org, &visitor.caller);
    let written = org
        .update(
            caller,
            "User",
            person.id.as_str(),
            draft,
            Precondition::default(),
        )
        .await;
    finish(&console, visitor, &person, written.map(|_| ())).await
}

pub(super) async fn set_password(
    State(console): State<Console>,
    Path(id): Path<String>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let person = Person::read(&console, &visitor, &id).await?;
    let password = form.get("password").unwrap_or_default();
    let trouble = if form.get("again") == Some(password) {
        match console
            .org
            .set_password(&visitor.caller, person.id, password)
            .await
        {
            Ok(()) => return Ok(done(&person.url(), Notice::Saved)),
            Err(
                error @ (LoginError::PasswordTooShort { .. } | LoginError::PasswordTooLong { .. }),
            ) => Trouble::of_one("password", format!("This cannot be the password: {error}.")),
            Err(LoginError::Records(error)) => Trouble::of(error)?,
            Err(LoginError::Busy) => return Err(Error::Busy.into()),
            Err(error) => return Err(Error::internal(error).into()),
        }
    } else {
        Trouble::of_one("again", "The two passwords differ.")
    };
    let response = page(&console, visitor, &person, &trouble).await?;
    Ok(refused(response, StatusCode::UNPROCESSABLE_ENTITY))
}

/// Gives a user a permission set.
pub(super) async fn assign(
    State(console): State<Console>,
    Path(id): Path<String>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let person = Person::read(&console, &visitor, &id).await?;
    let Some(set) = form.filled("set") else {
        return Ok(done(&person.url(), Notice::Unchanged));
    };
    let draft = Draft::new()
        .with("AssigneeId", person.id)
        .with("PermissionSetId", set.to_owned());
    let made = console
        .org
        .create(&visitor.caller, "PermissionSetAssignment", draft)
        .await;
    finish(&console, visitor, &person, made.map(|_| ())).await
}

/// Takes a permission set from a user.
pub(super) async fn take_back(
    State(console): State<Console>,
    Path(id): Path<String>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let person = Person::read(&console, &visitor, &id).await?;
    let given = form.get("assignment").unwrap_or_default();
    // Only one of this person's: the address says whom the change is about.
    let assignment = person
        .assigned
        .iter()
        .find(|(id, _, _)| id.as_str() == given);
    let Some((assignment, _, _)) = assignment else {
        return Ok(done(&person.url(), Notice::Unchanged));
    };
    let taken = console
        .org
        .delete(
            &visitor.caller,
            "PermissionSetAssignment",
            assignment.as_str(),
        )
        .await;
    finish(&console, visitor, &person, taken).await
}

/// Back to the page when a change was made, else the page with what was wrong.
async fn finish(
    console: &Console,
    visitor: Visitor,
    person: &Person,
    written: Result<(), Error>,
) -> Result<Response, Fault> {
    match written {
        Ok(()) => Ok(done(&person.url(), Notice::Saved)),
        Err(error) => {
            let trouble = Trouble::of(error)?;
            let response = page(console, visitor, person, &trouble).await?;
            Ok(refused(response, StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}

async fn page(
    console: &Console,
    visitor: Visitor,
    person: &Person,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    let name = person.cells().text("Name").to_owned();
    let may_change = visitor.manages_users();
    let profile = person
        .cells()
        .id("ProfileId")
        .map(|id| format!("ProfileId = {}", literal(id.as_str())));
    let profile = match profile {
        Some(condition) => Set::found(console, &visitor.caller, &condition)
            .await?
            .into_iter()
            .next(),
        None => None,
    };
    let sets = Set::found(console, &visitor.caller, "ProfileId = null").await?;
    let main = html! {
        (crumbs(&[(HERE, "Users")]))
        header .page-head {
            div { p .kind { "User" } h1 { (name) } }
            div .ways.at-end {
                a .button.quiet href={ "/setup/access?user=" (person.cells().text("Username")) } { "Inspect access" }
                a .button.quiet href={ "/r/User/" (person.id) } { "Open record" }
                @if may_change {
                    a .button href={ "/r/User/" (person.id) "/edit" } data-key="e" data-label="Edit this user" { "Edit" }
                }
            }
        }
        @if trouble.fields.len() != 1 || trouble.with("active").is_some() { (trouble.show()) }
        div .setup-columns {
            div {
                (facts(&visitor, person, profile.as_ref()))
                (assignments(&visitor, person, &sets))
            }
            @if may_change {
                div { (password_form(&visitor, person, trouble)) (active_form(&visitor, person)) }
            }
        }
    };
    framed(console, visitor, HERE, &name, &main).await
}

fn facts(visitor: &Visitor, person: &Person, profile: Option<&Set>) -> Markup {
    let row = person.cells();
    let role = row.text("UserRole.Name");
    html! {
        section .sheet.setup-part aria-label="About" {
            dl .facts-list {
                div { dt { "Username" } dd { (row.text("Username")) } }
                div { dt { "Email" } dd { (row.text("Email")) } }
                div { dt { "Profile" } dd {
                    @match profile {
                        Some(set) => a href=(set.url()) { (set.name) },
                        None => (NONE),
                    }
                } }
                @if !role.is_empty() { div { dt { "Role" } dd { (role) } } }
                div { dt { "Can sign in" } dd {
                    @if person.is_active() { span .status.is-active { "Active" } } @else { span .status { "Switched off" } }
                } }
                div { dt { "Last login" } dd {
                    @match row.get("LastLoginDate").as_datetime() {
                        Some(at) => (ago(at, &visitor.caller.zone)),
                        None => "Never",
                    }
                } }
            }
        }
    }
}

fn assignments(visitor: &Visitor, person: &Person, sets: &[Set]) -> Markup {
    let may_change = visitor.manages_users();
    let left: Vec<_> = sets
        .iter()
        .filter(|set| !person.assigned.iter().any(|(_, known, _)| *known == set.id))
        .collect();
    html! {
        section .sheet.setup-part aria-labelledby="sets" {
            h2 #sets { "Permission sets" }
            @if person.assigned.is_empty() { p .none { "None: only what the profile grants." } }
            ul .assigned {
                @for (assignment, set, label) in &person.assigned {
                    li {
                        a href={ "/setup/permission-sets/" (set) } { (label) }
                        @if may_change {
                            form method="post" action={ (person.url()) "/permission-sets/remove" } {
                                (visitor.token_field())
                                input type="hidden" name="assignment" value=(assignment);
                                button .quiet { "Remove" span .unseen { " " (label) } }
                            }
                        }
                    }
                }
            }
            @if may_change && !left.is_empty() {
                form .in-line method="post" action={ (person.url()) "/permission-sets" } {
                    (visitor.token_field())
                    label for="input-set" { "Add" }
                    select #input-set name="set" required {
                        option value="" { "Choose a permission set…" }
                        @for set in left { option value=(set.id) { (set.name) } }
                    }
                    button { "Add" }
                }
            }
        }
    }
}

fn password_form(visitor: &Visitor, person: &Person, trouble: &Trouble) -> Markup {
    html! {
        section .sheet.setup-part aria-labelledby="new-password" {
            h2 #new-password { "Set a password" }
            form method="post" action={ (person.url()) "/password" } {
                (visitor.token_field())
                (password_line("password", "New password", trouble))
                (password_line("again", "The same again", trouble))
                p .hint { "It ends every session of theirs, and unlocks them if they were locked out." }
                div .ways { button { "Set password" } }
            }
        }
    }
}

fn password_line(name: &str, label: &str, trouble: &Trouble) -> Markup {
    let id = format!("input-{name}");
    super::controls::control(
        name,
        label,
        "",
        true,
        trouble,
        &html! {
            input id=(id) type="password" name=(name) autocomplete="new-password" required
                aria-invalid=[trouble.with(name).map(|_| "true")]
                aria-describedby=[super::controls::described(name, "", trouble)];
        },
    )
}

fn active_form(visitor: &Visitor, person: &Person) -> Markup {
    let is_self = person.id == visitor.caller.user;
    html! {
        @if !is_self {
            section .sheet.setup-part aria-labelledby="active" {
                h2 #active { @if person.is_active() { "Switch off" } @else { "Switch on" } }
                p .hint {
                    @if person.is_active() { "They cannot sign in any more, and their sessions end. What they own stays theirs." }
                    @else { "They can sign in again, with what their profile and permission sets grant." }
                }
                form method="post" action={ (person.url()) "/active" } {
                    (visitor.token_field())
                    input type="hidden" name="active" value=(!person.is_active());
                    div .ways { button .danger[person.is_active()] .primary[person.is_active()] {
                        @if person.is_active() { "Switch off" } @else { "Switch on" }
                    } }
                }
            }
        }
    }
}
