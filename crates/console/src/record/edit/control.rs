//! The control of a field in a form, by its kind.

use std::sync::Arc;

use headwater_catalogue::{Field, Kind, Object, Picklist, Value};
use headwater_records::Cells;
use maud::{Markup, html};

use super::sent::Sent;
use crate::fields::name_path;
use crate::value::in_form;
use crate::visitor::Visitor;

/// From so many characters on a text has several lines to be written in.
const LONG_TEXT: u32 = 255;

/// A field's control on its way to the page.
pub(super) struct Control<'a> {
    pub(super) visitor: &'a Visitor,
    pub(super) object: &'a Arc<Object>,
    pub(super) field: &'a Field,
    pub(super) required: bool,
    pub(super) autofocus: bool,
    /// What the record holds; none for one to be made.
    pub(super) held: Option<Cells<'a>>,
    /// What was sent, when the form is shown again.
    pub(super) sent: &'a Sent,
    pub(super) problem: Option<&'a str>,
    /// The records that a text might have meant, each by id and name.
    pub(super) candidates: Option<&'a Vec<(String, String)>>,
}

impl Control<'_> {
    /// The label and the control.
    pub(super) fn show(&self, label: &str) -> Markup {
        let id = format!("input-{}", self.field.name);
        let hint = self.field.help.as_deref();
        html! {
            @if matches!(self.field.kind, Kind::Boolean) {
                label .tick { (self.input(&id)) span { (label) } }
            } @else {
                label for=(id) { (label) @if self.required { span .required aria-hidden="true" { " *" } } }
                (self.input(&id))
            }
            @if self.held.is_some() {
                input type="hidden" name={ "was." (self.field.name) } value=(self.was());
            }
            @if let Some(hint) = hint { p .hint id={ (id) "-hint" } { (hint) } }
            @if let Some(problem) = self.problem {
                p .problem id={ (id) "-problem" } { (problem) }
            }
            @if let Some(candidates) = self.candidates { (self.choose(candidates)) }
        }
    }

    /// What the record holds, as a form has it.
    fn was(&self) -> String {
        let value = self
            .held
            .map_or(&Value::Null, |held| held.get(&self.field.name));
        in_form(value, &self.visitor.caller.zone)
    }

    /// What the control holds: what was sent, else what the record holds, else the default.
    fn now(&self) -> String {
        match self.sent.text(&self.field.name) {
            Some(text) => text.to_owned(),
            None if self.held.is_some() => self.was(),
            None => self.default(),
        }
    }

    fn default(&self) -> String {
        match &self.field.default {
            Some(headwater_catalogue::DefaultValue::Text(text)) => text.to_string(),
            Some(headwater_catalogue::DefaultValue::Integer(n)) => n.to_string(),
            Some(headwater_catalogue::DefaultValue::Boolean(true)) => "true".to_owned(),
            _ => String::new(),
        }
    }

    fn input(&self, id: &str) -> Markup {
        match &self.field.kind {
            Kind::Boolean => {
                let name = &self.field.name;
                html! {
                    input id=(id) type="checkbox" name=(name) value="true" checked[self.now() == "true"];
                    input type="hidden" name={ "ticked." (name) } value="asked";
                }
            }
            Kind::Picklist(list) => self.choice(id, list),
            Kind::MultiPicklist(list) => self.several(id, list),
            Kind::Combobox(list) => self.suggested(id, list),
            Kind::Reference(_) => self.lookup(id),
            Kind::TextArea { length } if *length > LONG_TEXT => self.long(id, *length, 6),
            Kind::TextArea { length } => self.long(id, *length, 3),
            Kind::Date => self.line(id, "date", None, None),
            Kind::DateTime => self.line(id, "datetime-local", None, Some("1")),
            Kind::Time => self.line(id, "time", None, Some("1")),
            Kind::Email => self.line(id, "text", Some("email"), None),
            Kind::Phone => self.line(id, "text", Some("tel"), None),
            Kind::Url { .. } => self.line(id, "text", Some("url"), None),
            Kind::Integer { .. } | Kind::Double(_) | Kind::Currency(_) | Kind::Percent(_) => {
                self.line(id, "text", Some("decimal"), None)
            }
            Kind::Text { .. }
            | Kind::AutoNumber { .. }
            | Kind::Id
            | Kind::Address { .. }
            | Kind::Any
            | Kind::Base64(_) => self.line(id, "text", None, None),
        }
    }

    fn line(&self, id: &str, kind: &str, mode: Option<&str>, step: Option<&str>) -> Markup {
        html! {
            input id=(id) type=(kind) name=(self.field.name) value=(self.now()) inputmode=[mode] step=[step]
                maxlength=[self.field.kind.length()] required[self.required] autocomplete="off"
                autofocus[self.autofocus] aria-invalid=[self.invalid()] aria-describedby=[self.described(id)];
        }
    }

    fn long(&self, id: &str, length: u32, rows: u8) -> Markup {
        html! {
            textarea id=(id) name=(self.field.name) rows=(rows) maxlength=(length) required[self.required]
                autofocus[self.autofocus] aria-invalid=[self.invalid()] aria-describedby=[self.described(id)] {
                // A browser drops the first line break.
                "\n" (self.now())
            }
        }
    }

    fn choice(&self, id: &str, list: &Picklist) -> Markup {
        let now = self.now();
        let is_listed = now.is_empty() || list.choices.iter().any(|choice| choice.value == now);
        html! {
            select id=(id) name=(self.field.name) required[self.required] autofocus[self.autofocus]
                aria-invalid=[self.invalid()] aria-describedby=[self.described(id)] {
                @if !self.required || now.is_empty() { option value="" { "None" } }
                @if !is_listed { option value=(now) selected { (now) } }
                @for choice in list.choices.iter() {
                    option value=(choice.value) selected[choice.value == now] { (choice.label) }
                }
            }
        }
    }

    fn several(&self, id: &str, list: &Picklist) -> Markup {
        let now = self.now();
        let chosen: Vec<_> = now.split(';').collect();
        html! {
            select id=(id) name=(self.field.name) multiple autofocus[self.autofocus]
                aria-invalid=[self.invalid()] aria-describedby=[self.described(id)] {
                @for choice in list.choices.iter() {
                    option value=(choice.value) selected[chosen.contains(&&*choice.value)] { (choice.label) }
                }
            }
            input type="hidden" name={ "ticked." (self.field.name) } value="asked";
        }
    }

    fn suggested(&self, id: &str, list: &Picklist) -> Markup {
        html! {
            input id=(id) type="text" name=(self.field.name) value=(self.now()) list={ (id) "-list" }
                required[self.required] autofocus[self.autofocus] autocomplete="off"
                aria-invalid=[self.invalid()] aria-describedby=[self.described(id)];
            datalist id={ (id) "-list" } {
                @for choice in list.choices.iter() { option value=(choice.value) { (choice.label) } }
            }
        }
    }

    /// A reference: the name of a record to be typed. Script offers those that fit, and puts the
    /// chosen one's id into the hidden field; without it, the name finds the record.
    fn lookup(&self, id: &str) -> Markup {
        let name = &self.field.name;
        let source = format!("/lookup?for={}.{name}", self.object.name);
        let searched = match self.sent.search(name) {
            Some(text) => text.to_owned(),
            None => self.referred_name(),
        };
        html! {
            div .lookup data-lookup=(source) {
                input type="hidden" name=(name) value=(self.now());
                input id=(id) type="text" name={ (name) ".search" } value=(searched) autocomplete="off"
                    spellcheck="false" placeholder="Type a name…" required[self.required]
                    autofocus[self.autofocus] aria-invalid=[self.invalid()] aria-describedby=[self.described(id)];
                input type="hidden" name={ (name) ".shown" } value=(searched);
            }
        }
    }

    fn referred_name(&self) -> String {
        let path = name_path(&self.visitor.caller, self.field);
        let named = self
            .held
            .zip(path)
            .map(|(held, path)| held.text(&path).to_owned());
        named
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| self.now())
    }

    fn choose(&self, candidates: &[(String, String)]) -> Markup {
        html! {
            fieldset .candidates {
                legend { "Which one?" }
                @for (id, name) in candidates {
                    label { input type="radio" name={ (self.field.name) ".chosen" } value=(id); (name) }
                }
            }
        }
    }

    fn invalid(&self) -> Option<&'static str> {
        self.problem.map(|_| "true")
    }

    fn described(&self, id: &str) -> Option<String> {
        let hint = self.field.help.as_ref().map(|_| format!("{id}-hint"));
        let problem = self.problem.map(|_| format!("{id}-problem"));
        let all: Vec<_> = hint.into_iter().chain(problem).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }
}
