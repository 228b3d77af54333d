//! A file with all its versions. It comes into being with the first of them, and shows what the latest
//! says.
//!
//! Left out: libraries, archiving, assets.

use std::borrow::Cow;

use super::shared::{SHARING_OPTIONS, SHARING_PRIVACIES, owner};
use crate::{Calls, Field, Links, Object, Sharing};

const FIELDS: &[Field] = &[
    owner("Owner ID").update_only(),
    Field::text("Title", 255).update_only().required().name_field(),
    Field::picklist("PublishStatus", super::content_version::PUBLISH_STATUSES)
        .label("Publish Status")
        .required(),
    Field::reference("LatestPublishedVersionId", "ContentVersion")
        .label("Latest Published Version ID"),
    Field::text_area("Description", 1_000).update_only().filterable().sortable(),
    Field::integer("ContentSize", 9).label("Size"),
    Field::text("FileType", 20).label("File Type"),
    Field::text("FileExtension", 40).label("File Extension"),
    Field::restricted_picklist("SharingOption", SHARING_OPTIONS)
        .label("Prevent others from sharing and unsharing")
        .update_only(),
    Field::restricted_picklist("SharingPrivacy", SHARING_PRIVACIES)
        .label("File Privacy on Records")
        .update_only(),
    Field::datetime("ContentModifiedDate").label("Content Modified Date"),
];

/// A file.
pub const OBJECT: Object = Object::new("ContentDocument", "069", FIELDS)
    .label("Content Document", "Content Documents")
    .calls(Calls { create: false, ..Calls::ALL })
    .sharing(Sharing::ThroughLinks(Links {
        object: Cow::Borrowed("ContentDocumentLink"),
        linked: Cow::Borrowed("ContentDocumentId"),
        entity: Cow::Borrowed("LinkedEntityId"),
    }))
    .recents();
