//! That somebody has a skill, how well, and from when until when. The key prefix is ours: no source that we
//! have seen has Salesforce's.

use super::shared::skill_level;
use crate::{
    Access, Calls, Columns, DefaultValue, Field, Index, Object, OnDelete, SystemFields,
    SystemPermission,
};

const ONCE: Columns = &[Index::ascending("ServiceResourceId"), Index::ascending("SkillId")];

const INDEXES: &[Index] = &[Index::on(ONCE).unique()];

const FIELDS: &[Field] = &[
    Field::auto_number("SkillNumber", "SK-{00000000}")
        .label("Skill Number")
        .ungroupable()
        .id_lookup()
        .name_field(),
    Field::reference("ServiceResourceId", "ServiceResource")
        .label("Service Resource ID")
        .set_once()
        .required()
        .children("ServiceResourceSkills")
        .on_delete(OnDelete::Cascade),
    Field::reference("SkillId", "Skill")
        .label("Skill ID")
        .editable()
        .required()
        .children("ServiceResourceSkills")
        .on_delete(OnDelete::Cascade),
    skill_level().editable().help("How well, from 0 to 99.99"),
    // Salesforce wants it; who does not say has the skill from now on.
    Field::datetime("EffectiveStartDate")
        .label("Start Date")
        .editable()
        .required()
        .default_value(DefaultValue::Now),
    Field::datetime("EffectiveEndDate")
        .label("End Date")
        .editable()
        .help("From then on the skill no longer counts; empty: it always does"),
];

/// A skill of somebody.
pub const OBJECT: Object = Object::new("ServiceResourceSkill", "HWF", FIELDS)
    .label("Service Resource Skill", "Service Resource Skills")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::CustomizeApplication))
    .indexes(INDEXES);
