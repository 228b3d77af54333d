//! What pages of an object look like: its page layout in Salesforce's form. Of what is not here
//! (compact layouts of one's own, actions) the answers are well formed and say as much.

use axum::http::{Method, StatusCode};
use axum::response::Response;
use headwater_records::describe::MASTER_RECORD_TYPE;
use headwater_records::{Caller, LayoutField, LayoutSection, ObjectView};
use serde_json::{Value, json};

use crate::answer;
use crate::call::Call;
use crate::describe::{record_types, view};
use crate::error::Failure;
use crate::route::Route;

pub(crate) fn routes() -> Vec<Route> {
    const GET: Method = Method::GET;
    vec![
        Route::caller(
            GET,
            "/services/data/{version}/sobjects/{object}/describe/layouts",
            layouts,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/sobjects/{object}/describe/layouts/{record_type}",
            layout,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/sobjects/{object}/describe/namedLayouts/{name}",
            named_layout,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/sobjects/{object}/describe/compactLayouts",
            compact_layouts,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/sobjects/{object}/describe/approvalLayouts",
            approval_layouts,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/sobjects/{object}/quickActions",
            quick_actions,
        ),
    ]
}

async fn layouts(call: Call, caller: Caller) -> Result<Response, Failure> {
    let view = view(&call, &caller)?;
    let mut mappings = record_types(&view, call.version);
    for mapping in mappings.as_array_mut().into_iter().flatten() {
        mapping["layoutId"] = Value::Null;
        mapping["picklistsForRecordType"] = json!([]);
    }
    let has_kinds = view.record_types.iter().any(|kind| kind.is_active);
    let body = json!({
        "layouts": [layout_of(&call, &caller).await?],
        "recordTypeMappings": mappings,
        "recordTypeSelectorRequired": [has_kinds],
    });
    Ok(answer::json(StatusCode::OK, &body))
}

async fn layout(call: Call, caller: Caller) -> Result<Response, Failure> {
    let asked = call.parameter("record_type");
    let view = view(&call, &caller)?;
    let is_asked = |id: &str| {
        asked
            .get(..15)
            .is_some_and(|asked| id.get(..15) == Some(asked))
    };
    let mut kinds = view.record_types.iter();
    if !is_asked(MASTER_RECORD_TYPE) && !kinds.any(|kind| is_asked(kind.id.as_str())) {
        return Err(Failure::not_found());
    }
    let body = layout_of(&call, &caller).await?;
    Ok(answer::json(StatusCode::OK, &body))
}

/// The page layout as this caller sees it. There is one for showing and editing.
async fn layout_of(call: &Call, caller: &Caller) -> Result<Value, Failure> {
    let view = view(call, caller)?;
    let layout = call.state.org.layout(caller, &view.object.name).await?;
    let sections = layout.sections.iter();
    let sections: Vec<Value> = sections.map(|section| section_of(&view, section)).collect();
    Ok(json!({
        "buttonLayoutSection": null,
        "detailLayoutSections": sections,
        "editLayoutSections": sections,
        "id": null,
        "multirowEditLayoutSections": [],
        "relatedLists": [],
    }))
}

fn section_of(view: &ObjectView, section: &LayoutSection) -> Value {
    let items = section
        .fields
        .iter()
        .filter_map(|shown| item_of(view, shown));
    let items: Vec<Value> = items.collect();
    let rows = items.chunks(usize::from(section.columns).max(1));
    let rows: Vec<Value> = rows
        .map(|items| json!({ "layoutItems": items, "numItems": items.len() }))
        .collect();
    json!({
        "columns": section.columns,
        "heading": section.title,
        "layoutRows": rows,
        "rows": rows.len(),
        "useCollapsibleSection": false,
        "useHeading": true,
    })
}

fn item_of(view: &ObjectView, shown: &LayoutField) -> Option<Value> {
    let place = view.object.position(&shown.field)?;
    let seen = view.fields.iter().find(|field| field.place == place)?;
    let field = view.field(*seen);
    let writes = !shown.read_only;
    Some(json!({
        "editableForNew": seen.createable && writes,
        "editableForUpdate": seen.updateable && writes,
        "label": field.label,
        "layoutComponents": [{ "type": "Field", "value": field.name }],
        "placeholder": false,
        "required": shown.required || field.must_be_given(),
    }))
}

async fn named_layout(_call: Call, _caller: Caller) -> Result<Response, Failure> {
    Err(Failure::not_found())
}

async fn compact_layouts(call: Call, caller: Caller) -> Result<Response, Failure> {
    let body = compact_layouts_of(&call, &caller, call.parameter("object"))?;
    Ok(answer::json(StatusCode::OK, &body))
}

/// The system's compact layout of an object: its name.
pub(crate) fn compact_layouts_of(
    call: &Call,
    caller: &Caller,
    object: &str,
) -> Result<Value, Failure> {
    let view = call.state.org.describe(caller, object)?;
    let name = view.object.name_field();
    let items: Vec<Value> = name
        .into_iter()
        .map(|field| {
            json!({
                "editableForNew": false,
                "editableForUpdate": false,
                "label": field.label,
                "layoutComponents": [{ "type": "Field", "value": field.name }],
                "placeholder": false,
                "required": false,
            })
        })
        .collect();
    let layout = json!({
        "actions": [],
        "fieldItems": items,
        "id": null,
        "imageItems": [],
        "label": "System Default",
        "name": "SYSTEM",
        "objectType": view.object.name,
    });
    Ok(json!({
        "compactLayouts": [layout],
        "defaultCompactLayoutId": null,
        "recordTypeCompactLayoutMappings": [{
            "available": true,
            "compactLayoutId": null,
            "compactLayoutName": "SYSTEM",
            "recordTypeId": MASTER_RECORD_TYPE,
            "recordTypeName": "Master",
        }],
        "urls": { "primary": null },
    }))
}

async fn approval_layouts(call: Call, caller: Caller) -> Result<Response, Failure> {
    view(&call, &caller)?;
    Ok(answer::json(
        StatusCode::OK,
        &json!({ "approvalLayouts": [] }),
    ))
}

async fn quick_actions(call: Call, caller: Caller) -> Result<Response, Failure> {
    view(&call, &caller)?;
    Ok(answer::json(StatusCode::OK, &json!([])))
}
