//! Kinds of record: of the same object, and active.

use std::sync::Arc;

use headwater_catalogue::{Id, Value};
use headwater_soql::resolved::{Column, Filter};
use headwater_store::Check;

use super::Rule;
use crate::change::{Change, Condition};
use crate::describe::MASTER_RECORD_TYPE;
use crate::error::Problem;

/// The field that names the kind.
const FIELD: &str = "RecordTypeId";

/// The kind is one of the record's object, and active unless the record is of it already.
pub(super) const FITS: Rule = Rule {
    objects: &["Account", "Case", "Contact", "Lead", "Opportunity"],
    when: &[FIELD],
    knows: &[FIELD],
    apply: fits,
};

fn fits(change: &mut Change<'_>) {
    let Some(id) = change.given(FIELD).and_then(Value::as_id) else {
        return;
    };
    if id.as_str() == MASTER_RECORD_TYPE {
        change.set(FIELD, Value::Null);
    } else if change.held(FIELD).as_id() != Some(id)
        && let Some(condition) = of_this_object(change, id)
    {
        change.require(condition);
    }
}

fn of_this_object(change: &Change<'_>, id: Id) -> Option<Condition> {
    let kinds = change.catalogue().object("RecordType")?;
    let field = change.object.field(FIELD)?;
    let holds = |name: &str, value: Value| {
        let field = kinds.position(name)?;
        Some(Filter::equal(Column { source: 0, field }, value))
    };
    let of_object = holds("SobjectType", Value::from(&*change.object.name))?;
    let wrong = Problem::WrongRecordType {
        field: field.name.clone(),
        label: field.label.clone(),
        id,
    };
    Some(Condition {
        check: Check {
            object: Arc::clone(kinds),
            id,
            visible: of_object.and(holds("IsActive", Value::Boolean(true))?),
        },
        missing: wrong.clone(),
        refused: wrong,
    })
}
