//! A skill that a session in line needs of whoever gets it.
//!
//! Written only by the server, with the place in line, from the routing configuration of its queue. The key
//! prefix is ours: no source that we have seen has Salesforce's.

use std::borrow::Cow;

use super::shared::{skill_level, skill_priority};
use crate::{Access, Calls, Columns, Field, Index, Object, OnDelete, Sharing, SystemFields};

const ONCE: Columns = &[Index::ascending("RelatedRecordId"), Index::ascending("SkillId")];

const INDEXES: &[Index] = &[Index::on(ONCE).unique()];

const FIELDS: &[Field] = &[
    Field::auto_number("SkillNumber", "SR-{00000000}")
        .label("Skill Number")
        .ungroupable()
        .id_lookup()
        .name_field(),
    Field::reference("RelatedRecordId", "PendingServiceRouting")
        .label("Related Record ID")
        .required()
        .children("SkillRequirements")
        .on_delete(OnDelete::Cascade),
    Field::reference("SkillId", "Skill").label("Skill ID").required().on_delete(OnDelete::Cascade),
    skill_level(),
    skill_priority(),
    Field::boolean("IsAdditionalSkill").label("Is Additional Skill"),
];

/// A skill that is needed.
pub const OBJECT: Object = Object::new("SkillRequirement", "HWG", FIELDS)
    .label("Skill Requirement", "Skill Requirements")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::QUERY)
    .access(Access::Follows(Cow::Borrowed("MessagingSession")))
    .sharing(Sharing::ControlledByParent(Cow::Borrowed("RelatedRecordId")))
    .indexes(INDEXES);
