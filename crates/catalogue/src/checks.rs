//! The invariants of a catalogue. They hold for the built-in one by a test, and are checked again
//! whenever custom metadata makes a new one.

use std::collections::HashSet;

use crate::{
    Catalogue, DefaultValue, Field, Formula, KeyPrefix, Kind, Name, Object, OnDelete, Source,
};

/// PostgreSQL cuts longer identifiers silently, so none may be longer.
const IDENTIFIER_BYTES_MAX: usize = 63;

/// Most objects an inherited path may pass, so that no chain of metadata makes a query of many
/// joins.
const INHERITED_STEPS_MAX: usize = 5;

/// Why these objects do not make a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// Two objects have one name, ignoring case.
    #[error("there are two objects called {0}")]
    DuplicateObject(Name),
    /// Two objects have one key prefix.
    #[error("{0} has the key prefix {1} of another object")]
    DuplicatePrefix(Name, KeyPrefix),
    /// Two fields of an object have one name, ignoring case.
    #[error("{0} has two fields called {1}")]
    DuplicateField(Name, Name),
    /// A name is empty, too long, or has characters other than letters, digits and underscores.
    #[error(
        "'{0}' is not a name: 1 to {IDENTIFIER_BYTES_MAX} letters, digits and underscores, beginning with a letter"
    )]
    BadName(Name),
    /// A reference points to an object that is not there.
    #[error("{0}.{1} refers to {2}, which does not exist")]
    UnknownTarget(Name, Name, Name),
    /// An inherited or computed field names a path that does not lead to a fitting field.
    #[error("{0}.{1} comes from '{2}', which does not lead to a field of its kind")]
    BadPath(Name, Name, Name),
    /// An inherited field leads back to itself, or through too many objects.
    #[error("{0}.{1} comes from itself or through more than {INHERITED_STEPS_MAX} objects")]
    InheritedTooFar(Name, Name),
    /// A field that is not stored says it may be written.
    #[error("{0}.{1} is worked out from other fields and cannot be writable")]
    WritableButNotStored(Name, Name),
    /// Two lists of children have one name on their parent's side.
    #[error("{0} has two lists of children called {1}")]
    DuplicateChildren(Name, Name),
    /// A reference is to become null when its parent goes, but must not be empty.
    #[error("{0}.{1} is required, so deleting what it refers to cannot clear it")]
    RequiredButCleared(Name, Name),
    /// An index is over a field that has no column.
    #[error("{0} has an index over {1}, which is not a column of it")]
    BadIndex(Name, Name),
    /// A default is not one of the picklist's values.
    #[error("the default of {0}.{1} is not one of its values")]
    BadDefault(Name, Name),
    /// A moment is to be kept of something that is not a checkbox beside it, or not as a date and time.
    #[error("{0}.{1} cannot remember since when {2} is ticked")]
    BadSince(Name, Name, Name),
    /// What should say how many bytes a field has, or what kind of file they are, cannot.
    #[error("{0}.{1} says of its bytes in {2} what that field cannot hold")]
    BadContent(Name, Name, Name),
    /// The history object is missing or has not the shape of one.
    #[error("{0} keeps its history in {1}, which does not exist or lacks the fields of a history")]
    BadHistory(Name, Name),
}

pub(crate) fn check(catalogue: &Catalogue) -> Result<(), CatalogueError> {
    for object in catalogue.objects() {
        check_name(&object.name)?;
        let mut names = HashSet::new();
        for field in object.fields.iter() {
            check_name(&field.name)?;
            if !names.insert(field.name.to_ascii_lowercase()) {
                let (object, field) = (object.name.clone(), field.name.clone());
                return Err(CatalogueError::DuplicateField(object, field));
            }
            check_field(catalogue, object, field)?;
        }
        check_history(catalogue, object)?;
        check_children(catalogue, object)?;
        check_indexes(object)?;
    }
    Ok(())
}

fn check_name(name: &Name) -> Result<(), CatalogueError> {
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let rest = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if begins && rest && name.len() <= IDENTIFIER_BYTES_MAX {
        return Ok(());
    }
    Err(CatalogueError::BadName(name.clone()))
}

fn check_field(
    catalogue: &Catalogue,
    object: &Object,
    field: &Field,
) -> Result<(), CatalogueError> {
    let here = || (object.name.clone(), field.name.clone());
    if let Some(reference) = field.kind.as_reference() {
        for target in reference.targets.names() {
            if catalogue.object(target).is_none() {
                let (object, field) = here();
                return Err(CatalogueError::UnknownTarget(object, field, target.clone()));
            }
        }
    }
    if let Some(reference) = field.kind.as_reference()
        && reference.on_delete == OnDelete::Clear
        && field.is_column()
        && !field.nillable
    {
        let (object, field) = here();
        return Err(CatalogueError::RequiredButCleared(object, field));
    }
    if !matches!(field.source, Source::Stored) && (field.createable || field.updateable) {
        let (object, field) = here();
        return Err(CatalogueError::WritableButNotStored(object, field));
    }
    if let (Some(DefaultValue::Text(text)), Kind::Picklist(list)) = (&field.default, &field.kind)
        && list.find(text).is_none()
    {
        let (object, field) = here();
        return Err(CatalogueError::BadDefault(object, field));
    }
    if let Some(checkbox) = &field.since {
        let ticked = object.field(checkbox).filter(|it| it.is_column());
        let is_checkbox = ticked.is_some_and(|it| matches!(it.kind, Kind::Boolean));
        if !is_checkbox || !matches!(field.kind, Kind::DateTime) || !field.is_column() {
            let (object, field) = here();
            return Err(CatalogueError::BadSince(object, field, checkbox.clone()));
        }
    }
    check_content(object, field)?;
    check_source(catalogue, object, field)
}

