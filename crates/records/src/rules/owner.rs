//! Who may own a record: a user who is active, or a queue that takes its object.

use std::sync::Arc;

use headwater_catalogue::{Id, Object, Value};
use headwater_soql::resolved::{Column, Expression, Filter, Query};
use headwater_store::Check;

use super::Rule;
use crate::change::{Change, Condition};
use crate::error::Problem;

/// The owner can own.
pub(super) const MAY_OWN: Rule = Rule {
    objects: &[],
    when: &["OwnerId"],
    knows: &[],
    apply: may_own,
};

fn may_own(change: &mut Change<'_>) {
    let Some(owner) = change.given("OwnerId").and_then(Value::as_id) else {
        return;
    };
    // The caller is active, or there would be no caller.
    if owner == change.caller.user {
        return;
    }
    let Some(target) = change.catalogue().object_of(owner.prefix()) else {
        return;
    };
    let condition = match &*target.name {
        "User" => active(target, owner),
        "Group" => queue(change, target, owner),
        _ => None,
    };
    if let Some(condition) = condition {
        change.require(condition);
    }
}

fn active(user: &Arc<Object>, owner: Id) -> Option<Condition> {
    let field = user.position("IsActive")?;
    let active = Filter::equal(Column { source: 0, field }, Value::Boolean(true));
    Some(Condition {
        check: Check {
            object: Arc::clone(user),
            id: owner,
            visible: active,
        },
        missing: no_such(owner),
        refused: Problem::InactiveOwner {
            field: "OwnerId".into(),
            id: owner,
        },
    })
}

/// A queue that names this object among those it takes, or none at all.
fn queue(change: &Change<'_>, group: &Arc<Object>, owner: Id) -> Option<Condition> {
    let taken = change.catalogue().object("QueueSobject")?;
    let kind = Column {
        source: 0,
        field: group.position("Type")?,
    };
    let choosy = queues(taken, None)?;
    let fitting = queues(taken, Some(&change.object.name))?;
    let among = |query: Query| Filter::InQuery {
        left: Expression::Column(Column {
            source: 0,
            field: 0,
        }),
        query: Box::new(query),
        by_row: false,
    };
    let accepts = among(fitting).or(Filter::Not(Box::new(among(choosy))));
    Some(Condition {
        check: Check {
            object: Arc::clone(group),
            id: owner,
            visible: Filter::equal(kind, Value::from("Queue")).and(accepts),
        },
        missing: no_such(owner),
        refused: Problem::Rule {
            fields: vec!["OwnerId".into()],
            message: format!(
                "Queue not associated with this SObject type: {}",
                change.object.name
            ),
        },
    })
}

/// The queues that name an object, or any.
fn queues(taken: &Arc<Object>, object: Option<&str>) -> Option<Query> {
    let column = |name: &str| {
        let field = taken.position(name)?;
        Some(Column { source: 0, field })
    };
    let mut query = Query::of_object(taken);
    query.columns = vec![Expression::Column(column("QueueId")?)];
    if let Some(object) = object {
        query.filter = Filter::equal(column("SobjectType")?, Value::from(object));
    }
    Some(query)
}

fn no_such(owner: Id) -> Problem {
    Problem::NoSuchRecord {
        field: "OwnerId".into(),
        id: owner,
    }
}
