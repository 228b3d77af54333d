//! An object that was made at run time. Its rows are read at start and whenever they change, and
//! become the same structs as the constants beside this file.

use crate::{Access, Calls, Choice, Field, Object, SystemFields, SystemPermission};

const SHARING_MODELS: &[Choice] = &Choice::labelled_list([
    ("ReadWrite", "Public Read/Write"),
    ("Read", "Public Read Only"),
    ("Private", "Private"),
]);
const NAME_FIELD_TYPES: &[Choice] =
    &Choice::labelled_list([("Text", "Text"), ("AutoNumber", "Auto Number")]);

const FIELDS: &[Field] = &[
    // Without the ending __c.
    Field::text("DeveloperName", 40)
        .label("Object Name")
        .set_once()
        .required()
        .unique()
        .name_field(),
    Field::text("NamespacePrefix", 15).label("Namespace Prefix"),
    Field::text("Label", 40).editable().required(),
    Field::text("PluralLabel", 40).label("Plural Label").editable(),
    Field::text_area("Description", 1_000).editable(),
    // Given by the server: a00, a01, ….
    Field::text("KeyPrefix", 3).label("Key Prefix").required().unique().case_sensitive(),
    Field::restricted_picklist("SharingModel", SHARING_MODELS)
        .label("Sharing Model")
        .editable()
        .required()
        .default_text("ReadWrite"),
    Field::text("NameFieldLabel", 40).label("Name Field Label").editable(),
    Field::restricted_picklist("NameFieldType", NAME_FIELD_TYPES)
        .label("Name Field Type")
        .set_once()
        .required()
        .default_text("Text"),
    Field::text("NameFieldFormat", 30).label("Name Field Display Format").set_once(),
];

/// A custom object.
pub const OBJECT: Object = Object::new("CustomObject", "01I", FIELDS)
    .label("Custom Object", "Custom Objects")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
