//! A field that was made at run time, on a built-in or a custom object.
//!
//! The columns are the parts of Salesforce's field metadata, flat. What applies to some types only is
//! null on the others.

use crate::{Access, Calls, Choice, Columns, Field, Index, Object, SystemFields, SystemPermission};

const TYPES: &[Choice] = &Choice::labelled_list([
    ("Text", "Text"),
    ("TextArea", "Text Area"),
    ("LongTextArea", "Long Text Area"),
    ("Email", "Email"),
    ("Phone", "Phone"),
    ("Url", "URL"),
    ("Checkbox", "Checkbox"),
    ("Number", "Number"),
    ("Currency", "Currency"),
    ("Percent", "Percent"),
    ("Date", "Date"),
    ("DateTime", "Date/Time"),
    ("Time", "Time"),
    ("Picklist", "Picklist"),
    ("MultiselectPicklist", "Picklist (Multi-Select)"),
    ("AutoNumber", "Auto Number"),
    ("Lookup", "Lookup Relationship"),
    ("MasterDetail", "Master-Detail Relationship"),
]);
const DELETE_CONSTRAINTS: &[Choice] = &Choice::labelled_list([
    ("SetNull", "Clear the value of this field"),
    ("Restrict", "Don't allow deletion of the lookup record"),
    ("Cascade", "Delete this record also"),
]);

const OF_OBJECT: Columns = &[Index::ascending("TableEnumOrId"), Index::ascending("DeveloperName")];
const INDEXES: &[Index] = &[Index::on(OF_OBJECT).unique()];

const FIELDS: &[Field] = &[
    // The API name of a built-in object, or the id of a custom one.
    Field::text("TableEnumOrId", 40).label("Entity Name").set_once().required(),
    // Without the ending __c.
    Field::text("DeveloperName", 40).label("Field Name").set_once().required().name_field(),
    Field::text("NamespacePrefix", 15).label("Namespace Prefix"),
    Field::text("Label", 40).editable().required(),
    Field::restricted_picklist("Type", TYPES).set_once().required(),
    Field::integer("Length", 6).editable(),
    Field::integer("Precision", 2).editable(),
    Field::integer("Scale", 2).editable(),
    Field::boolean("IsRequired").label("Required").editable(),
    Field::boolean("IsUnique").label("Unique").editable(),
    Field::boolean("IsCaseSensitive").label("Case Sensitive").editable(),
    Field::boolean("IsExternalId").label("External ID").editable(),
    Field::boolean("IsHistoryTracked").label("Track History").editable(),
    Field::text("DefaultValue", 255).label("Default Value").editable(),
    Field::text("DisplayFormat", 30).label("Display Format").set_once(),
    // One per line: the value, or the value, a tab and its label.
    Field::text_area("PicklistValues", 131_072).label("Picklist Values").editable(),
    Field::boolean("IsPicklistRestricted").label("Restricted Picklist").editable(),
    Field::text("ReferenceTo", 43).label("Related To").set_once(),
    Field::text("RelationshipName", 40).label("Child Relationship Name").editable(),
    Field::text("RelationshipLabel", 80).label("Related List Label").editable(),
    Field::restricted_picklist("DeleteConstraint", DELETE_CONSTRAINTS)
        .label("Delete Constraint")
        .editable(),
    Field::text("InlineHelpText", 510).label("Help Text").editable(),
    Field::text_area("Description", 1_000).editable(),
];

/// A custom field.
pub const OBJECT: Object = Object::new("CustomField", "00N", FIELDS)
    .label("Custom Field", "Custom Fields")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::CustomizeApplication))
    .indexes(INDEXES);
