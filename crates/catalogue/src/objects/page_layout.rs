//! What a page of an object's records looks like, where it is not as usual. An object has one at
//! most.
//!
//! Written by a verb of its own, which knows the form of `Definition` and looks it over.

use crate::{Access, Calls, Field, Object, SystemFields, SystemPermission};

const FIELDS: &[Field] = &[
    Field::text("EntityName", 63).label("Entity Name").required().unique().name_field(),
    // JSON: sections, in each its fields in their order.
    Field::text_area("Definition", 131_072).required(),
];

/// A page layout.
pub const OBJECT: Object = Object::new("PageLayout", "HWL", FIELDS)
    .label("Page Layout", "Page Layouts")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::QUERY)
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
