//! The verbs that say what exists.

use serde_json::json;

use super::Asked;
use super::answer::described;
use super::fault::Fault;
use crate::describe;
use crate::small::tab_items;

/// Most objects described in one call, as on Salesforce.
const OBJECTS_MAX: usize = 100;

/// All objects.
pub(super) fn describe_global(asked: &Asked<'_>) -> String {
    let body = describe::global_body(asked.call, &asked.caller, asked.version);
    let mut xml = String::new();
    described(&mut xml, "result", &body);
    xml
}

/// One object.
pub(super) fn describe_object(asked: &Asked<'_>) -> Result<String, Fault> {
    describe(asked, &[asked.argument("sObjectType")])
}

/// Several objects.
pub(super) fn describe_objects(asked: &Asked<'_>) -> Result<String, Fault> {
    let names = asked.envelope.operation.texts("sObjectType");
    if names.len() > OBJECTS_MAX {
        return Err(Fault::too_many(OBJECTS_MAX));
    }
    describe(asked, &names)
}

/// The lists of the console, as one set of tabs.
pub(super) fn describe_tabs(asked: &Asked<'_>) -> String {
    let set = json!({
        "description": null,
        "label": "Headwater",
        "logoUrl": null,
        "namespace": null,
        "selected": true,
        "tabs": tab_items(asked.call, &asked.caller),
    });
    let mut xml = String::new();
    described(&mut xml, "result", &set);
    xml
}

fn describe(asked: &Asked<'_>, names: &[&str]) -> Result<String, Fault> {
    let mut xml = String::new();
    for name in names {
        let body = describe::object_body(asked.call, &asked.caller, asked.version, name)?;
        described(&mut xml, "result", &body);
    }
    Ok(xml)
}
