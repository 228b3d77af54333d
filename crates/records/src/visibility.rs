//! Which records a caller reaches: a filter for each object and act, put into every query and
//! every write, so that no verb can forget it.

use std::sync::Arc;

use headwater_catalogue::{Links, Name, Object, Sharing, Value};
use headwater_soql::resolved::{Column, Expression, Filter, Query};

use crate::caller::Caller;

/// Most objects that "controlled by parent" leads through before nobody but `ViewAll` sees the
/// record: metadata may make a circle.
const PARENTS_MAX: usize = 5;

/// What a caller wants to do with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Act {
    /// See it.
    See,
    /// Change it.
    Edit,
    /// Delete it.
    Delete,
}

/// The records of the object at `source` that the caller may treat so.
pub(crate) fn filter(caller: &Caller, object: &Object, act: Act, source: usize) -> Filter {
    reached(caller, object, act, source, 0)
}

fn reached(caller: &Caller, object: &Object, act: Act, source: usize, parents: usize) -> Filter {
    let rights = caller.rights.on(object);
    let (granted, all) = match act {
        Act::See => (rights.read, rights.view_all),
        Act::Edit => (rights.edit, rights.modify_all),
        Act::Delete => (rights.delete, rights.modify_all),
    };
    if !granted {
        return Filter::Never;
    }
    if all || caller.rights.server {
        return Filter::Always;
    }
    match (&object.sharing, act) {
        (Sharing::PublicReadWrite, Act::See | Act::Edit) | (Sharing::PublicRead, Act::See) => {
            Filter::Always
        }
        (Sharing::PublicReadWrite | Sharing::ThroughLinks(_), Act::Delete)
        | (Sharing::PublicRead, Act::Edit | Act::Delete)
        | (Sharing::Private, _) => owned(caller, object, source, act),
        (Sharing::ThroughLinks(links), Act::See | Act::Edit) => {
            owned(caller, object, source, act).or(by_links(caller, links, act, source, parents))
        }
        (Sharing::ControlledByParent(reference), _) => {
            // A child goes when its parent may be changed, as in a master-detail relationship.
            let act = if act == Act::Delete { Act::Edit } else { act };
            by_parent(caller, object, reference, act, source, parents)
                .and(not_private(caller, object, source, act))
        }
    }
}

/// Records the caller owns, or a queue or group of theirs. An object without owners belongs to
/// whoever made the record, but may be deleted by all who may edit it.
fn owned(caller: &Caller, object: &Object, source: usize, act: Act) -> Filter {
    let owner = object.position("OwnerId");
    if owner.is_none() && act == Act::Delete && object.sharing == Sharing::PublicReadWrite {
        return Filter::Always;
    }
    let Some(field) = owner.or_else(|| object.position("CreatedById")) else {
        return Filter::Never;
    };
    let column = Column { source, field };
    if caller.rights.groups.is_empty() {
        return Filter::equal(column, Value::Id(caller.user));
    }
    let groups = caller.rights.groups.iter().copied();
    let owners = std::iter::once(caller.user).chain(groups).map(Value::Id);
    Filter::In {
        left: Expression::Column(column),
        values: owners.collect(),
    }
}

/// Records that are not private, and those that are the caller's own.
fn not_private(caller: &Caller, object: &Object, source: usize, act: Act) -> Filter {
    let Some(field) = object.position("IsPrivate") else {
        return Filter::Always;
    };
    let public = Filter::equal(Column { source, field }, Value::Boolean(false));
    public.or(owned(caller, object, source, act))
}

fn by_parent(
    caller: &Caller,
    object: &Object,
    reference: &Name,
    act: Act,
    source: usize,
    parents: usize,
) -> Filter {
    let Some(field) = object.position(reference) else {
        return Filter::Never;
    };
    let Some(target) = object.fields[field].kind.as_reference() else {
        return Filter::Never;
    };
    if parents >= PARENTS_MAX {
        return Filter::Never;
    }
    let catalogue = &caller.rights.catalogue;
    let reached_of = |parent: &Arc<Object>| reached(caller, parent, act, 0, parents + 1);
    let targets: Vec<(&Arc<Object>, Filter)> = target
        .targets
        .names()
        .iter()
        .filter_map(|name| catalogue.object(name))
        .map(|parent| (parent, reached_of(parent)))
        .collect();
    // The common case: the parents are public, and no subquery is needed to find that out.
    if targets.iter().all(|(_, filter)| *filter == Filter::Always) {
        return Filter::Always;
    }
    let left = Expression::Column(Column { source, field });
    targets
        .into_iter()
        .map(|(parent, filter)| among(left.clone(), parent, filter))
        .fold(Filter::Never, Filter::or)
}

