//! The fields of a form: section by section, each with its control, what is wrong with it, and what
//! somebody else has put there meanwhile.

use std::sync::Arc;

use headwater_catalogue::{Field, Kind, Object};
use headwater_records::layout::{Layout, LayoutField};
use maud::{Markup, html};

use super::super::Record;
use super::Trouble;
use super::control::Control;
use super::sent::Sent;
use crate::text::label;
use crate::value::plain;
use crate::visitor::Visitor;

/// What the fields of a form are drawn from.
pub(super) struct Forms<'a> {
    pub(super) visitor: &'a Visitor,
    pub(super) object: &'a Arc<Object>,
    /// None for a record to be made.
    pub(super) record: Option<&'a Record>,
    pub(super) sent: &'a Sent,
    pub(super) trouble: &'a Trouble,
}

impl Forms<'_> {
    /// What is wrong, with links to the fields.
    pub(super) fn summary(&self) -> Markup {
        let Some(summary) = &self.trouble.summary else {
            return html! {};
        };
        let catalogue = &self.visitor.caller.rights.catalogue;
        let named = self.trouble.fields.iter().filter_map(|(name, text)| {
            Some((
                label(catalogue, self.object, self.object.field(name)?),
                name,
                text,
            ))
        });
        html! {
            div .summary.problem role="alert" tabindex="-1" {
                p { strong { (summary) } }
                ul {
                    @for (label, name, text) in named {
                        li { a href={ "#input-" (name) } { (label) } ": " (text) }
                    }
                }
            }
        }
    }

    pub(super) fn sections(&self, layout: &Layout, takes: &dyn Fn(&Field) -> bool) -> Markup {
        html! {
            @for section in &layout.sections {
                @let fields = section.fields.iter().filter_map(|one| Some((one, self.object.field(&one.field)?)));
                @let fields: Vec<_> = fields.filter(|(one, field)| takes(field) && !one.read_only).collect();
                @if !fields.is_empty() {
                    fieldset {
                        legend { (section.title) }
                        div .grid.two[section.columns > 1] {
                            @for (one, field) in fields { (self.field(field, one.required, false)) }
                        }
                    }
                }
            }
        }
    }

    /// The layout with whatever a new record cannot do without.
    pub(super) fn with_required(
        &self,
        mut layout: Layout,
        takes: &dyn Fn(&Field) -> bool,
    ) -> Layout {
        let has = |layout: &Layout, name: &str| {
            let mut fields = layout.sections.iter().flat_map(|section| &section.fields);
            fields.any(|one| one.field == name)
        };
        let missing = self
            .object
            .fields
            .iter()
            .filter(|field| takes(field) && must_be_given(field));
        for field in missing {
            if !has(&layout, &field.name)
                && let Some(section) = layout.sections.first_mut()
            {
                section.fields.push(LayoutField {
                    field: field.name.to_string(),
                    required: true,
                    read_only: false,
                });
            }
        }
        layout
    }

    /// One field: label, control, what is wrong with it.
    pub(super) fn field(&self, field: &Field, required: bool, is_alone: bool) -> Markup {
        let catalogue = &self.visitor.caller.rights.catalogue;
        let name = &field.name;
        let zone = &self.visitor.caller.zone;
        let held = self.record.map(|record| record.cells());
        let control = Control {
            visitor: self.visitor,
            object: self.object,
            field,
            required: required && must_be_given(field) || must_be_given(field),
            autofocus: is_alone,
            held,
            sent: self.sent,
            problem: self.trouble.with_field(name),
            candidates: self
                .trouble
                .candidates
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, all)| all),
        };
        let theirs = self.trouble.theirs.iter().find(|(known, _)| known == name);
        html! {
            div .control {
                (control.show(&label(catalogue, self.object, field)))
                @if let (Some((_, now)), Some(held)) = (theirs, held) {
                    fieldset .conflict {
                        legend { "Changed meanwhile" @let by = held.text("LastModifiedBy.Name"); @if !by.is_empty() { " by " (by) } }
                        label { input type="radio" name={ "keep." (name) } value="theirs"; "Theirs: " strong { (now) } }
                        label { input type="radio" name={ "keep." (name) } value="yours" checked;
                            "Yours: " strong { (self.yours(field, zone)) } }
                    }
                }
            }
        }
    }

    /// What the visitor has put into a field, in words.
    fn yours(&self, field: &Field, zone: &jiff::tz::TimeZone) -> String {
        match (&field.kind, self.sent.text(&field.name)) {
            (Kind::Reference(_), _) => self.sent.search(&field.name).unwrap_or_default().to_owned(),
            (_, Some(text)) if !text.is_empty() => {
                let value = headwater_catalogue::Value::Text(text.to_owned());
                plain(field, &value, zone)
            }
            _ => crate::value::NONE.to_owned(),
        }
    }
}

/// Whether a record cannot be without a value in a field, and nothing fills it. A file is not typed in.
fn must_be_given(field: &Field) -> bool {
    field.must_be_given() && !matches!(field.kind, Kind::Boolean | Kind::Base64(_))
}
