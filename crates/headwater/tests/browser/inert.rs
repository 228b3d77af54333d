//! Text that would be script, in every text field of every object, is text on every page.

use std::collections::BTreeMap;

use headwater_testbrowser::{Look, Window};
use serde_json::{Map, Value, json};

use crate::client::Client;
use crate::stage::{ADMIN, Stage};

/// What is written, from the longest down: the first that fits.
const HOSTILE: [&str; 4] = [
    "</textarea></title><script>document.title='ran'</script>\"><img src=x onerror=alert(1)>",
    "\"><img src=x onerror=alert(1)>",
    "\"><svg/onload=1>",
    "<b>'\"",
];

/// What none of it may have become.
const MADE: &str = "return [...document.querySelectorAll('img, svg[onload], b')]
    .filter((at) => at.getAttribute('src') === 'x' || at.hasAttribute('onload') || at.innerText.startsWith(\"'\"))
    .map((at) => at.outerHTML).join() || (document.title === 'ran' ? 'script ran' : null)";

/// Objects whose texts people write, and which must take what is written here.
const AT_LEAST: [&str; 8] = [
    "Account",
    "Contact",
    "Case",
    "Lead",
    "Opportunity",
    "Campaign",
    "MessagingEndUser",
    "MessagingChannel",
];

/// How often an object's refusal of a field is heeded before it is given up.
const TRIES_MAX: usize = 12;

fn fitting(length: u64) -> Option<&'static str> {
    let mut all = HOSTILE.iter();
    all.find(|text| text.len() as u64 <= length).copied()
}

/// The describe of an object.
fn describe(client: &Client, object: &str) -> Value {
    client.get(&format!("sobjects/{object}/describe"))
}

/// The hostile text for every field of a describe that takes text in this way.
fn texts(described: &Value, takes: &str) -> Map<String, Value> {
    let fields = described["fields"].as_array().unwrap();
    let kinds = ["string", "textarea", "phone", "url", "email", "combobox"];
    let written = fields.iter().filter_map(|field| {
        let is_text = kinds.contains(&field["type"].as_str()?);
        let text = fitting(field["length"].as_u64()?)?;
        let is_taken = is_text && field[takes] == true;
        is_taken.then(|| (field["name"].as_str().unwrap().to_owned(), json!(text)))
    });
    written.collect()
}

/// What a new record cannot do without beside its texts.
fn required(client: &Client, described: &Value) -> Map<String, Value> {
    let mut filled = Map::new();
    for field in described["fields"].as_array().unwrap() {
        let is_needed = field["createable"] == true
            && field["nillable"] == false
            && field["defaultedOnCreate"] == false;
        if !is_needed {
            continue;
        }
        let value = match field["type"].as_str().unwrap() {
            "reference" => {
                let target = field["referenceTo"][0].as_str().unwrap_or_default();
                let rows = client.query(&format!("SELECT Id FROM {target} LIMIT 1"));
                rows.first().map_or(Value::Null, |row| row["Id"].clone())
            }
            "picklist" => field["picklistValues"][0]["value"].clone(),
            "boolean" => json!(false),
            "date" => json!("2030-01-01"),
            "datetime" => json!("2030-01-01T00:00:00Z"),
            "int" | "double" | "currency" | "percent" => json!(1),
            _ => continue,
        };
        filled.insert(field["name"].as_str().unwrap().to_owned(), value);
    }
    filled
}

/// Sends it, without the fields that are refused, until it is taken or nothing is left.
fn send(
    client: &Client,
    method: &str,
    path: &str,
    mut body: Map<String, Value>,
) -> Option<(Value, usize)> {
    for _ in 0..TRIES_MAX {
        let (status, answer) = client.send(method, path, &Value::Object(body.clone()));
        if status < 300 {
            let hostile = body
                .values()
                .filter(|value| HOSTILE.iter().any(|text| *value == text));
            return Some((answer, hostile.count()));
        }
        let refused: Vec<_> = answer.as_array().into_iter().flatten().collect();
        let names = refused
            .iter()
            .flat_map(|error| error["fields"].as_array().into_iter().flatten());
        let before = body.len();
        for name in names {
            body.remove(name.as_str().unwrap());
        }
        if body.len() == before {
            return None;
        }
    }
    None
}

/// A record of an object whose texts are hostile, and how many of them; none when it takes none.
fn planted(client: &Client, object: &str) -> Option<(String, usize)> {
    let described = describe(client, object);
    let path = format!("sobjects/{object}");
    if described["createable"] == true {
        let mut body = required(client, &described);
        body.extend(texts(&described, "createable"));
        if let Some((answer, count)) = send(client, "POST", &path, body) {
            return Some((answer["id"].as_str()?.to_owned(), count));
        }
    }
    let rows = client.query(&format!("SELECT Id FROM {object} LIMIT 1"));
    let id = rows.first()?["Id"].as_str()?.to_owned();
    let (_, count) = send(
        client,
        "PATCH",
        &format!("{path}/{id}"),
        texts(&described, "updateable"),
    )?;
    Some((id, count))
}

fn check(window: &Window, page: &str) {
    window.go(page);
    assert_eq!(window.question(), None, "{page} opens a dialog");
    assert_eq!(window.evaluate(MADE), Value::Null, "{page}");
}

#[test]
fn script_in_every_text_of_every_object_is_text_on_every_page() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let all = stage.admin.get("sobjects");
    let mut records = BTreeMap::new();
    for object in all["sobjects"].as_array().unwrap() {
        let name = object["name"].as_str().unwrap();
        // The administrator whose window this is stays who they are.
        // Links to files are asked about for one record alone, and have no text.
        let is_left =
            ["User", "ContentDocumentLink"].contains(&name) || object["queryable"] != true;
        if let Some((id, count)) = (!is_left).then(|| planted(&stage.admin, name)).flatten()
            && count > 0
        {
            records.insert(name.to_owned(), id);
        }
    }
    for name in AT_LEAST {
        assert!(records.contains_key(name), "{name} took none: {records:?}");
    }
    // A console error, such as a report of the content security policy, fails the test at its end.
    let window = stage.window(ADMIN, Look::default());
    window.go("/objects");
    let listed = window
        .evaluate("return [...document.querySelectorAll('.cards a')].map((at) => at.pathname)");
    for (object, id) in &records {
        let is_listed = |path: &Value| path.as_str() == Some(&format!("/o/{object}"));
        if !listed.as_array().unwrap().iter().any(is_listed) {
            continue;
        }
        let page = format!("/r/{object}/{id}");
        check(&window, &page);
        check(&window, &format!("/o/{object}?view=all"));
        check(&window, &format!("/o/{object}?view=all&q=%3Cimg"));
        check(
            &window,
            &format!("{page}?from=%2Fo%2F{object}%3Fview%3Dall"),
        );
    }
    for object in AT_LEAST {
        let page = format!("/r/{object}/{}", records[object]);
        window.go(&page);
        window.sees("<img src=x onerror=alert(1)>");
        check(&window, &format!("{page}/edit"));
        check(&window, &format!("{page}/delete"));
    }
    for page in [
        "/search?q=%3Cimg",
        "/dashboard",
        "/shared-addresses",
        "/setup/audit",
        "/setup/access?record=%3Cimg%20src%3Dx%3E&user.search=%22%3E%3Cimg%20src%3Dx%3E",
    ] {
        if page.starts_with("/setup/access") {
            window.expect_error("422");
        }
        check(&window, page);
    }
    for piece in [
        "/lookup?for=Case.AccountId&q=%3Cimg",
        "/lookup?for=Case.ContactId&q=%3Cimg",
        "/lookup?for=MessagingSession.LeadId&q=%3Cimg",
        "/palette?q=%3Cimg",
    ] {
        // As script puts it into the page that is open.
        let put = format!(
            "return fetch('{piece}').then((answer) => answer.text()).then((text) => {{
               const place = document.createElement('div');
               place.innerHTML = text;
               document.body.append(place);
               return place.innerText.includes('<img src=x onerror=alert(1)>');
             }})"
        );
        assert_eq!(window.evaluate(&put), true, "{piece} offers the record");
        assert_eq!(window.question(), None, "{piece} opens a dialog");
        assert_eq!(window.evaluate(MADE), Value::Null, "{piece}");
    }
}
