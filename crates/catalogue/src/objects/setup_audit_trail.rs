//! Who changed the set-up, when, and what: one row for each change, written with it.
//!
//! Left out: `CreatedByContext`, `CreatedByIssuer` and `ResponsibleNamespacePrefix`, which tell of
//! packages and of logins by partners.

use crate::{Access, Calls, Columns, Field, Index, Object, SystemFields, SystemPermission};

const NEWEST: Columns = &[Index::descending("CreatedDate")];
const INDEXES: &[Index] = &[Index::on(NEWEST)];

const FIELDS: &[Field] = &[
    Field::text("Action", 80),
    Field::text("Section", 80),
    // For people: what was done, to what, and what it holds now.
    Field::text("Display", 1_000),
    Field::text("DelegateUser", 80).label("Delegate User"),
];

/// A change of the set-up.
pub const OBJECT: Object = Object::new("SetupAuditTrail", "0Ym", FIELDS)
    .label("Setup Audit Trail Entry", "Setup Audit Trail Entries")
    .system(SystemFields::CreatedOnly)
    .calls(Calls::QUERY)
    .access(Access::SeenWith(SystemPermission::ViewSetup))
    .indexes(INDEXES);
