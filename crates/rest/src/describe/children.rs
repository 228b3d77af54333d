//! The references to an object, seen from it.

use headwater_catalogue::OnDelete;
use headwater_records::ObjectView;
use serde_json::{Value, json};

pub(crate) fn describe(view: &ObjectView) -> Value {
    let children = view.children.iter().map(|incoming| {
        // What is inherited has nothing stored that a delete could change.
        let on_delete = if incoming.inherited {
            OnDelete::Clear
        } else {
            incoming.on_delete
        };
        json!({
            "cascadeDelete": on_delete == OnDelete::Cascade,
            "childSObject": incoming.object,
            "deprecatedAndHidden": false,
            "field": incoming.field,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": incoming.children,
            "restrictedDelete": on_delete == OnDelete::Restrict,
        })
    });
    Value::Array(children.collect())
}
