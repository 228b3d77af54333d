//! The public keys by which tokens are checked that an organization's own site signs for its customers:
//! uploaded, or fetched from where the site keeps them.

use crate::{
    Access, Calls, Columns, Field, Index, Object, OnDelete, SystemFields, SystemPermission,
};

/// The name is a part of the platform keys of the customers that it lets in.
const NAME: Columns = &[Index::ascending("MessagingChannelId"), Index::ascending("DeveloperName")];

const INDEXES: &[Index] = &[Index::on(NAME).unique()];

const FIELDS: &[Field] = &[
    Field::text("DeveloperName", 80).label("Developer Name").set_once().required().name_field(),
    Field::reference("MessagingChannelId", "MessagingChannel")
        .label("Messaging Channel ID")
        .set_once()
        .required()
        .on_delete(OnDelete::Cascade),
    Field::text("Issuer", 255).editable().required().case_sensitive(),
    Field::text_area("Keys", 32_000).label("Keys (JSON Web Key Set)").editable(),
    Field::url("KeysUrl", 255).label("Address of the Keys").editable(),
];

/// A keyset.
pub const OBJECT: Object = Object::new("MessagingKeyset", "HWK", FIELDS)
    .label("Messaging Keyset", "Messaging Keysets")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { undelete: false, replicate: false, search: false, ..Calls::ALL })
    .access(Access::SetUp(SystemPermission::CustomizeApplication))
    .indexes(INDEXES);
