//! How a channel does: when something came in, went out and failed last. No set-up, for it changes by
//! itself; and beside the channel, so that noting it touches nothing that people edit.

use crate::{Access, Calls, Field, Object, OnDelete, SystemFields, SystemPermission};

const FIELDS: &[Field] = &[
    Field::reference("MessagingChannelId", "MessagingChannel")
        .label("Messaging Channel ID")
        .required()
        .unique()
        .on_delete(OnDelete::Cascade),
    Field::datetime("ReceivedTime").label("Last Received"),
    Field::datetime("SentTime").label("Last Sent"),
    Field::datetime("FailedTime").label("Last Failed"),
    Field::text("FailureReason", 255).label("Last Failure"),
];

/// How a channel does.
pub const OBJECT: Object = Object::new("ChannelHealth", "HWH", FIELDS)
    .label("Channel Health", "Channel Health")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::QUERY)
    .access(Access::SeenWith(SystemPermission::ViewSetup));
