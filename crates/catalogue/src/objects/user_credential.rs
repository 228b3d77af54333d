//! A user's password, as a slow hash, and what failed attempts have come to. Apart from the user,
//! so that no query on users can ever reach it.

use crate::{Access, Calls, DefaultValue, Field, Object, OnDelete, SystemFields};

const FIELDS: &[Field] = &[
    Field::reference("UserId", "User").required().unique().on_delete(OnDelete::Cascade),
    // None: no password was ever set, so none fits.
    Field::text("PasswordHash", 255).case_sensitive(),
    // None: the password alone lets in. Keyed hash of what clients put behind the password.
    Field::text("SecurityTokenHash", 64).case_sensitive(),
    Field::integer("FailedLogins", 9).required().default_value(DefaultValue::Integer(0)),
    Field::datetime("LockedUntil"),
    Field::datetime("PasswordChangedDate"),
    Field::boolean("MustChangePassword"),
];

/// A credential.
pub const OBJECT: Object = Object::new("UserCredential", "HW3", FIELDS)
    .label("User Credential", "User Credentials")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::NONE)
    .access(Access::Internal);
