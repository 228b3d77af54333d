//! One permission set or profile: system permissions, rights on objects, the people who have it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::{Access, Object, SystemPermission, Value};
use headwater_records::{Cells, Draft, Error, Precondition, Table};
use maud::{Markup, html};

use super::controls::Trouble;
use super::matrix_rows::{OBJECTS, Rows};
use super::permission_sets::{HERE, Set};
use super::switches::{On, Switches, faster, switch};
use super::{Change, ROWS, Viewer, crumbs, done, framed, refused};
use crate::console::Console;
use crate::fault::Fault;
use crate::text::literal;
use crate::toast::Notice;
use crate::visitor::Visitor;

/// What the permissions that this server asks for let one do.
fn about(permission: SystemPermission) -> &'static str {
    match permission {
        SystemPermission::ApiEnabled => {
            "Use the API, by a program of one's own or somebody else's."
        }
        SystemPermission::ViewAllData => "See every record of every object, whoever owns it.",
        SystemPermission::ModifyAllData => "See, change and delete every record of every object.",
        SystemPermission::ViewSetup => "See these pages.",
        SystemPermission::CustomizeApplication => {
            "Make objects, fields, layouts, channels and apps."
        }
        SystemPermission::ManageUsers => {
            "Make users, and give rights to them. Whoever has it can give themselves every other."
        }
    }
}

/// A page of one set.
struct SetPage {
    set: Set,
    /// The row of `PermissionSet`, with every permission.
    row: Table,
    system: On,
    objects: Rows,
}

impl SetPage {
    async fn read(console: &Console, visitor: &Visitor, id: &str) -> Result<Self, Error> {
        let caller = &visitor.caller;
        let set = Set::read(console, caller, id).await?;
        let names: Vec<_> = permissions(visitor).map(|(name, _)| name).collect();
        let soql = format!(
            "SELECT Id, SystemModstamp, {} FROM PermissionSet WHERE Id = {}",
            names.join(", "),
            literal(set.id.as_str())
        );
        let row = console.org.browse(caller, &soql, None, 1).await?;
        let is_on = |name: &&String| matches!(row.cells(0).get(name), Value::Boolean(true));
        let system = names.iter().filter(is_on).cloned().collect();
        let objects = Rows::read(console, caller, set.id, &OBJECTS, None).await?;
        Ok(Self {
            set,
            row,
            system,
            objects,
        })
    }

    fn cells(&self) -> Cells<'_> {
        self.row.cells(0)
    }
}

/// The fields of a permission set that are permissions, each by name and label.
fn permissions(visitor: &Visitor) -> impl Iterator<Item = (String, String)> {
    let object = visitor.caller.rights.catalogue.object("PermissionSet");
    let fields = object.map_or(&[][..], |object| &object.fields).iter();
    let granting = fields.filter(|field| field.name.starts_with("Permissions"));
    let all: Vec<_> = granting
        .map(|field| (field.name.to_string(), field.label.to_string()))
        .collect();
    all.into_iter()
}

/// The objects on which rights are granted, by label.
pub(super) fn granted(visitor: &Visitor) -> Vec<&Object> {
    let objects = visitor.caller.rights.catalogue.objects().iter();
    let mut granted: Vec<&Object> = objects
        .filter(|object| object.access == Access::Granted)
        .map(AsRef::as_ref)
        .collect();
    granted.sort_by_key(|object| object.plural.to_lowercase());
    granted
}

pub(super) async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let page = SetPage::read(&console, &visitor, &id).await?;
    show_page(&console, visitor, &page, &Trouble::default()).await
}

