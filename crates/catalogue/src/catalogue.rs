//! All objects together, with the look-ups every layer needs.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::checks::{self, CatalogueError};
use crate::{
    DefaultValue, Field, Formula, Incoming, KeyPrefix, Kind, Name, Object, OnDelete, SystemFields,
    Targets, objects,
};

/// What exists, as one value. Swapped whole when metadata changes; never changed in place.
#[derive(Debug, Clone)]
pub struct Catalogue {
    objects: Vec<Arc<Object>>,
    by_name: HashMap<String, usize>,
    by_prefix: HashMap<KeyPrefix, usize>,
    incoming: Vec<Vec<Incoming>>,
}

impl Catalogue {
    /// The built-in objects.
    ///
    /// # Errors
    /// None in a released binary: a test builds it.
    pub fn built_in() -> Result<Self, CatalogueError> {
        Self::new(objects::ALL.iter().map(|object| (*object).clone()).collect())
    }

    /// A catalogue of these objects, each listing its own fields; the system fields are added
    /// here.
    ///
    /// # Errors
    /// The first invariant that does not hold: see [`CatalogueError`].
    pub fn new(objects: Vec<Object>) -> Result<Self, CatalogueError> {
        let custom: Vec<Name> =
            objects.iter().filter(|o| o.custom).map(|o| o.name.clone()).collect();
        let objects = objects.into_iter().map(|o| with_custom_targets(o, &custom));
        let objects: Vec<_> = objects.map(|o| Arc::new(with_system_fields(o))).collect();
        let mut by_name = HashMap::new();
        let mut by_prefix = HashMap::new();
        for (place, object) in objects.iter().enumerate() {
            if by_name.insert(object.name.to_ascii_lowercase(), place).is_some() {
                return Err(CatalogueError::DuplicateObject(object.name.clone()));
            }
            if !object.prefix_is_shared && by_prefix.insert(object.prefix, place).is_some() {
                return Err(CatalogueError::DuplicatePrefix(object.name.clone(), object.prefix));
            }
        }
        let incoming = objects.iter().map(|target| incoming(&objects, target)).collect();
        let catalogue = Self { objects, by_name, by_prefix, incoming };
        checks::check(&catalogue)?;
        Ok(catalogue)
    }

    /// This catalogue with one object added, or put in the place of the one of its name. The
    /// object lists its own fields, as [`Catalogue::own_fields`] gives them.
    ///
    /// # Errors
    /// As [`Catalogue::new`].
    pub fn with(&self, object: Object) -> Result<Self, CatalogueError> {
        let mut all: Vec<Object> = self.objects.iter().map(|o| own_fields(o)).collect();
        match all.iter_mut().find(|o| o.name.eq_ignore_ascii_case(&object.name)) {
            Some(place) => *place = object,
            None => all.push(object),
        }
        Self::new(all)
    }

    /// An object as its constant lists it, without the system fields.
    pub fn own_fields(object: &Object) -> Object {
        own_fields(object)
    }

    /// All objects, built-in ones first, in a stable order.
    pub fn objects(&self) -> &[Arc<Object>] {
        &self.objects
    }

    /// An object by name, ignoring case.
    pub fn object(&self, name: &str) -> Option<&Arc<Object>> {
        // Names are short; the stack would do, but a look-up per request is far from hot.
        self.by_name.get(&name.to_ascii_lowercase()).map(|place| &self.objects[*place])
    }

    /// The object whose records' ids begin so.
    pub fn object_of(&self, prefix: KeyPrefix) -> Option<&Arc<Object>> {
        self.by_prefix.get(&prefix).map(|place| &self.objects[*place])
    }

    /// The references that point to an object, inherited ones included.
    pub fn incoming(&self, object: &Object) -> &[Incoming] {
        self.by_name
            .get(&object.name.to_ascii_lowercase())
            .map_or(&[], |place| &self.incoming[*place])
    }

    /// Follows a path of relationship names to the field at its end: the objects it passes with
    /// the reference taken from each, and the last object with the field.
    pub fn follow<'a>(&'a self, from: &'a Object, path: &str) -> Option<Path<'a>> {
        let (parents, last) = match path.rsplit_once('.') {
            Some((parents, last)) => (parents, last),
            None => ("", path),
        };
        let mut object = from;
        let mut steps = Vec::new();
        for name in parents.split('.').filter(|name| !name.is_empty()) {
            let (place, field) = object.relationship(name)?;
            steps.push((object, place));
            object = self.object(field.kind.as_reference()?.targets.names().first()?)?;
        }
        let place = object.position(last)?;
        Some(Path { steps, object, place })
    }
}

