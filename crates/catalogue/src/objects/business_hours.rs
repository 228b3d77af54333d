//! When one is open. A day without times is a day closed.

use super::shared::TIME_ZONES;
use crate::{Access, Calls, Field, Object, SystemFields, SystemPermission};

const FIELDS: &[Field] = &[
    Field::text("Name", 80).label("Business Hours Name").editable().required().name_field(),
    Field::boolean("IsActive").label("Active").editable().ticked(),
    Field::boolean("IsDefault").label("Default Business Hours").editable(),
    Field::time("SundayStartTime").label("Sunday Start").editable().ungroupable(),
    Field::time("SundayEndTime").label("Sunday End").editable().ungroupable(),
    Field::time("MondayStartTime").label("Monday Start").editable().ungroupable(),
    Field::time("MondayEndTime").label("Monday End").editable().ungroupable(),
    Field::time("TuesdayStartTime").label("Tuesday Start").editable().ungroupable(),
    Field::time("TuesdayEndTime").label("Tuesday End").editable().ungroupable(),
    Field::time("WednesdayStartTime").label("Wednesday Start").editable().ungroupable(),
    Field::time("WednesdayEndTime").label("Wednesday End").editable().ungroupable(),
    Field::time("ThursdayStartTime").label("Thursday Start").editable().ungroupable(),
    Field::time("ThursdayEndTime").label("Thursday End").editable().ungroupable(),
    Field::time("FridayStartTime").label("Friday Start").editable().ungroupable(),
    Field::time("FridayEndTime").label("Friday End").editable().ungroupable(),
    Field::time("SaturdayStartTime").label("Saturday Start").editable().ungroupable(),
    Field::time("SaturdayEndTime").label("Saturday End").editable().ungroupable(),
    Field::picklist("TimeZoneSidKey", TIME_ZONES).label("Time Zone").editable().required(),
];

/// Business hours.
pub const OBJECT: Object = Object::new("BusinessHours", "01m", FIELDS)
    .label("Business Hours", "Business Hours")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { delete: false, ..Calls::SET_UP })
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