/// Whether the id is among the records of `parent` that pass the filter.
fn among(left: Expression, parent: &Arc<Object>, filter: Filter) -> Filter {
    if filter == Filter::Never {
        return Filter::Never;
    }
    let mut query = Query::of_object(parent);
    query.filter = filter;
    Filter::InQuery {
        left,
        query: Box::new(query),
        by_row: matches!(parent.sharing, Sharing::ThroughLinks(_)),
    }
}

/// Records that a link ties to one which the caller reaches. A row has few links and there are many
/// in all, so each row asks for its own.
fn by_links(caller: &Caller, links: &Links, act: Act, source: usize, parents: usize) -> Filter {
    let catalogue = &caller.rights.catalogue;
    let Some(object) = catalogue.object(&links.object) else {
        return Filter::Never;
    };
    let column = |name: &str| {
        object
            .position(name)
            .map(|field| Column { source: 0, field })
    };
    let (Some(linked), Some(entity), Some(share_type)) = (
        column(&links.linked),
        column(&links.entity),
        column("ShareType"),
    ) else {
        return Filter::Never;
    };
    let shared_as = |letter: &str| Filter::equal(share_type, Value::from(letter));
    let reaching = |act| reaching(caller, object, entity, act, parents);
    let mut query = Query::of_object(object);
    query.columns = vec![Expression::Column(linked)];
    query.filter = match act {
        Act::See => reaching(Act::See),
        Act::Edit | Act::Delete => {
            let collaborators = shared_as("C").and(reaching(Act::See));
            collaborators.or(shared_as("I").and(reaching(Act::Edit)))
        }
    };
    if query.filter == Filter::Never {
        return Filter::Never;
    }
    Filter::InQuery {
        left: Expression::Column(Column { source, field: 0 }),
        query: Box::new(query),
        by_row: true,
    }
}

/// Links to a record that the caller reaches. A link to a user is for that user alone, though
/// everybody sees users.
fn reaching(caller: &Caller, links: &Object, entity: Column, act: Act, parents: usize) -> Filter {
    let Some(reference) = links.fields[entity.field].kind.as_reference() else {
        return Filter::Never;
    };
    if parents >= PARENTS_MAX {
        return Filter::Never;
    }
    let catalogue = &caller.rights.catalogue;
    let targets = reference.targets.names().iter();
    let targets = targets.filter_map(|name| catalogue.object(name));
    let reached = targets.map(|target| {
        if target.name == "User" {
            return Filter::equal(entity, Value::Id(caller.user));
        }
        match among(
            Expression::Column(entity),
            target,
            reached(caller, target, act, 0, parents + 1),
        ) {
            Filter::InQuery { left, query, .. } => Filter::InQuery {
                left,
                query,
                by_row: true,
            },
            other => other,
        }
    });
    reached.fold(Filter::Never, Filter::or)
}

/// Adds to every source of a query what the caller may see of it, in subqueries too.
pub(crate) fn restrict(caller: &Caller, query: &mut Query) {
    for (place, source) in query.sources.iter_mut().enumerate() {
        let visible = filter(caller, &source.object, Act::See, place);
        let before = std::mem::replace(&mut source.visible, Filter::Always);
        source.visible = before.and(visible);
    }
    restrict_filter(caller, &mut query.filter);
    for children in &mut query.children {
        restrict(caller, Arc::make_mut(&mut children.query));
    }
}

fn restrict_filter(caller: &Caller, filter: &mut Filter) {
    match filter {
        Filter::And(all) | Filter::Or(all) => {
            for one in all {
                restrict_filter(caller, one);
            }
        }
        Filter::Not(one) => restrict_filter(caller, one),
        Filter::InQuery { query, .. } => restrict(caller, query),
        Filter::Always
        | Filter::Never
        | Filter::IsNull(_)
        | Filter::Compare { .. }
        | Filter::In { .. }
        | Filter::Like { .. }
        | Filter::Includes { .. }
        | Filter::Found { .. } => {}
    }
}
