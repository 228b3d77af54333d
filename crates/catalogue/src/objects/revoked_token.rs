//! A web visitor's login that was ended before its token was over. The token itself is kept nowhere; what
//! names it here says nothing to who reads it. Written only by the server.

use crate::{Access, Calls, Columns, Field, Index, Object, SystemFields, SystemPermission};

/// What is over is removed.
const BY_END: Columns = &[Index::ascending("EndTime")];

const INDEXES: &[Index] = &[Index::on(BY_END)];

const FIELDS: &[Field] = &[
    Field::text("Name", 80).required().unique().name_field(),
    // When the token is over by itself.
    Field::datetime("EndTime").required(),
];

/// A revoked token.
pub const OBJECT: Object = Object::new("RevokedToken", "HWT", FIELDS)
    .label("Revoked Token", "Revoked Tokens")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::QUERY)
    .access(Access::SeenWith(SystemPermission::ViewSetup))
    .indexes(INDEXES);
