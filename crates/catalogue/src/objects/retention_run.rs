//! That what was said on a channel was removed because its time was over: up to when, and how much.
//!
//! Written only by the server. One of a channel runs at a time; how far it is stands in it, so that whoever
//! goes on after a crash counts nothing twice.

use std::borrow::Cow;

use crate::{
    Access, Calls, Choice, Columns, Field, Index, Name, Object, OnDelete, SystemFields,
    SystemPermission,
};

const STATUSES: &[Choice] = &Choice::list(["Running", "Done"]);

/// The statuses of runs that are over.
const OVER: &[Name] = &[Cow::Borrowed("Done")];

const CHANNEL: Columns = &[Index::ascending("MessagingChannelId")];

const INDEXES: &[Index] = &[Index::on(CHANNEL).unique().unless("Status", OVER)];

const FIELDS: &[Field] = &[
    Field::auto_number("Name", "RR-{00000000}").label("Retention Run Name").name_field(),
    Field::reference("MessagingChannelId", "MessagingChannel")
        .label("Messaging Channel ID")
        .required()
        .on_delete(OnDelete::Cascade),
    Field::datetime("EndedBefore").label("Sessions Ended Before").required(),
    Field::boolean("IsSessionRemoved").label("Removes Sessions Too"),
    Field::restricted_picklist("Status", STATUSES).required().default_text("Running"),
    Field::integer("SessionCount", 9).label("Sessions"),
    Field::integer("EntryCount", 9).label("Messages"),
    Field::integer("FileCount", 9).label("Files"),
    Field::datetime("CompletedTime").label("Completed"),
    // How far it is; counted in the transaction of what is removed.
    Field::integer("SessionsUntilNow", 9).internal(),
    Field::integer("EntriesUntilNow", 9).internal(),
    Field::integer("FilesUntilNow", 9).internal(),
];

/// A run of a retention rule.
pub const OBJECT: Object = Object::new("RetentionRun", "HWQ", FIELDS)
    .label("Retention Run", "Retention Runs")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::QUERY)
    .access(Access::SeenWith(SystemPermission::ViewSetup))
    .indexes(INDEXES);