pub(super) async fn save(
    State(console): State<Console>,
    Path(id): Path<String>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let mut page = SetPage::read(&console, &visitor, &id).await?;
    let sent = Switches::read(&form);
    let is_system = form.get("part") == Some("system");
    let now = if is_system {
        page.system.clone()
    } else {
        page.objects.on.clone()
    };
    let wanted = sent.onto(&now, &move |name| {
        if is_system {
            Vec::new()
        } else {
            OBJECTS.needs(name)
        }
    });
    let others = sent.changed_by_others(&now);
    let trouble = if let Some(first) = others.first() {
        let who = faster(&console, &visitor, page.set.spoken_of()).await?;
        let first = first
            .replace(".Permissions", ": ")
            .replace("Permissions", "");
        Trouble {
            summary: Some(format!(
                "Somebody else has changed this meanwhile ({first}).{who} Nothing of yours was saved; it is still \
                 ticked below. Look at it, and save again."
            )),
            fields: Vec::new(),
        }
    } else if wanted == now {
        return Ok(done(&page.set.url(), Notice::Unchanged));
    } else {
        let written = if is_system {
            write_system(&console, &visitor, &page, &wanted).await
        } else {
            page.objects
                .write(&console, &visitor.caller, page.set.id, &wanted)
                .await
        };
        match written {
            Ok(()) => return Ok(done(&page.set.url(), Notice::Saved)),
            Err(error) => Trouble::of(error)?,
        }
    };
    if is_system {
        page.system = wanted;
    } else {
        page.objects.on = wanted;
    }
    let seen = SetPage::read(&console, &visitor, &id).await?;
    let response = show_with(&console, visitor, &page, &seen, &trouble).await?;
    Ok(refused(response, StatusCode::CONFLICT))
}

async fn write_system(
    console: &Console,
    visitor: &Visitor,
    page: &SetPage,
    wanted: &On,
) -> Result<(), Error> {
    let changed = permissions(visitor)
        .filter(|(name, _)| wanted.contains(name) != page.system.contains(name));
    let draft = changed.fold(Draft::new(), |draft, (name, _)| {
        draft.with(&name, wanted.contains(&name))
    });
    let when = Precondition {
        match_version: page.cells().get("SystemModstamp").as_datetime(),
        ..Precondition::default()
    };
    let (org, id) = (&console.org, page.set.id);
    org.update(&visitor.caller, "PermissionSet", id.as_str(), draft, when)
        .await
        .map(|_| ())
}

async fn show_page(
    console: &Console,
    visitor: Visitor,
    page: &SetPage,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    show_with(console, visitor, page, page, trouble).await
}

/// The page with these ticks; `seen` is what is so now, which the forms remember.
async fn show_with(
    console: &Console,
    visitor: Visitor,
    page: &SetPage,
    seen: &SetPage,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    let set = &page.set;
    let people = people(console, &visitor, set).await?;
    let main = html! {
        (crumbs(&[(HERE, "Permissions")]))
        header .page-head {
            div { p .kind { (if set.profile.is_some() { "Profile" } else { "Permission set" }) } h1 { (set.name) } }
            @if visitor.manages_users() {
                a .button href=(set.edit_url()) data-key="e" data-label="Edit name and description" { "Edit name" }
            }
        }
        @if !set.description.is_empty() { p .lead { (set.description) } }
        (trouble.show())
        (system_form(&visitor, page, &seen.system))
        (objects_form(&visitor, page, &seen.objects.on))
        (people)
    };
    let title = set.name.clone();
    framed(console, visitor, HERE, &title, &main).await
}

fn system_form(visitor: &Visitor, page: &SetPage, seen: &On) -> Markup {
    let may_change = visitor.manages_users();
    let asked = |name: &str| {
        SystemPermission::ALL
            .into_iter()
            .find(|one| one.field() == name)
    };
    let all: Vec<_> = permissions(visitor).collect();
    let (first, rest): (Vec<_>, Vec<_>) = all.iter().partition(|(name, _)| asked(name).is_some());
    html! {
        section .sheet.setup-part aria-labelledby="system" {
            h2 #system { "System permissions" }
            form method="post" action=(page.set.url()) {
                (visitor.token_field())
                input type="hidden" name="part" value="system";
                (Switches::seen(seen))
                ul .permissions {
                    @for (name, label) in first {
                        li { (permission(name, label, asked(name).map(about), &page.system, may_change)) }
                    }
                }
                details .more-permissions open[rest.iter().any(|(name, _)| page.system.contains(name))] {
                    summary { "Permissions that clients ask for" }
                    ul .permissions {
                        @for (name, label) in rest {
                            li { (permission(name, label, None, &page.system, may_change)) }
                        }
                    }
                }
                @if may_change { div .ways { button .primary { "Save permissions" } } }
            }
        }
    }
}

