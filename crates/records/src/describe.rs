//! What exists, as one caller sees it: the neutral form of describe.

use std::sync::Arc;

use headwater_catalogue::{Field, Incoming, Object};
use jiff::Timestamp;

use crate::caller::{Caller, RecordType};
use crate::error::Error;
use crate::org::Org;

/// The id of the kind of record that every object has; a record of it has no record type.
pub const MASTER_RECORD_TYPE: &str = "012000000000000AAA";

/// An object as a caller sees it.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one of describe's own flags"
)]
pub struct ObjectView {
    /// The object.
    pub object: Arc<Object>,
    /// Whether the caller may make records.
    pub createable: bool,
    /// Whether the caller may change records.
    pub updateable: bool,
    /// Whether the caller may delete records.
    pub deletable: bool,
    /// Whether the caller may bring deleted records back.
    pub undeletable: bool,
    /// Whether SOQL reads it.
    pub queryable: bool,
    /// Whether SOSL finds it.
    pub searchable: bool,
    /// The fields the caller sees, in describe's order.
    pub fields: Vec<FieldView>,
    /// The references to it from objects the caller sees.
    pub children: Vec<Incoming>,
    /// Its kinds of record, beside the one that every object has.
    pub record_types: Vec<RecordType>,
    /// A short text that differs when the answer may differ: for `ETag`.
    pub version: String,
    /// Since when the answer is so.
    pub last_changed: Timestamp,
}

/// A field as a caller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldView {
    /// Its place among the object's fields.
    pub place: usize,
    /// Whether the caller may give it when a record is made.
    pub createable: bool,
    /// Whether the caller may change it.
    pub updateable: bool,
}

impl ObjectView {
    /// The field of a view.
    pub fn field(&self, view: FieldView) -> &Field {
        &self.object.fields[view.place]
    }
}

impl Org {
    /// All objects the caller sees, in the catalogue's order, without their fields and children.
    pub fn describe_global(&self, caller: &Caller) -> Vec<ObjectView> {
        let objects = caller.rights.catalogue.objects().iter();
        objects
            .filter(|object| caller.rights.on(object).read)
            .map(|object| view(caller, object))
            .collect()
    }

    /// One object, with its fields and children.
    ///
    /// # Errors
    /// [`Error::UnknownObject`] when there is none, or none the caller may see.
    pub fn describe(&self, caller: &Caller, object: &str) -> Result<ObjectView, Error> {
        let object = visible_object(caller, object)?;
        let rights = caller.rights.on(object);
        let mut view = view(caller, object);
        view.fields = (0..object.fields.len())
            .filter(|place| rights.reads(*place))
            .map(|place| field_view(&view, rights.writes(place), place))
            .collect();
        view.children = children(caller, object);
        let of_object = |kind: &&RecordType| kind.object == object.name;
        let kinds = caller.rights.record_types.iter().filter(of_object);
        view.record_types = kinds.cloned().collect();
        Ok(view)
    }
}

/// An object that the caller may read, by name.
pub(crate) fn visible_object<'a>(caller: &'a Caller, name: &str) -> Result<&'a Arc<Object>, Error> {
    caller
        .rights
        .catalogue
        .object(name)
        .filter(|object| caller.rights.on(object).read)
        .ok_or_else(|| Error::UnknownObject(name.to_owned()))
}

fn view(caller: &Caller, object: &Arc<Object>) -> ObjectView {
    let rights = caller.rights.on(object);
    let calls = &object.calls;
    let since = caller.rights.since;
    ObjectView {
        object: Arc::clone(object),
        createable: calls.create && rights.create,
        updateable: calls.update && rights.edit,
        deletable: calls.delete && rights.delete,
        undeletable: calls.undelete && rights.delete,
        queryable: calls.query,
        searchable: calls.search,
        fields: Vec::new(),
        children: Vec::new(),
        record_types: Vec::new(),
        version: format!("{}-{:x}", caller.user.short(), since.as_microsecond()),
        last_changed: since,
    }
}

fn field_view(object: &ObjectView, may_write: bool, place: usize) -> FieldView {
    let field = &object.object.fields[place];
    FieldView {
        place,
        createable: object.createable && field.createable && may_write,
        updateable: object.updateable && field.updateable && may_write,
    }
}

fn children(caller: &Caller, object: &Object) -> Vec<Incoming> {
    let catalogue = &caller.rights.catalogue;
    let visible = |incoming: &&Incoming| {
        catalogue.object(&incoming.object).is_some_and(|child| {
            let place = child.position(&incoming.field);
            place.is_some_and(|place| caller.rights.on(child).reads(place))
        })
    };
    catalogue
        .incoming(object)
        .iter()
        .filter(visible)
        .cloned()
        .collect()
}
