//! Something that an agent can do and a customer can need: a language, a product.

use super::shared::LANGUAGES;
use crate::{Access, Calls, Field, Object, SystemFields, SystemPermission};

const FIELDS: &[Field] = &[
    Field::text("DeveloperName", 80).label("Developer Name").editable().required().unique(),
    Field::restricted_picklist("Language", LANGUAGES)
        .label("Master Language")
        .editable()
        .default_text("en_US"),
    Field::text("MasterLabel", 80).label("Name").editable().required().name_field(),
    Field::text_area("Description", 1_000).editable(),
];

/// A skill.
pub const OBJECT: Object = Object::new("Skill", "0C5", FIELDS)
    .label("Skill", "Skills")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
