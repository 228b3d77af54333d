//! Small resources that clients ask for: recents, tabs, theme, menus, actions. Where there is
//! nothing behind them, the answer is empty and well formed.

use axum::http::{Method, StatusCode};
use axum::response::Response;
use headwater_catalogue::Access;
use headwater_records::Caller;
use serde_json::{Map, Value, json};

use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use crate::route::Route;
use crate::sobjects::{compact_layouts_of, recent_item};

/// The routes of this area.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::caller(Method::GET, "/services/data/{version}/recent", recent),
        Route::caller(Method::GET, "/services/data/{version}/theme", theme),
        Route::caller(Method::GET, "/services/data/{version}/tabs", tabs),
        Route::caller(
            Method::GET,
            "/services/data/{version}/compactLayouts",
            compact_layouts,
        ),
    ];
    for (pattern, empty) in EMPTY {
        let answer = move |_: Call, _: Caller| async move {
            let body = serde_json::from_str(empty).unwrap_or(Value::Null);
            Ok(answer::json(StatusCode::OK, &body))
        };
        routes.push(Route::caller(Method::GET, pattern, answer));
    }
    routes
}

/// Resources with nothing in them, and how that looks.
const EMPTY: [(&str, &str); 12] = [
    ("/services/data/{version}/quickActions", "[]"),
    ("/services/data/{version}/appMenu", "{}"),
    (
        "/services/data/{version}/appMenu/AppSwitcher",
        r#"{"appMenuItems":[]}"#,
    ),
    (
        "/services/data/{version}/appMenu/Salesforce1",
        r#"{"appMenuItems":[]}"#,
    ),
    ("/services/data/{version}/process/rules", r#"{"rules":{}}"#),
    (
        "/services/data/{version}/process/approvals",
        r#"{"approvals":{}}"#,
    ),
    ("/services/data/{version}/actions", r#"{"actions":[]}"#),
    (
        "/services/data/{version}/actions/standard",
        r#"{"actions":[]}"#,
    ),
    (
        "/services/data/{version}/actions/custom",
        r#"{"actions":[]}"#,
    ),
    ("/services/data/{version}/licensing", "{}"),
    ("/services/data/{version}/support", "{}"),
    (
        "/services/data/{version}/knowledgeManagement/settings",
        r#"{"defaultLanguage":"en_US","knowledgeEnabled":false,"languages":[]}"#,
    ),
];

const RECENT_MAX: usize = 200;

async fn recent(call: Call, caller: Caller) -> Result<Response, Failure> {
    let limit = call.query("limit").and_then(|limit| limit.parse().ok());
    let limit = limit.unwrap_or(RECENT_MAX).clamp(1, RECENT_MAX);
    let records = call.state.org.recent(&caller, None, limit).await?;
    let items = records
        .iter()
        .map(|record| recent_item(call.version, record));
    Ok(answer::json(StatusCode::OK, &items.collect()))
}

/// The lists that the console has: of the objects that people work with and the caller sees.
pub(crate) fn tab_items(call: &Call, caller: &Caller) -> Vec<Value> {
    let views = call.state.org.describe_global(caller);
    let base = call.base_url();
    let with_list = views.iter().filter(|view| {
        let object = &view.object;
        matches!(object.access, Access::Granted) && (object.recents || object.custom)
    });
    let tabs = with_list.map(|view| {
        let object = &view.object;
        let url = format!("{base}/o/{}", object.name);
        json!({
            "colors": [],
            "custom": object.custom,
            "iconUrl": "",
            "icons": [],
            "label": object.plural,
            "miniIconUrl": "",
            "mobileUrl": url,
            "name": format!("standard-{}", object.name),
            "sobjectName": object.name,
            "url": url,
        })
    });
    tabs.collect()
}

async fn tabs(call: Call, caller: Caller) -> Result<Response, Failure> {
    let tabs = Value::Array(tab_items(&call, &caller));
    Ok(answer::json(StatusCode::OK, &tabs))
}

async fn theme(call: Call, caller: Caller) -> Result<Response, Failure> {
    let views = call.state.org.describe_global(&caller);
    let items = views
        .iter()
        .map(|view| json!({ "colors": [], "icons": [], "name": view.object.name }));
    let body = json!({ "themeItems": items.collect::<Vec<_>>() });
    Ok(answer::json(StatusCode::OK, &body))
}

async fn compact_layouts(call: Call, caller: Caller) -> Result<Response, Failure> {
    let mut layouts = Map::new();
    let asked = call.query("q").unwrap_or_default();
    for name in asked
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        layouts.insert(name.to_owned(), compact_layouts_of(&call, &caller, name)?);
    }
    Ok(answer::json(StatusCode::OK, &Value::Object(layouts)))
}
