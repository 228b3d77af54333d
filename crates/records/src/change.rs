//! A draft on its way to a write: normalised values, what the rules set, and what is wrong.

mod content;

use std::sync::Arc;

use headwater_catalogue::{
    Catalogue, DefaultValue, Field, Id, Kind, Object, Sharing, Source, Value,
};
use headwater_soql::resolved::Filter;
use headwater_store::{Check, Operation};
use jiff::Timestamp;

use crate::caller::Caller;
use crate::draft::{Draft, Input};
use crate::error::{Error, Problem, Verb};
use crate::explain;
use crate::validate;
use crate::visibility::{self, Act};

/// The new values of one record, with everything that stands against them.
#[derive(Debug)]
pub(crate) struct Change<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) object: &'a Arc<Object>,
    /// Whether the record is made or changed.
    pub(crate) verb: Verb,
    /// The record; of a new one the id it gets.
    pub(crate) id: Id,
    pub(crate) at: Timestamp,
    values: Vec<(usize, Value)>,
    /// The bytes of files.
    contents: Vec<(usize, Arc<[u8]>)>,
    /// Records that are made in the same write, before this one.
    coming: Vec<Id>,
    /// What the fields hold that rules asked for, when a record is changed.
    before: Vec<(usize, Value)>,
    problems: Vec<Problem>,
    conditions: Vec<Condition>,
}

/// A record that must be there for the write to happen, and what to say when it is not.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) check: Check,
    /// When there is no such record.
    pub(crate) missing: Problem,
    /// When it is there, but does not pass the check's filter.
    pub(crate) refused: Problem,
}

/// A draft whose fields were looked up and may all be written.
#[derive(Debug)]
pub(crate) struct Accepted<'d> {
    fields: Vec<(usize, &'d Input)>,
}

impl<'d> Accepted<'d> {
    /// Looks up the draft's fields, and refuses those this caller cannot write: all of them
    /// together, in the draft's order, before any value is looked at.
    pub(crate) fn new(
        caller: &Caller,
        object: &Object,
        verb: Verb,
        draft: &'d Draft,
    ) -> Result<Self, Error> {
        let mut fields: Vec<(usize, &Input)> = Vec::with_capacity(draft.fields.len());
        let mut locks = Vec::new();
        for (name, input) in &draft.fields {
            let place = place_of(caller, object, name, input)?;
            if place == 0 {
                return Err(Error::IdInBody(verb));
            }
            locks.extend(explain::lock_of(caller, object, place, verb));
            // As in any JSON object, the last of two values for one name holds.
            fields.retain(|(known, _)| *known != place);
            fields.push((place, input));
        }
        if locks.is_empty() {
            return Ok(Self { fields });
        }
        Err(Error::FieldsNotWritable { fields: locks })
    }

    /// The references that are named by an external id of the parent, with their place here.
    pub(crate) fn parents(&self) -> impl Iterator<Item = (usize, &'d str, &'d str)> {
        self.fields.iter().filter_map(|(place, input)| match input {
            Input::Parent { field, value } => Some((*place, field.as_str(), value.as_str())),
            _ => None,
        })
    }

    /// Whether a field is given.
    pub(crate) fn names(&self, place: usize) -> bool {
        self.fields.iter().any(|(known, _)| *known == place)
    }
}

/// The place of the field a body names: by its name, or for a parent by its relationship's.
fn place_of(caller: &Caller, object: &Object, name: &str, input: &Input) -> Result<usize, Error> {
    let place = match input {
        Input::Parent { .. } => object.relationship(name).map(|(place, _)| place),
        _ => object.position(name),
    };
    place
        .filter(|place| caller.rights.on(object).reads(*place))
        .ok_or_else(|| Error::UnknownField {
            object: object.name.clone(),
            field: name.to_owned(),
        })
}

impl<'a> Change<'a> {
    /// A change that does nothing yet.
    pub(crate) fn new(
        caller: &'a Caller,
        object: &'a Arc<Object>,
        verb: Verb,
        id: Id,
        at: Timestamp,
    ) -> Self {
        Self {
            caller,
            object,
            verb,
            id,
            at,
            values: Vec::new(),
            contents: Vec::new(),
            coming: Vec::new(),
            before: Vec::new(),
            problems: Vec::new(),
            conditions: Vec::new(),
        }
    }

