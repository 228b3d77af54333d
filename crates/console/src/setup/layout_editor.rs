//! The page layout editor: sections and their fields, in which order, required, read-only, left out.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::Object;
use headwater_records::{Error, Layout, LayoutField};
use maud::{Markup, html};

use super::controls::Trouble;
use super::layout_form::{Act, STEP, Working, fingerprint};
use super::objects::{HERE, known_object, object_url};
use super::switches::faster;
use super::{Change, Viewer, crumbs, done, framed, refused};
use crate::console::Console;
use crate::fault::Fault;
use crate::text::label;
use crate::toast::Notice;
use crate::visitor::Visitor;

/// The layout as it is. Whoever may change it is shown all of it: what they could not see would be
/// lost when they save.
async fn layout(console: &Console, visitor: &Visitor, object: &Object) -> Result<Layout, Error> {
    let org = &console.org;
    if visitor.customizes() {
        org.layout(&org.system(), &object.name).await
    } else {
        org.layout(&visitor.caller, &object.name).await
    }
}

pub(super) async fn show(
    State(console): State<Console>,
    Path(object): Path<String>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let object = known_object(&visitor, &object)?;
    let layout = layout(&console, &visitor, &object).await?;
    let was = fingerprint(&layout);
    let working = Working::of(&object, layout);
    page(
        &console,
        visitor,
        &object,
        &working,
        &was,
        &Trouble::default(),
    )
    .await
}

pub(super) async fn act(
    State(console): State<Console>,
    Path(object): Path<String>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let object = known_object(&visitor, &object)?;
    let url = layout_url(&object);
    let act = Act::read(&form);
    if act == Act::Reset {
        console
            .org
            .reset_layout(&visitor.caller, &object.name)
            .await?;
        return Ok(done(&url, Notice::Saved));
    }
    super::may(
        &visitor,
        headwater_catalogue::SystemPermission::CustomizeApplication,
    )?;
    let mut working = Working::read(&object, &form);
    working.act(&act);
    let now = layout(&console, &visitor, &object).await?;
    let was = form.get("was").unwrap_or_default();
    if act != Act::Save {
        return page(
            &console,
            visitor,
            &object,
            &working,
            was,
            &Trouble::default(),
        )
        .await;
    }
    let seen = fingerprint(&now);
    let (status, trouble) = if seen == was {
        match console
            .org
            .set_layout(&visitor.caller, &object.name, &working.layout())
            .await
        {
            Ok(()) => return Ok(done(&url, Notice::Saved)),
            Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Trouble::of(error)?),
        }
    } else {
        let who = faster(&console, &visitor, &format!("page layout {}", object.name)).await?;
        let summary = format!(
            "Somebody else has changed this layout, or its fields, meanwhile.{who} Nothing of yours was saved; it \
             is still below. Saving again puts yours in the place of theirs."
        );
        (
            StatusCode::CONFLICT,
            Trouble {
                summary: Some(summary),
                fields: Vec::new(),
            },
        )
    };
    let response = page(&console, visitor, &object, &working, &seen, &trouble).await?;
    Ok(refused(response, status))
}

fn layout_url(object: &Object) -> String {
    format!("{}/layout", object_url(&object.name))
}

async fn page(
    console: &Console,
    visitor: Visitor,
    object: &Object,
    working: &Working,
    was: &str,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    let url = layout_url(object);
    let main = html! {
        (crumbs(&[(HERE, "Objects"), (&object_url(&object.name), &object.label)]))
        header .page-head {
            h1 { "Page layout of " (object.plural) }
            @if visitor.customizes() {
                form .at-end method="post" action=(url) {
                    (visitor.token_field())
                    button .quiet name="act" value="reset" { "Back to the usual layout" }
                }
            }
        }
        p .lead {
            "What a record's page and form show, from top to bottom. A layout only arranges: who sees and edits a "
            "field is for " a href="/setup/permission-sets" { "permissions" } " to say, and holds for programs as well."
        }
        @if visitor.customizes() {
            (editor(&visitor, object, working, was, trouble))
        } @else {
            (outline(&visitor, object, working))
        }
    };
    framed(
        console,
        visitor,
        HERE,
        &format!("Page layout of {}", object.plural),
        &main,
    )
    .await
}

fn editor(
    visitor: &Visitor,
    object: &Object,
    working: &Working,
    was: &str,
    trouble: &Trouble,
) -> Markup {
    html! {
        form .layout-editor method="post" action=(layout_url(object)) {
            (visitor.token_field())
            input type="hidden" name="was" value=(was);
            input type="hidden" name="sections" value=(working.sections.len());
            // The first button is the one that the Enter key presses.
            div .ways.head {
                button .primary name="act" value="save" data-key="ctrl enter" { "Save layout" }
                button name="act" value="add" { "Add a section" }
                button .quiet name="act" value="arrange" { "Arrange by number" }
            }
            (trouble.show())
            @for place in 0..working.sections.len() { (section(visitor, object, working, place, trouble)) }
            section .sheet.setup-part.left-out aria-labelledby="left-out" {
                h2 #left-out { "Left out" }
                @if working.left_out.is_empty() { p .none { "Nothing: every field is on the page." } }
                (fields(visitor, object, working, None, &working.left_out, trouble))
            }
        }
    }
}

