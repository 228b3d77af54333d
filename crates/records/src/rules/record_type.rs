//! Kinds of record: of the same object, and active; and which one a new record is of that does not say.

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

/// The kind is one of the record's object, and active unless the record is of it already. A new record
/// that names none is of the default of its maker's profile.
pub(super) const FITS: Rule = Rule {
    objects: &["Account", "Case", "Contact", "Lead", "Opportunity"],
    when: &[FIELD],
    knows: &[FIELD],
    apply: fits,
};

/// A default is a kind of the object that it is for.
pub(super) const DEFAULT: Rule = Rule {
    objects: &["DefaultRecordType"],
    when: &[FIELD],
    knows: &[FIELD, "SobjectType"],
    apply: default,
};

fn fits(change: &mut Change<'_>) {
    let given = change.given(FIELD).and_then(Value::as_id);
    let preset = || {
        let kind = change.caller.rights.default_record_type(change.object)?;
        change.is_create().then_some(kind.id)
    };
    let Some(id) = given.or_else(preset) else {
        return;
    };
    if id.as_str() == MASTER_RECORD_TYPE {
        change.set(FIELD, Value::Null);
        return;
    }
    change.set(FIELD, id);
    if change.held(FIELD).as_id() != Some(id)
        && let Some(condition) = kind_of(change, &change.object.name, id)
    {
        change.require(condition);
    }
}

fn default(change: &mut Change<'_>) {
    let object = change.holds("SobjectType").as_text().map(str::to_owned);
    let id = change.given(FIELD).and_then(Value::as_id);
    if let (Some(object), Some(id)) = (object, id)
        && let Some(condition) = kind_of(change, &object, id)
    {
        change.require(condition);
    }
}

/// That a kind is an active one of an object.
fn kind_of(change: &Change<'_>, object: &str, id: Id) -> Option<Condition> {
    let kinds = change.catalogue().object("RecordType")?;
    let field = change.object.field(FIELD)?;
    let holds = |name: &str, value: Value| {
        let field = kinds.position(name)?;
        Some(Filter::equal(Column { source: 0, field }, value))
    };
    let of_object = holds("SobjectType", Value::from(object))?;
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