/// One system permission with its checkbox, or with what it is for those who may not change it.
fn permission(name: &str, label: &str, about: Option<&str>, on: &On, may_change: bool) -> Markup {
    let words = html! {
        span { (label) @if let Some(about) = about { br; span .soft.small { (about) } } }
    };
    html! {
        @if may_change {
            label .tick { input type="checkbox" name="on" value=(name) checked[on.contains(name)]; (words) }
        } @else {
            p .tick { (switch(name, label, on, false)) (words) }
        }
    }
}

fn objects_form(visitor: &Visitor, page: &SetPage, seen: &On) -> Markup {
    let may_change = visitor.manages_users();
    html! {
        section .setup-part aria-labelledby="objects" {
            h2 #objects { "Objects" }
            form method="post" action={ (page.set.url()) } {
                (visitor.token_field())
                input type="hidden" name="part" value="objects";
                (Switches::seen(seen))
                div .list-frame.matrix-frame tabindex="0" role="group" aria-labelledby="objects" {
                    table .matrix {
                        caption .unseen { "Rights on objects" }
                        thead { tr {
                            th scope="col" { "Object" }
                            @for (_, label) in OBJECTS.columns { th scope="col" { (label) } }
                            th scope="col" { "Fields" }
                        } }
                        tbody {
                            @for object in granted(visitor) {
                                tr {
                                    th scope="row" { (object.plural) }
                                    @for (column, label) in OBJECTS.columns {
                                        td { (switch(&format!("{}.{column}", object.name),
                                            &format!("{}: {label}", object.plural), &page.objects.on, may_change)) }
                                    }
                                    td { a href={ (page.set.url()) "/" (object.name) } {
                                        "Fields" span .unseen { " of " (object.plural) } } }
                                }
                            }
                        }
                    }
                }
                @if may_change {
                    p .hint { "Each right brings those that it takes: whoever edits also reads." }
                    div .ways { button .primary { "Save object rights" } }
                }
            }
        }
    }
}

/// The people who have a set, as far as one page goes.
async fn people(console: &Console, visitor: &Visitor, set: &Set) -> Result<Markup, Fault> {
    let (soql, id, name, username) = match set.profile {
        Some(profile) => (
            format!(
                "SELECT Id, Name, Username FROM User WHERE ProfileId = {} AND IsActive = true ORDER BY Name ASC",
                literal(profile.as_str())
            ),
            "Id",
            "Name",
            "Username",
        ),
        None => (
            format!(
                "SELECT AssigneeId, Assignee.Name, Assignee.Username FROM PermissionSetAssignment \
                 WHERE PermissionSetId = {} ORDER BY Assignee.Name ASC",
                literal(set.id.as_str())
            ),
            "AssigneeId",
            "Assignee.Name",
            "Assignee.Username",
        ),
    };
    let table = console
        .org
        .browse(&visitor.caller, &soql, None, ROWS)
        .await?;
    Ok(html! {
        section .sheet.setup-part aria-labelledby="people" {
            h2 #people { "People" }
            @if table.is_empty() { p .none { "Nobody has this " (set.kind()) "." } }
            ul .people {
                @for row in table.rows() {
                    @if let Some(id) = row.id(id) {
                        li { a href={ "/setup/users/" (id) } { (row.text(name)) } " " span .soft.small { (row.text(username)) } }
                    }
                }
            }
            @if table.next.is_some() { p .soft { "and others beyond the first " (ROWS) "." } }
            @if visitor.manages_users() && set.profile.is_none() {
                p .hint { "It is given to people on their own pages, under " a href="/setup/users" { "Users" } "." }
            }
        }
    })
}

impl Set {
    /// What the audit trail calls it by.
    pub(super) fn spoken_of(&self) -> &str {
        &self.name
    }
}
