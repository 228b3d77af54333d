//! What sorts of fields there are, as people call them.

use headwater_catalogue::{Catalogue, Field, Formula, Kind, Object, Source};
use maud::{Markup, html};

use super::objects::field_url;

/// A field's kind in a few words: `Text (80)`, `Lookup to Account`.
pub(super) fn words(catalogue: &Catalogue, kind: &Kind) -> String {
    let label = |name: &str| {
        catalogue
            .object(name)
            .map_or_else(|| name.to_owned(), |object| object.label.to_string())
    };
    match kind {
        Kind::Id => "Id".to_owned(),
        Kind::Text { length } => format!("Text ({length})"),
        Kind::TextArea { length } if *length > 255 => format!("Long text ({length})"),
        Kind::TextArea { length } => format!("Text area ({length})"),
        Kind::Email => "Email".to_owned(),
        Kind::Phone => "Phone".to_owned(),
        Kind::Url { .. } => "Web address".to_owned(),
        Kind::Boolean => "Checkbox".to_owned(),
        Kind::Integer { digits } => format!("Whole number ({digits})"),
        Kind::Double(digits) => format!("Number ({}, {})", digits.precision, digits.scale),
        Kind::Currency(digits) => format!("Currency ({}, {})", digits.precision, digits.scale),
        Kind::Percent(digits) => format!("Percent ({}, {})", digits.precision, digits.scale),
        Kind::Date => "Date".to_owned(),
        Kind::DateTime => "Date and time".to_owned(),
        Kind::Time => "Time".to_owned(),
        Kind::Picklist(_) => "Picklist".to_owned(),
        Kind::MultiPicklist(_) => "Picklist, several".to_owned(),
        Kind::Combobox(_) => "Text with suggestions".to_owned(),
        Kind::AutoNumber { format } => format!("Auto number {format}"),
        Kind::Reference(reference) => {
            let targets: Vec<_> = reference
                .targets
                .names()
                .iter()
                .map(|name| label(name))
                .collect();
            format!("Lookup to {}", targets.join(" or "))
        }
        Kind::Address { .. } => "Address".to_owned(),
        Kind::Any => "Any".to_owned(),
        Kind::Base64(_) => "Content".to_owned(),
    }
}

/// Where a field's value comes from, with links to the fields it is read from; nothing for a column
/// of the object's own.
pub(super) fn origin(catalogue: &Catalogue, object: &Object, field: &Field) -> Markup {
    match &field.source {
        Source::Stored if matches!(field.kind, Kind::Address { .. }) => {
            html! { "made of its parts" }
        }
        Source::Stored => html! {},
        Source::Inherited(path) => html! { "reads " (source_link(catalogue, object, path)) },
        Source::Formula(Formula::LastSeen(_)) => html! { "when you have last seen the record" },
        Source::Formula(Formula::Unfilled) => html! { "always empty here" },
        Source::Formula(Formula::Concatenation { paths, .. }) => html! {
            "made of "
            @for (place, path) in paths.iter().enumerate() {
                @if place > 0 { ", " }
                (source_link(catalogue, object, path))
            }
        },
        Source::Formula(Formula::ConsentReached { given, required }) => html! {
            "compares " (source_link(catalogue, object, given)) " with " (source_link(catalogue, object, required))
        },
        Source::Formula(Formula::CountOf {
            object: child,
            holding,
            ..
        }) => html! {
            "counts " a href={ "/setup/objects/" (child) } { (child) } " records that are "
            @for (place, (_, value)) in holding.iter().enumerate() {
                @if place > 0 { " and " }
                (value)
            }
        },
        Source::Rollup(rollup) => html! {
            "kept from " a href=(field_url(&rollup.object, &rollup.reference)) { (rollup.object) } " records"
        },
    }
}

/// The field at the end of a path, with a link to its page.
fn source_link(catalogue: &Catalogue, object: &Object, path: &str) -> Markup {
    html! {
        @if let Some(end) = catalogue.follow(object, path) {
            a href=(field_url(&end.object.name, &end.field().name)) { (end.object.name) "." (end.field().name) }
        } @else { code { (path) } }
    }
}
