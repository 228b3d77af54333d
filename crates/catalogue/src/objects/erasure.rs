//! That a Messaging User was erased with all that was said: who did it (`CreatedById`), when, why, and how
//! much went. What was erased is not here, nor whose it was.
//!
//! Written only by the server.

use crate::{Access, Calls, Choice, Columns, Field, Index, Object, SystemFields, SystemPermission};

const STATUSES: &[Choice] = &Choice::list(["Running", "Done"]);

const ERASED: Columns = &[Index::ascending("ErasedRecordId")];

const INDEXES: &[Index] = &[Index::on(ERASED).unique()];

const FIELDS: &[Field] = &[
    Field::auto_number("Name", "ER-{00000000}").label("Erasure Name").name_field(),
    // The id of what is gone: it names nobody, and other systems that kept it can ask by it.
    Field::text("ErasedRecordId", 18).label("Erased Record ID").required().case_sensitive(),
    Field::reference("MessagingChannelId", "MessagingChannel").label("Messaging Channel ID"),
    Field::text("Reason", 255).required(),
    Field::restricted_picklist("Status", STATUSES).required().default_text("Running"),
    Field::integer("SessionCount", 9).label("Sessions").required(),
    Field::integer("EntryCount", 9).label("Entries").required(),
    Field::datetime("CompletedTime").label("Completed"),
    // Where the events of the Messaging User are found; emptied with the last of them.
    Field::text_area("Addresses", 10_000).internal(),
];

/// An erasure.
pub const OBJECT: Object = Object::new("Erasure", "HWX", FIELDS)
    .label("Erasure", "Erasures")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::QUERY)
    .access(Access::SeenWith(SystemPermission::ViewSetup))
    .indexes(INDEXES);