/// Where a path of relationship names leads.
#[derive(Debug)]
pub struct Path<'a> {
    /// Each object passed, with the place of the reference taken from it.
    pub steps: Vec<(&'a Object, usize)>,
    /// The object at the end.
    pub object: &'a Object,
    /// The place of the field there.
    pub place: usize,
}

impl<'a> Path<'a> {
    /// The field at the end.
    pub fn field(&self) -> &'a Field {
        &self.object.fields[self.place]
    }
}

/// The object with the custom objects that there are as targets of those of its references that take
/// them all: files belong to any record.
fn with_custom_targets(mut object: Object, custom: &[Name]) -> Object {
    let takes_custom = |field: &Field| {
        let reference = field.kind.as_reference();
        reference.is_some_and(|reference| reference.custom_too)
    };
    if !object.fields.iter().any(takes_custom) {
        return object;
    }
    for field in object.fields.to_mut() {
        if let Kind::Reference(reference) = &mut field.kind
            && reference.custom_too
            && let Targets::Several(names) = &mut reference.targets
        {
            // Those of an earlier catalogue, of which some may be gone, are among the names.
            let own = names.iter().filter(|name| !name.ends_with("__c"));
            *names = Cow::Owned(own.chain(custom).cloned().collect());
        }
    }
    object
}

const LEADING: &[&str] = &["Id", "IsDeleted"];
const TRAILING: &[&str] = &[
    "CreatedDate",
    "CreatedById",
    "LastModifiedDate",
    "LastModifiedById",
    "SystemModstamp",
    "LastViewedDate",
    "LastReferencedDate",
];

fn with_system_fields(mut object: Object) -> Object {
    let (created, modified, stamp) = match object.system {
        SystemFields::Full | SystemFields::WithoutIsDeleted => (true, true, true),
        SystemFields::CreatedOnly => (true, false, false),
        SystemFields::StampOnly => (false, false, true),
    };
    // "Account ID": the label that messages about a bad id begin with.
    let label = Cow::Owned(format!("{} ID", object.label));
    let mut fields = vec![Field { label, ..Field::id() }];
    if object.keeps_deleted() {
        fields.push(Field::boolean("IsDeleted").label("Deleted"));
    }
    fields.extend(object.fields.iter().cloned());
    if created {
        fields.push(at("CreatedDate", "Created Date"));
        fields.push(by("CreatedById", "Created By ID"));
    }
    if modified {
        fields.push(at("LastModifiedDate", "Last Modified Date"));
        fields.push(by("LastModifiedById", "Last Modified By ID"));
    }
    if stamp {
        fields.push(at("SystemModstamp", "System Modstamp"));
    }
    if object.recents {
        for (name, label, kept) in [
            ("LastViewedDate", "Last Viewed Date", "ViewedDate"),
            ("LastReferencedDate", "Last Referenced Date", "ReferencedDate"),
        ] {
            let seen = Formula::LastSeen(Cow::Borrowed(kept));
            fields.push(Field::datetime(name).label(label).formula(seen));
        }
    }
    object.fields = Cow::Owned(fields);
    object
}

fn own_fields(object: &Object) -> Object {
    let is_own = |field: &&Field| {
        let name = &*field.name;
        !LEADING.contains(&name) && !TRAILING.contains(&name)
    };
    let fields = object.fields.iter().filter(is_own).cloned().collect();
    Object { fields: Cow::Owned(fields), ..object.clone() }
}

fn at(name: &'static str, label: &'static str) -> Field {
    Field::datetime(name).label(label).required().default_value(DefaultValue::Now)
}

fn by(name: &'static str, label: &'static str) -> Field {
    Field::reference(name, "User")
        .label(label)
        .required()
        .default_value(DefaultValue::Caller)
        .on_delete(OnDelete::Restrict)
}

fn incoming(objects: &[Arc<Object>], target: &Object) -> Vec<Incoming> {
    let mut found = Vec::new();
    for object in objects {
        for field in object.fields.iter() {
            let Some(reference) = field.kind.as_reference() else {
                continue;
            };
            let points_here = |name: &Name| name.eq_ignore_ascii_case(&target.name);
            if reference.targets.names().iter().any(points_here) {
                found.push(Incoming {
                    object: object.name.clone(),
                    field: field.name.clone(),
                    children: reference.children.clone(),
                    on_delete: reference.on_delete,
                    inherited: !field.is_column(),
                });
            }
        }
    }
    found
}
