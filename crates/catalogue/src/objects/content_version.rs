//! A version of a file, with its bytes.
//!
//! Left out: links instead of bytes, files kept elsewhere, assets, malware scans.

use std::borrow::Cow;

use super::shared::{FILED, SHARING_OPTIONS, SHARING_PRIVACIES, owner};
use crate::{Calls, Choice, Field, Formula, Object, OnDelete, Sharing};

/// Where a file stands.
pub(super) const PUBLISH_STATUSES: &[Choice] = &Choice::labelled_list([
    ("U", "Upload Interrupted"),
    ("P", "Public"),
    ("R", "Personal Library"),
]);

const ORIGINS: &[Choice] = &Choice::labelled_list([("C", "Content"), ("H", "Chatter")]);

const LOCATIONS: &[Choice] = &Choice::labelled_list([
    ("S", "Salesforce"),
    ("E", "External"),
    ("L", "Social Customer Service"),
]);

const FIELDS: &[Field] = &[
    Field::reference("ContentDocumentId", "ContentDocument")
        .label("Content Document ID")
        .set_once()
        .required()
        .children("ContentVersions")
        .on_delete(OnDelete::Cascade),
    Field::boolean("IsLatest").label("Is Latest"),
    Field::text("VersionNumber", 20).label("Version Number"),
    Field::text("Title", 255).editable().required().name_field(),
    Field::text_area("Description", 1_000).editable().filterable().sortable(),
    Field::text("ReasonForChange", 1_000).label("Reason For Change").editable().ungroupable(),
    Field::restricted_picklist("SharingOption", SHARING_OPTIONS)
        .label("Prevent others from sharing and unsharing")
        .editable()
        .required()
        .default_text("A"),
    Field::restricted_picklist("SharingPrivacy", SHARING_PRIVACIES)
        .label("File Privacy on Records")
        .editable()
        .required()
        .default_text("N"),
    Field::text("PathOnClient", 500).label("Path On Client").set_once().ungroupable(),
    Field::integer("RatingCount", 9).label("Rating Count").formula(Formula::Unfilled),
    Field::datetime("ContentModifiedDate").label("Content Modified Date").set_once(),
    Field::reference("ContentModifiedById", "User").label("User ID"),
    Field::integer("PositiveRatingCount", 9)
        .label("Positive Rating Count")
        .formula(Formula::Unfilled),
    Field::integer("NegativeRatingCount", 9)
        .label("Negative Rating Count")
        .formula(Formula::Unfilled),
    Field::integer("FeaturedContentBoost", 9)
        .label("Featured Content Boost")
        .formula(Formula::Unfilled),
    Field::date("FeaturedContentDate").label("Featured Content Date").formula(Formula::Unfilled),
    owner("Owner ID"),
    Field::text_area("TagCsv", 2_000).label("Tags").editable().sortable(),
    Field::text("FileType", 20).label("File Type").required(),
    Field::picklist("PublishStatus", PUBLISH_STATUSES)
        .label("Publish Status")
        .required()
        .default_text("R"),
    Field::base64("VersionData", "ContentSize").label("Version Data").set_once(),
    Field::integer("ContentSize", 9).label("Size"),
    Field::text("FileExtension", 40).label("File Extension"),
    Field::polymorphic("FirstPublishLocationId", FILED)
        .custom_too()
        .label("First Publish Location ID")
        .set_once(),
    Field::picklist("Origin", ORIGINS)
        .label("Content Origin")
        .set_once()
        .required()
        .default_text("C"),
    Field::picklist("ContentLocation", LOCATIONS)
        .label("Content Location")
        .set_once()
        .required()
        .default_text("S"),
    Field::text("TextPreview", 255).label("Text Preview").formula(Formula::Unfilled),
    Field::text("Checksum", 50),
    Field::boolean("IsMajorVersion").label("Major Version").set_once(),
    Field::boolean("IsAssetEnabled").label("Asset File Enabled").set_once(),
];

/// A version of a file.
pub const OBJECT: Object = Object::new("ContentVersion", "068", FIELDS)
    .label("Content Version", "Content Versions")
    .calls(Calls { delete: false, undelete: false, ..Calls::ALL })
    .sharing(Sharing::ControlledByParent(Cow::Borrowed("ContentDocumentId")));
