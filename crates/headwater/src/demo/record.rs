//! One record of the demo's files as a draft.

use std::collections::HashMap;

use figment::value::{Dict, Value as Toml};
use headwater_catalogue::{Catalogue, Id, Kind, Object, Value};
use headwater_records::{Draft, Input};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::failure::{Context as _, Failure, Outcome};

/// What a draft is made with: the time, and the ids of what was made before.
pub(super) struct Surroundings<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) now: Timestamp,
    pub(super) ids: &'a HashMap<String, Id>,
}

impl Surroundings<'_> {
    /// The object of this name.
    pub(super) fn object(&self, name: &str) -> Outcome<&Object> {
        let object = self.catalogue.object(name);
        object
            .map(|object| &**object)
            .ok_or_else(|| Failure::broken(format!("the demo names an object {name}")))
    }

    /// The draft of a record; entries that begin in lower case are not fields.
    pub(super) fn draft(&self, object: &str, record: &Dict) -> Outcome<Draft> {
        let object = self.object(object)?;
        let mut draft = Draft::new();
        for (name, value) in record {
            if name.starts_with(|first: char| first.is_ascii_uppercase()) {
                let field = object.field(name).ok_or_else(|| {
                    Failure::broken(format!("the demo names a field {}.{name}", object.name))
                })?;
                draft
                    .fields
                    .push((name.clone(), self.input(&field.kind, value)?));
            }
        }
        Ok(draft)
    }

    fn input(&self, kind: &Kind, value: &Toml) -> Outcome<Input> {
        Ok(match (kind, value) {
            (Kind::DateTime, Toml::String(_, span)) => self.moment(span)?.into(),
            (Kind::Date, Toml::String(_, span)) => {
                let day = self.moment(span)?.to_zoned(TimeZone::UTC).date();
                Input::Value(Value::Date(day))
            }
            (_, Toml::String(_, text)) => match text.strip_prefix('@') {
                Some(key) => self.id(key)?.into(),
                None => text.as_str().into(),
            },
            (_, Toml::Bool(_, on)) => (*on).into(),
            (_, Toml::Num(_, number)) => {
                let digits = number.to_i128().map(|n| n.to_string());
                Input::Number(
                    digits
                        .or_else(|| number.to_f64().map(|n| n.to_string()))
                        .unwrap_or_default(),
                )
            }
            (kind, _) => {
                return Err(Failure::broken(format!(
                    "the demo has no {kind:?} like this"
                )));
            }
        })
    }

    /// The id of the record that the files call `key`.
    pub(super) fn id(&self, key: &str) -> Outcome<Id> {
        let id = self.ids.get(key).copied();
        id.ok_or_else(|| Failure::broken(format!("the demo refers to '{key}' before it is made")))
    }

    /// A span from now, as the files write it: `3d 2h ago`.
    pub(super) fn moment(&self, span: &str) -> Outcome<Timestamp> {
        let wrong = format!("the demo's span '{span}'");
        let span: Span = span.parse().doing(&wrong)?;
        let now = self.now.to_zoned(TimeZone::UTC);
        Ok(now.checked_add(span).doing(&wrong)?.timestamp())
    }
}
