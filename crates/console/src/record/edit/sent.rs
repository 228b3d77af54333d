//! What a form sent, as a draft of what was changed.

use std::sync::Arc;

use headwater_catalogue::{Field, Kind, Name, Object, Value};
use headwater_records::{Caller, Draft, Error, Input};
use jiff::civil::DateTime;

use super::super::Record;
use super::Trouble;
use crate::console::Console;
use crate::form::Form;
use crate::lookup;
use crate::value::{in_form, plain};
use crate::visitor::Visitor;

/// What a form sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    form: Form,
    /// What was changed.
    pub(super) draft: Draft,
    /// The fields that were changed, with what the form had held.
    changed: Vec<(Name, String)>,
    /// What is wrong already.
    problems: Vec<(Name, String)>,
    candidates: Vec<(Name, Vec<(String, String)>)>,
    /// The texts of fields, where they are not those of the form itself.
    texts: Vec<(Name, String)>,
}

impl Sent {
    /// Reads a form. A reference that was typed and not chosen is looked for by its name.
    pub(super) async fn read(
        console: &Console,
        caller: &Caller,
        object: &Arc<Object>,
        form: &Form,
    ) -> Result<Self, Error> {
        let mut sent = Self {
            form: form.clone(),
            ..Self::default()
        };
        for field in object.fields.iter() {
            if form.get(&format!("keep.{}", field.name)) == Some("theirs") {
                continue;
            }
            let Some(text) = sent.resolve(console, caller, object, field).await? else {
                continue;
            };
            let was = form.get(&format!("was.{}", field.name)).map(str::to_owned);
            let is_new_default = was.is_none() && text.is_empty();
            if was.as_deref() == Some(text.as_str()) || is_new_default {
                continue;
            }
            match input(caller, field, &text) {
                Ok(input) => sent.draft.fields.push((field.name.to_string(), input)),
                Err(problem) => sent.problems.push((field.name.clone(), problem)),
            }
            sent.changed
                .push((field.name.clone(), was.unwrap_or_default()));
        }
        Ok(sent)
    }

    /// The text of a field; none when the form had no such field.
    async fn resolve(
        &mut self,
        console: &Console,
        caller: &Caller,
        object: &Arc<Object>,
        field: &Field,
    ) -> Result<Option<String>, Error> {
        let name = &field.name;
        match &field.kind {
            Kind::Boolean => {
                let asked = self.form.get(&format!("ticked.{name}")).is_some();
                let ticked = self.form.get(name) == Some("true");
                Ok((asked || ticked).then(|| {
                    if ticked {
                        "true".to_owned()
                    } else {
                        String::new()
                    }
                }))
            }
            Kind::MultiPicklist(_) if self.form.get(&format!("ticked.{name}")).is_some() => {
                let text = self.form.all(name).collect::<Vec<_>>().join(";");
                self.texts.push((name.clone(), text.clone()));
                Ok(Some(text))
            }
            Kind::Reference(_) => self.referred(console, caller, object, field).await,
            _ => Ok(self.form.get(name).map(|text| text.replace("\r\n", "\n"))),
        }
    }

    /// The record that a reference names: chosen by script or by hand, or found by its name.
    async fn referred(
        &mut self,
        console: &Console,
        caller: &Caller,
        object: &Arc<Object>,
        field: &Field,
    ) -> Result<Option<String>, Error> {
        let name = &field.name;
        if let Some(chosen) = self.form.filled(&format!("{name}.chosen")) {
            return Ok(Some(chosen.to_owned()));
        }
        let id = self.form.get(name).map(|id| id.trim().to_owned());
        let Some(typed) = self.search(name).map(|typed| typed.trim().to_owned()) else {
            return Ok(id);
        };
        let shown = self.form.get(&format!("{name}.shown")).map(str::trim);
        let was = self.form.get(&format!("was.{name}")).unwrap_or_default();
        if typed.is_empty() {
            return Ok(Some(String::new()));
        }
        // Script empties the id while somebody types, and fills it when they choose.
        let is_chosen = id
            .as_deref()
            .is_some_and(|id| !id.is_empty() && (id != was || shown == Some(&typed)));
        if is_chosen {
            return Ok(id);
        }
        if shown == Some(typed.as_str()) && !was.is_empty() {
            return Ok(Some(was.to_owned()));
        }
        let found = lookup::find(console, caller, object, field, &typed).await?;
        match found.as_slice() {
            [] => {
                let text = format!("There is no “{typed}” that you may see.");
                self.problems.push((name.clone(), text));
                Ok(None)
            }
            [(id, _)] => {
                self.texts.push((name.clone(), id.clone()));
                Ok(Some(id.clone()))
            }
            several => {
                let text = format!("“{typed}” fits several records. Choose one.");
                self.problems.push((name.clone(), text));
                self.candidates.push((name.clone(), several.to_vec()));
                Ok(None)
            }
        }
    }

    /// What a field's control is to hold when the form is shown again; none when it was not in it.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(known, _)| known == name);
        if let Some((_, text)) = found {
            return Some(text);
        }
        if self.form.get(&format!("ticked.{name}")).is_some() {
            return Some(self.form.get(name).unwrap_or_default());
        }
        self.form.get(name)
    }

    /// What was typed to find a record by.
    pub(super) fn search(&self, name: &str) -> Option<&str> {
        self.form.get(&format!("{name}.search"))
    }

    /// What is wrong with it before anything is written: its own problems, and the fields that
    /// somebody else has changed since the form was made.
    pub(super) fn trouble(&self, visitor: &Visitor, record: Option<&Record>) -> Trouble {
        let mut trouble = Trouble {
            fields: self.problems.clone(),
            candidates: self.candidates.clone(),
            ..Trouble::default()
        };
        if !trouble.fields.is_empty() {
            trouble.summary = Some("Some values need another look.".to_owned());
        }
        let Some(record) = record else {
            return trouble;
        };
        let zone = &visitor.caller.zone;
        for (name, was) in &self.changed {
            let value = record.cells().get(name);
            let insists = self.form.get(&format!("keep.{name}")) == Some("yours");
            if in_form(value, zone) == *was || insists {
                continue;
            }
            let Some(field) = record.object.field(name) else {
                continue;
            };
            let named = crate::fields::name_path(&visitor.caller, field);
            let named =
                named.and_then(|path| record.cells().get(&path).as_text().map(str::to_owned));
            trouble.theirs.push((
                name.clone(),
                named.unwrap_or_else(|| plain(field, value, zone)),
            ));
        }
        trouble
    }
}

/// A control's text as what a draft takes.
fn input(caller: &Caller, field: &Field, text: &str) -> Result<Input, String> {
    if text.trim().is_empty() && !matches!(field.kind, Kind::Boolean) {
        return Ok(Input::Null);
    }
    Ok(match &field.kind {
        Kind::Boolean => Input::Boolean(text == "true"),
        Kind::Integer { .. } | Kind::Double(_) | Kind::Currency(_) | Kind::Percent(_) => {
            Input::Number(text.replace([',', ' ', '\u{a0}'], ""))
        }
        Kind::DateTime => {
            let wrong = || format!("“{text}” is not a date and time.");
            let local: DateTime = text.trim().parse().map_err(|_| wrong())?;
            let at = local.to_zoned(caller.zone.clone()).map_err(|_| wrong())?;
            Input::Value(Value::DateTime(at.timestamp()))
        }
        _ => Input::Text(text.to_owned()),
    })
}
