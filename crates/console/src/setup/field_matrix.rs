//! The field matrix: what a permission set or profile lets people do with each field of one object.
//!
//! Cells that the catalogue has fixed are locked, with explain's own words for the reason and a link
//! to where the value is edited instead.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::{Field, Kind, Object};
use headwater_records::Error;
use headwater_records::explain::{Lock, Rule};
use maud::{Markup, html};

use super::controls::Trouble;
use super::matrix_rows::{FIELDS, OBJECTS, Rows};
use super::objects::{field_url, known_object};
use super::permission_sets::{HERE, Set};
use super::switches::{On, Switches, faster, switch};
use super::{Change, Viewer, crumbs, done, framed, refused};
use crate::console::Console;
use crate::fault::Fault;
use crate::icons;
use crate::text::label;
use crate::toast::Notice;
use crate::visitor::Visitor;

/// The matrix of a set and an object.
struct Matrix {
    set: Set,
    object: std::sync::Arc<Object>,
    rows: Rows,
    /// What the set grants on the object itself.
    on_object: On,
    /// What the catalogue forbids to everybody, by field.
    locks: HashMap<String, Lock>,
}

impl Matrix {
    async fn read(
        console: &Console,
        visitor: &Visitor,
        set: &str,
        object: &str,
    ) -> Result<Self, Error> {
        let caller = &visitor.caller;
        let object = known_object(visitor, object)?;
        let set = Set::read(console, caller, set).await?;
        let rows = Rows::read(console, caller, set.id, &FIELDS, Some(&object.name)).await?;
        let on_object = Rows::read(console, caller, set.id, &OBJECTS, Some(&object.name))
            .await?
            .on;
        let locks = fixed(console, visitor, &object).await?;
        Ok(Self {
            set,
            object,
            rows,
            on_object,
            locks,
        })
    }

    fn url(&self) -> String {
        format!("{}/{}", self.set.url(), self.object.name)
    }

    /// Whether people look for a field here: it is granted by itself, or its value comes from elsewhere
    /// and they want to know why it cannot be ticked.
    fn is_telling(&self, field: &Field) -> bool {
        let rule = self.locks.get(&*field.name).map(|lock| lock.rule);
        field.permissionable || matches!(rule, Some(Rule::Inherited | Rule::SetOnce))
    }

    fn name(&self, field: &Field, column: &str) -> String {
        format!("{}.{}.{column}", self.object.name, field.name)
    }

    /// Of what was sent, what a cell of the matrix can be.
    fn possible(&self, wanted: On) -> On {
        let fields = self.object.fields.iter().filter(|field| !field.internal);
        let cells = fields.flat_map(|field| {
            FIELDS
                .columns
                .iter()
                .map(move |(column, _)| (field, *column))
        });
        let possible: On = cells
            .filter(|(field, column)| takes(field, column))
            .map(|(field, column)| self.name(field, column))
            .collect();
        wanted
            .into_iter()
            .filter(|name| possible.contains(name) || self.rows.on.contains(name))
            .collect()
    }
}

/// Whether a cell can be ticked at all.
fn takes(field: &Field, column: &str) -> bool {
    let written =
        field.createable || field.updateable || matches!(field.kind, Kind::Address { .. });
    field.permissionable && (column == "PermissionsRead" || written)
}

/// What the catalogue forbids to everybody, in explain's words, by field.
pub(super) async fn fixed(
    console: &Console,
    visitor: &Visitor,
    object: &Object,
) -> Result<HashMap<String, Lock>, Error> {
    let explained = console
        .org
        .explain_object(&visitor.caller, &object.name, None)
        .await;
    let explained = match explained {
        Ok(explained) => explained,
        // Whoever may set up need not see the records.
        Err(Error::UnknownObject(_)) => return Ok(HashMap::new()),
        Err(error) => return Err(error),
    };
    let locks = explained.into_iter().filter_map(|one| {
        let lock = one.lock.filter(|lock| match lock.rule {
            Rule::Inherited
            | Rule::Computed
            | Rule::System
            | Rule::SetOnce
            | Rule::ObjectReadOnly => true,
            Rule::ObjectHidden
            | Rule::RecordHidden
            | Rule::FieldHidden
            | Rule::ObjectRight
            | Rule::FieldRight
            | Rule::RecordAccess => false,
        });
        Some((one.field.to_string(), lock?))
    });
    Ok(locks.collect())
}

pub(super) async fn show(
    State(console): State<Console>,
    Path((set, object)): Path<(String, String)>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let matrix = Matrix::read(&console, &visitor, &set, &object).await?;
    let on = matrix.rows.on.clone();
    page(&console, visitor, &matrix, &on, &Trouble::default()).await
}

pub(super) async fn save(
    State(console): State<Console>,
    Path((set, object)): Path<(String, String)>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let matrix = Matrix::read(&console, &visitor, &set, &object).await?;
    let ticked = Switches::read(&form);
    let now = &matrix.rows.on;
    let wanted = matrix.possible(ticked.onto(now, &|name| FIELDS.needs(name)));
    let others = ticked.changed_by_others(now);
    let trouble = if let Some(first) = others.first() {
        let field = first
            .rsplit_once('.')
            .map_or(first.as_str(), |(field, _)| field);
        let who = faster(&console, &visitor, field).await?;
        let summary = format!(
            "Somebody else has changed the rights on {field} meanwhile.{who} Nothing of yours was saved; it is \
             still ticked below. Look at it, and save again."
        );
        Trouble {
            summary: Some(summary),
            fields: Vec::new(),
        }
    } else if wanted == *now {
        return Ok(done(&matrix.url(), Notice::Unchanged));
    } else {
        match matrix
            .rows
            .write(&console, &visitor.caller, matrix.set.id, &wanted)
            .await
        {
            Ok(()) => return Ok(done(&matrix.url(), Notice::Saved)),
            Err(error) => Trouble::of(error)?,
        }
    };
    let matrix = Matrix::read(&console, &visitor, &set, &object).await?;
    let response = page(&console, visitor, &matrix, &wanted, &trouble).await?;
    Ok(refused(response, StatusCode::CONFLICT))
}

