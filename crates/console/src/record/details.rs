//! The fields of a record, section by section, each with its pencil or its lock.

use headwater_catalogue::Field;
use headwater_records::explain::Rule;
use headwater_records::layout::LayoutField;
use maud::{Markup, html};

use super::lock::handle;
use super::{Known, Record, SESSION};
use crate::console::Console;
use crate::fault::Fault;
use crate::fields;
use crate::text::label;
use crate::visitor::Visitor;

pub(super) async fn show(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
    known: &Known,
) -> Result<Markup, Fault> {
    let layout = console
        .org
        .layout(&visitor.caller, &record.object.name)
        .await?;
    let is_session = &*record.object.name == SESSION;
    Ok(html! {
        section .sheet.details aria-labelledby="details" {
            h2 #details { "Details" }
            @for (place, section) in layout.sections.iter().enumerate() {
                // The identity card has shown these already.
                @let shown = section.fields.iter().filter(|field| !(is_session && on_card(&field.field)));
                @let shown: Vec<&LayoutField> = shown.collect();
                @if !shown.is_empty() {
                    details .section open[place + 1 < layout.sections.len() || layout.sections.len() == 1] data-keep-open {
                        summary { h3 { (section.title) } }
                        dl .fields.two[section.columns > 1 && !is_session] {
                            @for one in shown { (row(visitor, record, known, one)) }
                        }
                    }
                }
            }
        }
    })
}

/// Whether the identity card of a session shows a field.
fn on_card(field: &str) -> bool {
    matches!(
        field,
        "MessagingEndUserId" | "EndUserAccountId" | "EndUserContactId"
    )
}

fn row(visitor: &Visitor, record: &Record, known: &Known, one: &LayoutField) -> Markup {
    let field = record.object.field(&one.field);
    html! {
        @if let Some(field) = field { (show_field(visitor, record, known, field, one.read_only)) }
    }
}

/// A field with its label, value, and pencil or lock.
pub(super) fn show_field(
    visitor: &Visitor,
    record: &Record,
    known: &Known,
    field: &Field,
    read_only: bool,
) -> Markup {
    let label = label(&visitor.caller.rights.catalogue, &record.object, field);
    let explanation = known.explanation(&field.name);
    // That nobody edits when a record was made needs no lock on every page.
    let is_plain = explanation.is_some_and(|one| {
        let rule = one.lock.as_ref().map(|lock| lock.rule);
        matches!(rule, Some(Rule::System | Rule::Computed))
    });
    html! {
        div .field #{ "field-" (field.name) } data-field=(field.name) {
            dt { (label) }
            dd {
                span .value data-value { (fields::cell(&visitor.caller, field, record.cells())) }
                @if read_only && explanation.is_some_and(|one| one.editable) {
                    span .by-layout title="The page layout shows this field, and does not let it be edited here." { "Read only here" }
                } @else if !is_plain {
                    (handle(visitor, record, explanation, &label))
                }
            }
        }
    }
}