fn section(
    visitor: &Visitor,
    object: &Object,
    working: &Working,
    place: usize,
    trouble: &Trouble,
) -> Markup {
    let section = &working.sections[place];
    let order = STEP * (i64::try_from(place).unwrap_or(0) + 1);
    html! {
        section .sheet.setup-part aria-label={ "Section " (section.title) } {
            div .section-head {
                label { span .small.soft { "Title" }
                    input type="text" name={ "s" (place) ".title" } value=(section.title) required
                        maxlength=(headwater_records::layout::TITLE_CHARACTERS_MAX)
                        aria-invalid=[section.title.is_empty().then_some("true")]; }
                label { span .small.soft { "Columns" }
                    select name={ "s" (place) ".columns" } {
                        option value="1" selected[section.columns == 1] { "1" }
                        option value="2" selected[section.columns != 1] { "2" }
                    } }
                label { span .small.soft { "Order" }
                    input .order type="number" name={ "s" (place) ".order" } value=(order); }
                div .moves {
                    (move_button(&format!("section-up.{place}"), "↑", &format!("Move {} up", section.title), place == 0))
                    (move_button(&format!("section-down.{place}"), "↓", &format!("Move {} down", section.title),
                        place + 1 == working.sections.len()))
                    button .quiet name="act" value={ "drop." (place) } { "Remove" span .unseen { " the section " (section.title) } }
                }
            }
            @if section.fields.is_empty() { p .none { "No fields yet: choose this section beside a field. A section without fields is not kept." } }
            (fields(visitor, object, working, Some(place), &section.fields, trouble))
        }
    }
}

fn move_button(act: &str, arrow: &str, label: &str, is_off: bool) -> Markup {
    html! { button .quiet.icon name="act" value=(act) aria-label=(label) disabled[is_off] { (arrow) } }
}

fn fields(
    visitor: &Visitor,
    object: &Object,
    working: &Working,
    section: Option<usize>,
    fields: &[LayoutField],
    trouble: &Trouble,
) -> Markup {
    html! {
        @if !fields.is_empty() {
            div .matrix-frame tabindex="0" role="group" aria-label="Fields" {
                table .matrix.layout-fields {
                    thead { tr {
                        th scope="col" { "Field" } th scope="col" { "Section" } th scope="col" { "Order" }
                        th scope="col" { "Required" } th scope="col" { "Read only" }
                        th scope="col" { span .unseen { "Move" } }
                    } }
                    tbody {
                        @for (at, one) in fields.iter().enumerate() {
                            (field_row(visitor, object, working, section, (at, fields.len()), one, trouble))
                        }
                    }
                }
            }
        }
    }
}

fn field_row(
    visitor: &Visitor,
    object: &Object,
    working: &Working,
    section: Option<usize>,
    (at, of): (usize, usize),
    one: &LayoutField,
    trouble: &Trouble,
) -> Markup {
    let Some(field) = object.field(&one.field) else {
        return html! {};
    };
    let name = label(&visitor.caller.rights.catalogue, object, field);
    let input = format!("f.{}", field.name);
    let is_written = field.createable || field.updateable;
    html! {
        tr {
            th scope="row" {
                (name) " " code .soft { (field.name) }
                @if let Some(text) = trouble.with(&field.name) { p .problem { (text) } }
            }
            td { select #{ "input-" (field.name) } name={ (input) ".section" } aria-label={ "Section of " (name) }
                aria-invalid=[trouble.with(&field.name).map(|_| "true")] {
                option value="" selected[section.is_none()] { "Left out" }
                @for (place, known) in working.sections.iter().enumerate() {
                    option value=(place) selected[section == Some(place)] { (known.title) }
                }
            } }
            td { input .order type="number" name={ (input) ".order" } aria-label={ "Order of " (name) }
                value=(STEP * (i64::try_from(at).unwrap_or(0) + 1)); }
            td { @if is_written {
                label .switch { input type="checkbox" name={ (input) ".required" } value="true" checked[one.required]
                    aria-label={ (name) " is required" }; }
            } }
            td { @if is_written && !field.must_be_given() {
                label .switch { input type="checkbox" name={ (input) ".readonly" } value="true" checked[one.read_only]
                    aria-label={ (name) " is read only" }; }
            } }
            td .moves { @if section.is_some() {
                (move_button(&format!("up.{}", field.name), "↑", &format!("Move {name} up"), at == 0))
                (move_button(&format!("down.{}", field.name), "↓", &format!("Move {name} down"), at + 1 == of))
            } }
        }
    }
}

/// The layout for those who may only look.
fn outline(visitor: &Visitor, object: &Object, working: &Working) -> Markup {
    html! {
        @for section in &working.sections {
            section .sheet.setup-part {
                h2 { (section.title) }
                ul .people { @for one in &section.fields {
                    @if let Some(field) = object.field(&one.field) {
                        li {
                            (label(&visitor.caller.rights.catalogue, object, field))
                            @if one.required { span .soft { ", required" } }
                            @if one.read_only { span .soft { ", read only" } }
                        }
                    }
                } }
            }
        }
    }
}