async fn page(
    console: &Console,
    visitor: Visitor,
    matrix: &Matrix,
    on: &On,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    let (set, object) = (&matrix.set, &matrix.object);
    let shown = object.fields.iter().filter(|field| !field.internal);
    let (granted, fixed): (Vec<_>, Vec<_>) = shown.partition(|field| matrix.is_telling(field));
    let main = html! {
        (crumbs(&[(HERE, "Permissions"), (&set.url(), &set.name)]))
        header .page-head {
            div { p .kind { (icons::of_object(&object.name)) (set.name) } h1 { "Fields of " (object.plural) } }
        }
        p .lead { (on_object(matrix)) }
        (trouble.show())
        form method="post" action=(matrix.url()) {
            (visitor.token_field())
            (Switches::seen(&matrix.rows.on))
            div .list-frame.matrix-frame tabindex="0" role="group" aria-label="Rights on fields" {
                table .matrix.of-fields {
                    caption .unseen { "Rights on fields" }
                    thead { tr {
                        th scope="col" { "Field" }
                        @for (_, label) in FIELDS.columns { th scope="col" { (label) } }
                    } }
                    tbody { @for field in granted { (row(&visitor, matrix, field, on)) } }
                }
            }
            @if visitor.manages_users() {
                div .ways.foot.floating {
                    button .primary data-key="ctrl enter" { "Save field rights" }
                    a .button.quiet href=(matrix.url()) { "Undo my ticks" }
                    p .hint { "Editing takes reading: the boxes follow each other when they are saved." }
                }
            }
        }
        details .setup-part.by-object {
            summary { h2 { "Fields that follow the object" } }
            p .hint { "They are seen by whoever sees the record, and written, if at all, by whoever may write it." }
            div .list-frame {
                table .matrix.of-fields {
                    caption .unseen { "Fields that follow the object" }
                    thead { tr { th scope="col" { "Field" } th scope="col" { "Read" } th scope="col" { "Edit" } } }
                    tbody { @for field in fixed { (row(&visitor, matrix, field, on)) } }
                }
            }
        }
    };
    let title = format!("{}: fields of {}", set.name, object.plural);
    framed(console, visitor, HERE, &title, &main).await
}

/// What the set grants on the object itself, in a sentence.
fn on_object(matrix: &Matrix) -> Markup {
    let held = OBJECTS.columns.iter().filter(|(column, _)| {
        matrix
            .on_object
            .contains(&format!("{}.{column}", matrix.object.name))
    });
    let held: Vec<_> = held.map(|(_, label)| label.to_lowercase()).collect();
    let back = format!("{}#objects", matrix.set.url());
    html! {
        @if held.is_empty() {
            "This " (matrix.set.kind()) " grants nothing on the object itself, so its rights on fields add to "
            a href=(back) { "rights on the object" } " from elsewhere."
        } @else {
            "On the object: " a href=(back) { (held.join(", ")) } "."
        }
    }
}

fn row(visitor: &Visitor, matrix: &Matrix, field: &Field, on: &On) -> Markup {
    let object = &matrix.object;
    let name = label(&visitor.caller.rights.catalogue, object, field);
    let lock = matrix.locks.get(&*field.name);
    html! {
        tr #{ "f-" (field.name) } {
            th scope="row" {
                a href=(field_url(&object.name, &field.name)) { (name) } " " code .soft { (field.name) }
                @if let Some(lock) = lock {
                    @if !takes(field, "PermissionsEdit") { (reason(matrix, lock)) }
                    @else if lock.rule == Rule::SetOnce { p .hint { "Editing here means giving it when the record is made." } }
                }
            }
            @for (column, words) in FIELDS.columns {
                td {
                    @if takes(field, column) {
                        (switch(&matrix.name(field, column), &format!("{words} {name}"), on, visitor.manages_users()))
                    } @else { (locked(field, column, lock)) }
                }
            }
        }
    }
}

fn reason(matrix: &Matrix, lock: &Lock) -> Markup {
    html! {
        p .hint.why-locked {
            (lock.reason)
            @if let Some(at) = &lock.edit_at {
                " "
                a href={ (matrix.set.url()) "/" (at.object) "#f-" (at.field) } {
                    "Rights on " (at.object) "." (at.field)
                }
            }
        }
    }
}

/// A cell that cannot be ticked.
fn locked(field: &Field, column: &str, lock: Option<&Lock>) -> Markup {
    let is_fixed =
        column == "PermissionsEdit" && (lock.is_some() || !(field.createable || field.updateable));
    let is_inherited = lock.is_some_and(|lock| lock.rule == Rule::Inherited);
    html! {
        @if is_fixed {
            span .locked.from-elsewhere[is_inherited] {
                (icons::LOCK) span .unseen { "nobody edits it here" }
            }
        } @else { span .soft.small { "with the object" } }
    }
}
