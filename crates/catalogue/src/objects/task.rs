//! Something to do, or a call that was made.
//!
//! Left out: recurrence.

use std::borrow::Cow;

use super::shared::owner_or_queue;
use crate::{Choice, Field, Name, Object, OnDelete};

const WHO: &[Name] = &[Cow::Borrowed("Contact"), Cow::Borrowed("Lead")];

const WHAT: &[Name] = &[
    Cow::Borrowed("Account"),
    Cow::Borrowed("Campaign"),
    Cow::Borrowed("Case"),
    Cow::Borrowed("Opportunity"),
];

const SUBJECTS: &[Choice] = &Choice::list(["Call", "Email", "Send Letter", "Send Quote", "Other"]);

const STATUSES: &[Choice] = &Choice::list([
    "Not Started",
    "In Progress",
    "Completed",
    "Waiting on someone else",
    "Deferred",
]);

/// The statuses in which `IsClosed` is ticked.
pub const CLOSED_STATUSES: &[&str] = &["Completed"];

const PRIORITIES: &[Choice] = &Choice::list(["High", "Normal", "Low"]);

const CALL_TYPES: &[Choice] = &Choice::list(["Internal", "Inbound", "Outbound"]);

const TASK_SUBTYPES: &[Choice] = &Choice::labelled_list([
    ("Task", "Task"),
    ("Email", "Email"),
    ("ListEmail", "List Email"),
    ("Cadence", "Cadence"),
    ("Call", "Call"),
    ("LinkedIn", "LinkedIn"),
]);

const FIELDS: &[Field] = &[
    Field::polymorphic("WhoId", WHO).label("Name ID").editable().permissionable().children("Tasks"),
    Field::polymorphic("WhatId", WHAT)
        .label("Related To ID")
        .editable()
        .permissionable()
        .children("Tasks")
        .on_delete(OnDelete::Cascade),
    Field::combobox("Subject", SUBJECTS).editable().name_field(),
    Field::date("ActivityDate").label("Due Date Only").editable().permissionable(),
    Field::picklist("Status", STATUSES).editable().required().default_text("Not Started"),
    Field::picklist("Priority", PRIORITIES).editable().required().default_text("Normal"),
    Field::boolean("IsHighPriority").label("High Priority"),
    owner_or_queue("Assigned To ID"),
    Field::text_area("Description", 32_000).editable().permissionable(),
    Field::reference("AccountId", "Account").label("Account ID"),
    Field::boolean("IsClosed").label("Closed"),
    Field::boolean("IsArchived").label("Archived"),
    Field::integer("CallDurationInSeconds", 9).label("Call Duration").editable(),
    Field::picklist("CallType", CALL_TYPES).label("Call Type").editable(),
    Field::text("CallDisposition", 255).label("Call Result").editable(),
    Field::text("CallObject", 255).label("Call Object Identifier").editable(),
    Field::datetime("ReminderDateTime").label("Reminder Date/Time").editable(),
    Field::boolean("IsReminderSet").label("Reminder Set").editable(),
    Field::picklist("TaskSubtype", TASK_SUBTYPES)
        .label("Task Subtype")
        .set_once()
        .default_text("Task"),
    Field::datetime("CompletedDateTime").label("Completed Date/Time").since("IsClosed"),
];

/// A task.
pub const OBJECT: Object = Object::new("Task", "00T", FIELDS).label("Task", "Tasks");