fn check_content(object: &Object, field: &Field) -> Result<(), CatalogueError> {
    let Some(content) = field.kind.as_content() else {
        return Ok(());
    };
    let holds = |name: &Name, fits: fn(&Kind) -> bool| {
        let said = object.field(name).filter(|said| said.is_column() && fits(&said.kind));
        said.map(|_| ()).ok_or_else(|| {
            CatalogueError::BadContent(object.name.clone(), field.name.clone(), name.clone())
        })
    };
    holds(&content.size, |kind| matches!(kind, Kind::Integer { .. }))?;
    let media_type = content.media_type.as_ref();
    media_type.map_or(Ok(()), |name| holds(name, |kind| matches!(kind, Kind::Text { .. })))
}

fn check_source(
    catalogue: &Catalogue,
    object: &Object,
    field: &Field,
) -> Result<(), CatalogueError> {
    let lost = |path: &Name| {
        CatalogueError::BadPath(object.name.clone(), field.name.clone(), path.clone())
    };
    let leads = |path: &Name| catalogue.follow(object, path).map(|_| ()).ok_or_else(|| lost(path));
    match &field.source {
        Source::Stored | Source::Formula(Formula::LastSeen(_) | Formula::Unfilled) => Ok(()),
        Source::Inherited(path) => check_inherited(catalogue, object, field, path),
        Source::Formula(Formula::Concatenation { paths, .. }) => paths.iter().try_for_each(leads),
        Source::Formula(Formula::ConsentReached { given, required }) => {
            leads(given).and_then(|()| leads(required))
        }
        Source::Formula(Formula::CountOf { object: child, reference, holding }) => {
            let child = catalogue.object(child).ok_or_else(|| lost(child))?;
            let mut asked = holding.iter().map(|(field, _)| field).chain([reference]);
            let unknown = asked.find(|name| child.field(name).is_none());
            unknown.map_or(Ok(()), |name| Err(lost(name)))
        }
        Source::Rollup(rollup) => {
            let child = catalogue.object(&rollup.object).ok_or_else(|| lost(&rollup.object))?;
            child.field(&rollup.reference).map(|_| ()).ok_or_else(|| lost(&rollup.reference))
        }
    }
}

/// Follows an inherited field to the column it finally names, through other inherited fields.
fn check_inherited(
    catalogue: &Catalogue,
    object: &Object,
    field: &Field,
    path: &Name,
) -> Result<(), CatalogueError> {
    let lost = || CatalogueError::BadPath(object.name.clone(), field.name.clone(), path.clone());
    let mut steps = 0;
    let mut from = object;
    let mut path = path;
    loop {
        let end = catalogue.follow(from, path).ok_or_else(lost)?;
        steps += end.steps.len();
        if steps > INHERITED_STEPS_MAX || end.steps.is_empty() {
            let (object, field) = (object.name.clone(), field.name.clone());
            return Err(CatalogueError::InheritedTooFar(object, field));
        }
        if !end.field().kind.is_same_sort(&field.kind) {
            return Err(lost());
        }
        match &end.field().source {
            Source::Inherited(next) => (from, path) = (end.object, next),
            Source::Stored | Source::Rollup(_) => return Ok(()),
            Source::Formula(_) => return Err(lost()),
        }
    }
}

fn check_history(catalogue: &Catalogue, object: &Object) -> Result<(), CatalogueError> {
    let Some(name) = &object.history else {
        return Ok(());
    };
    let fits = catalogue.object(name).is_some_and(|history| {
        ["Field", "DataType", "OldValue", "NewValue"].iter().all(|f| history.field(f).is_some())
    });
    if fits {
        return Ok(());
    }
    Err(CatalogueError::BadHistory(object.name.clone(), name.clone()))
}

fn check_children(catalogue: &Catalogue, object: &Object) -> Result<(), CatalogueError> {
    let mut names = HashSet::new();
    for children in catalogue.incoming(object).iter().filter_map(|i| i.children.as_ref()) {
        if !names.insert(children.to_ascii_lowercase()) {
            let (object, children) = (object.name.clone(), children.clone());
            return Err(CatalogueError::DuplicateChildren(object, children));
        }
    }
    Ok(())
}

fn check_indexes(object: &Object) -> Result<(), CatalogueError> {
    for index in object.indexes.iter() {
        let unless = index.unless.iter().map(|(name, _)| name);
        for name in index.columns.iter().map(|(name, _)| name).chain(unless) {
            if !object.field(name).is_some_and(Field::is_column) {
                return Err(CatalogueError::BadIndex(object.name.clone(), name.clone()));
            }
        }
    }
    Ok(())
}
