//! Keys of the server itself, made at its first start. All processes on one database share them:
//! a token that one of them gave out is good at all.

use crate::{Access, Calls, Field, Object, SystemFields};

const FIELDS: &[Field] = &[
    Field::text("Name", 80).required().unique().name_field(),
    Field::text("Value", 255).required().case_sensitive(),
];

/// A secret of the server.
pub const OBJECT: Object = Object::new("ServerSecret", "HW9", FIELDS)
    .label("Server Secret", "Server Secrets")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::NONE)
    .access(Access::Internal);