    /// Takes in the accepted fields, each normalised to its kind, with the parents that were
    /// found for those named by an external id.
    pub(crate) fn take(&mut self, accepted: &Accepted<'_>, parents: &[(usize, Value)]) {
        for (place, input) in &accepted.fields {
            let parent = parents.iter().find(|(known, _)| known == place);
            let value = match parent {
                Some((_, id)) => Ok(id.clone()),
                None if matches!(self.object.fields[*place].kind, Kind::Base64(_)) => {
                    self.content(*place, input)
                }
                None => validate::value(self.catalogue(), &self.object.fields[*place], input),
            };
            match value {
                Ok(value) => self.values.push((*place, value)),
                Err(problem) => self.problems.push(problem),
            }
        }
    }

    /// Says what fields hold now.
    pub(crate) fn know(&mut self, before: Vec<(usize, Value)>) {
        self.before = before;
    }

    /// Fills the fields of a new record that nothing was said about, or null where no row may
    /// lack a value.
    pub(crate) fn fill_defaults(&mut self) {
        for (place, field) in self.object.fields.iter().enumerate() {
            let Some(default) = field.default.as_ref() else {
                continue;
            };
            if !matches!(field.source, Source::Stored) || is_kept_by_store(field) {
                continue;
            }
            let fill = match self.at_place(place) {
                None => !self.is_wrong(field),
                Some(value) => value.is_null() && (!field.nillable || field.always_filled),
            };
            if fill && *default != DefaultValue::Boolean(false) {
                let value = self.default_of(field, default);
                self.set_at(place, value);
            }
        }
    }

    fn default_of(&self, field: &Field, default: &DefaultValue) -> Value {
        match default {
            DefaultValue::Boolean(on) => Value::Boolean(*on),
            DefaultValue::Text(text) => Value::Text(text.clone().into_owned()),
            DefaultValue::Integer(n) => match field.kind.digits() {
                Some(_) => Value::Decimal((*n).into()),
                None => Value::Integer(*n),
            },
            DefaultValue::Now => Value::DateTime(self.at),
            DefaultValue::Caller => Value::Id(self.caller.user),
        }
    }

    /// Whether the record is new.
    pub(crate) fn is_create(&self) -> bool {
        self.verb == Verb::Create
    }

