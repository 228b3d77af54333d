//! That sessions which are routed by a configuration need a skill. Ours: Salesforce has it in routing rules of
//! its Setup, which its API does not show.

use super::shared::{skill_level, skill_priority};
use crate::{
    Access, Calls, Columns, Field, Index, Object, OnDelete, SystemFields, SystemPermission,
};

const ONCE: Columns = &[Index::ascending("QueueRoutingConfigId"), Index::ascending("SkillId")];

const INDEXES: &[Index] = &[Index::on(ONCE).unique()];

const FIELDS: &[Field] = &[
    Field::reference("QueueRoutingConfigId", "QueueRoutingConfig")
        .label("Routing Configuration ID")
        .set_once()
        .required()
        .children("Skills")
        .on_delete(OnDelete::Cascade),
    Field::reference("SkillId", "Skill")
        .label("Skill ID")
        .set_once()
        .required()
        .children("RoutingConfigurations")
        .on_delete(OnDelete::Cascade),
    skill_level().editable().help("How well the agent must have it, from 0 to 99.99"),
    Field::boolean("IsAdditionalSkill")
        .label("Is Additional Skill")
        .editable()
        .help("Whether it is waived after the configuration’s time-out"),
    skill_priority().editable().help(
        "Of an additional skill: 0 is waived last, 10 first, those with the same one together, \
         and after each time-out the next; empty: as 10",
    ),
];

/// A skill that a routing configuration asks for.
pub const OBJECT: Object = Object::new("QueueRoutingConfigSkill", "HWI", FIELDS)
    .label("Routing Configuration Skill", "Routing Configuration Skills")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::CustomizeApplication))
    .indexes(INDEXES);
