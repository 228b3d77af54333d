//! A person as somebody who has skills. Only what routing of sessions needs of Salesforce's object is here:
//! agents, and no crews, assets or places.

use crate::{Access, Calls, Field, Object, OnDelete, SystemFields, SystemPermission};

const FIELDS: &[Field] = &[
    Field::text("Name", 255).editable().required().name_field(),
    Field::reference("RelatedRecordId", "User")
        .label("User ID")
        .editable()
        .required()
        .unique()
        .children("ServiceResources")
        .on_delete(OnDelete::Cascade),
    Field::boolean("IsActive").label("Active").editable().ticked(),
    Field::text_area("Description", 1_000).editable(),
];

/// A service resource.
pub const OBJECT: Object = Object::new("ServiceResource", "0Hn", FIELDS)
    .label("Service Resource", "Service Resources")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
