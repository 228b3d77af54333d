//! A kind of record within an object.

use crate::{Access, Calls, Field, Object, SystemFields, SystemPermission};

const FIELDS: &[Field] = &[
    Field::text("Name", 80).editable().required().name_field(),
    Field::text("DeveloperName", 80).label("Record Type Name").editable().required(),
    Field::text("NamespacePrefix", 15).label("Namespace Prefix"),
    Field::text("Description", 255).editable(),
    Field::picklist("SobjectType", &[]).label("SObject Type Name").set_once().required(),
    Field::boolean("IsActive").label("Active").update_only().ticked(),
];

/// A record type.
pub const OBJECT: Object = Object::new("RecordType", "012", FIELDS)
    .label("Record Type", "Record Types")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { delete: false, ..Calls::SET_UP })
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
