//! The kind that new records of an object are of when somebody with a profile makes them and does not say:
//! what Salesforce keeps in the profile's metadata. An object without a row has its master kind.

use crate::{
    Access, Calls, Columns, Field, Index, Object, OnDelete, SystemFields, SystemPermission,
};

const PAIR: Columns = &[Index::ascending("ProfileId"), Index::ascending("SobjectType")];

const INDEXES: &[Index] = &[Index::on(PAIR).unique()];

const FIELDS: &[Field] = &[
    Field::reference("ProfileId", "Profile")
        .label("Profile ID")
        .set_once()
        .required()
        .on_delete(OnDelete::Cascade),
    Field::picklist("SobjectType", &[]).label("SObject Type Name").set_once().required(),
    Field::reference("RecordTypeId", "RecordType")
        .label("Record Type ID")
        .editable()
        .required()
        .on_delete(OnDelete::Cascade),
];

/// A default record type.
pub const OBJECT: Object = Object::new("DefaultRecordType", "HWD", FIELDS)
    .label("Default Record Type", "Default Record Types")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::ManageUsers))
    .indexes(INDEXES);
