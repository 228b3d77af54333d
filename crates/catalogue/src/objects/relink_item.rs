//! What a relink did to one Messaging User: before, after, and how many sessions follow.
//!
//! A link that the relink left alone has its `…Changed` box empty; its before and after say nothing.
//! Whoever sees the Messaging User sees what was done to it.

use std::borrow::Cow;

use crate::{Access, Calls, Field, Object, OnDelete, Sharing};

const FIELDS: &[Field] = &[
    Field::auto_number("Name", "RLI-{00000000}").label("Relink Item Name").name_field(),
    Field::reference("RelinkId", "Relink")
        .label("Relink ID")
        .required()
        .children("Items")
        .on_delete(OnDelete::Cascade),
    Field::reference("MessagingEndUserId", "MessagingEndUser")
        .label("Messaging User ID")
        .required()
        .children("RelinkItems")
        .on_delete(OnDelete::Cascade),
    Field::boolean("AccountChanged").label("Account Changed"),
    Field::reference("AccountBeforeId", "Account").label("Account Before ID"),
    Field::reference("AccountAfterId", "Account").label("Account After ID"),
    Field::boolean("ContactChanged").label("Contact Changed"),
    Field::reference("ContactBeforeId", "Contact").label("Contact Before ID"),
    Field::reference("ContactAfterId", "Contact").label("Contact After ID"),
    Field::integer("SessionsAffected", 9).label("Sessions Affected").required(),
    Field::boolean("Undone"),
];

/// A relink item.
pub const OBJECT: Object = Object::new("RelinkItem", "HW2", FIELDS)
    .label("Relink Item", "Relink Items")
    .calls(Calls::QUERY)
    .access(Access::Follows(Cow::Borrowed("Relink")))
    .sharing(Sharing::ControlledByParent(Cow::Borrowed("MessagingEndUserId")));