    /// What exists.
    pub(crate) fn catalogue(&self) -> &'a Catalogue {
        &self.caller.rights.catalogue
    }

    /// What this write puts into a field; none when it leaves it alone.
    pub(crate) fn given(&self, field: &str) -> Option<&Value> {
        self.at_place(self.object.position(field)?)
    }

    /// What a field holds after this write, as far as this write or a rule's wish to know tells.
    pub(crate) fn holds(&self, field: &str) -> &Value {
        static NULL: Value = Value::Null;
        let Some(place) = self.object.position(field) else {
            return &NULL;
        };
        self.at_place(place)
            .or_else(|| found(&self.before, place))
            .unwrap_or(&NULL)
    }

    /// What a field held before, as far as a rule wished to know; null in a new record.
    pub(crate) fn held(&self, field: &str) -> &Value {
        static NULL: Value = Value::Null;
        let place = self.object.position(field);
        place
            .and_then(|place| found(&self.before, place))
            .unwrap_or(&NULL)
    }

    /// Puts a value into a field. A field the object does not have stays away: rules serve
    /// several objects.
    pub(crate) fn set(&mut self, field: &str, value: impl Into<Value>) {
        if let Some(place) = self.object.position(field) {
            self.set_at(place, value.into());
        }
    }

    fn set_at(&mut self, place: usize, value: Value) {
        match self.values.iter_mut().find(|(known, _)| *known == place) {
            Some((_, known)) => *known = value,
            None => self.values.push((place, value)),
        }
    }

    fn at_place(&self, place: usize) -> Option<&Value> {
        found(&self.values, place)
    }

    /// Something is wrong.
    pub(crate) fn refuse(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Something is wrong with these fields together.
    pub(crate) fn refuse_rule(&mut self, fields: &[&'static str], message: impl Into<String>) {
        let fields = fields.iter().map(|name| (*name).into()).collect();
        let message = message.into();
        self.refuse(Problem::Rule { fields, message });
    }

    /// Another record must be there and pass a filter when this is written.
    pub(crate) fn require(&mut self, condition: Condition) {
        self.conditions.push(condition);
    }

    /// Whether a problem with the field's own value is known.
    fn is_wrong(&self, field: &Field) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.is_about(&field.name))
    }

    /// Every record that is referred to must be there, and the caller must reach it.
    pub(crate) fn require_references(&mut self) {
        let mut conditions = Vec::new();
        for (place, value) in &self.values {
            let field = &self.object.fields[*place];
            if let (Kind::Reference(_), Value::Id(id)) = (&field.kind, value)
                && !self.coming.contains(id)
            {
                conditions.extend(self.reference(field, *id));
            }
        }
        self.conditions.extend(conditions);
    }

    fn reference(&self, field: &Field, id: Id) -> Option<Condition> {
        let target = self.catalogue().object_of(id.prefix())?;
        let act = match &self.object.sharing {
            // Whoever adds a detail changes its master.
            Sharing::ControlledByParent(parent) if *parent == field.name => Act::Edit,
            _ => Act::See,
        };
        let field = field.name.clone();
        Some(Condition {
            check: Check {
                object: Arc::clone(target),
                id,
                visible: self.reached(target, act),
            },
            missing: Problem::NoSuchRecord {
                field: field.clone(),
                id,
            },
            refused: Problem::HiddenRecord { field, id },
        })
    }

    fn reached(&self, target: &Object, act: Act) -> Filter {
        visibility::filter(self.caller, target, act, 0)
    }

    /// Fields that must hold a value and do not.
    pub(crate) fn require_values(&mut self) {
        let lacks = |place: &usize| {
            let field = &self.object.fields[*place];
            let may_lack = (field.nillable && !field.always_filled)
                || !matches!(field.source, Source::Stored)
                || is_kept_by_store(field)
                || self.is_wrong(field);
            // A caller is not told of fields that only the server fills: their absence is always
            // another problem as well.
            let is_told = field.createable || field.updateable || self.caller.rights.is_server();
            match self.at_place(*place) {
                _ if may_lack || !is_told => false,
                Some(value) => value.is_null(),
                None => self.is_create(),
            }
        };
        let missing: Vec<_> = (0..self.object.fields.len()).filter(lacks).collect();
        if !missing.is_empty() {
            let names = missing
                .into_iter()
                .map(|place| self.object.fields[place].name.clone());
            let fields = names.collect();
            self.refuse(Problem::Missing { fields });
        }
    }

    /// The values to write with their conditions, or everything that is wrong.
    pub(crate) fn finish(self) -> Result<ValidChange, Error> {
        if !self.problems.is_empty() {
            return Err(Error::Invalid(self.problems));
        }
        Ok(ValidChange {
            values: self.values,
            contents: self.contents,
            before: Vec::new(),
            after: Vec::new(),
            expect: self.before,
            conditions: self.conditions,
        })
    }
}

/// A change with nothing wrong in itself. What depends on other records is asked by the store, in
/// the transaction that writes it.
#[derive(Debug)]
pub(crate) struct ValidChange {
    pub(crate) values: Vec<(usize, Value)>,
    /// The bytes of files, which have no place yet: see [`crate::Org::keep_contents`].
    pub(crate) contents: Vec<(usize, Arc<[u8]>)>,
    /// What is written before it, in the same write.
    pub(crate) before: Vec<Operation>,
    /// What is written after it.
    pub(crate) after: Vec<Operation>,
    /// What rules took for granted of the record.
    pub(crate) expect: Vec<(usize, Value)>,
    pub(crate) conditions: Vec<Condition>,
}

fn found(values: &[(usize, Value)], place: usize) -> Option<&Value> {
    values
        .iter()
        .find(|(known, _)| *known == place)
        .map(|(_, value)| value)
}

/// Whether the store fills a field by itself in every row, or lets nothing in it.
fn is_kept_by_store(field: &Field) -> bool {
    const SYSTEM: [&str; 7] = [
        "Id",
        "IsDeleted",
        "CreatedDate",
        "CreatedById",
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
    ];
    matches!(
        field.kind,
        Kind::AutoNumber { .. } | Kind::Address { .. } | Kind::Boolean
    ) && field
        .default
        .as_ref()
        .is_none_or(|d| *d == DefaultValue::Boolean(false))
        || SYSTEM.contains(&&*field.name)
}
