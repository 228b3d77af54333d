//! JSON answers as XML, for those who ask for it: keys become elements, lists repeat theirs.

use std::fmt::{Arguments, Write as _};

use serde_json::{Map, Value};

use crate::answer::escape;

const XSI: &str = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

/// A JSON answer as XML under an element for its kind. None when the text is not JSON.
pub(crate) fn xml_of(json: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    let root = root_of(&value);
    let start = xml.len();
    match &value {
        Value::Array(items) => {
            put(&mut xml, format_args!("<{root}s>"));
            for item in items {
                element(&mut xml, &root, item);
            }
            put(&mut xml, format_args!("</{root}s>"));
        }
        _ => element(&mut xml, &root, &value),
    }
    // The outermost element declares what `xsi:nil` further in means.
    let name_end = xml[start..].find(['>', ' ', '/'])?;
    xml.insert_str(start + name_end, XSI);
    Some(xml)
}

/// What the answer is: a record by its type, a result of a create or query, a version list.
fn root_of(value: &Value) -> String {
    let Some(map) = value.as_object() else {
        let is_versions = value.pointer("/0/version").is_some();
        return if is_versions { "Version" } else { "Item" }.to_owned();
    };
    let record = map.get("attributes").and_then(|a| a.get("type"));
    if let Some(name) = record.and_then(Value::as_str) {
        return name.to_owned();
    }
    for (key, root) in [
        ("totalSize", "QueryResult"),
        ("success", "Result"),
        ("maxBatchSize", "DescribeGlobal"),
        ("childRelationships", "DescribeSObject"),
    ] {
        if map.contains_key(key) {
            return root.to_owned();
        }
    }
    "Response".to_owned()
}

fn element(xml: &mut String, name: &str, value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| element(xml, name, item)),
        Value::Null => put(xml, format_args!("<{name} xsi:nil=\"true\"/>")),
        Value::Object(map) => object(xml, name, map),
        Value::String(text) => put(
            xml,
            format_args!("<{name}>{}</{name}>", escape(text.as_str())),
        ),
        Value::Bool(_) | Value::Number(_) => put(xml, format_args!("<{name}>{value}</{name}>")),
    }
}

/// A record's `attributes` are attributes of its element, as Salesforce writes them.
fn object(xml: &mut String, name: &str, map: &Map<String, Value>) {
    put(xml, format_args!("<{name}"));
    if let Some(Value::Object(attributes)) = map.get("attributes") {
        for (key, value) in attributes {
            let text = value.as_str().unwrap_or_default();
            put(xml, format_args!(" {key}=\"{}\"", escape(text)));
        }
    }
    xml.push('>');
    for (key, value) in map.iter().filter(|(key, _)| *key != "attributes") {
        if is_element_name(key) {
            element(xml, key, value);
        } else {
            put(
                xml,
                format_args!("<entry key=\"{}\">", escape(key.as_str())),
            );
            element(xml, "value", value);
            xml.push_str("</entry>");
        }
    }
    put(xml, format_args!("</{name}>"));
}

fn put(xml: &mut String, text: Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = xml.write_fmt(text);
}

fn is_element_name(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_becomes_an_element_of_its_type() {
        let json = r#"{"attributes":{"type":"Account","url":"/a"},"Name":"A & B","Phone":null}"#;
        let xml = xml_of(json).unwrap();
        assert!(xml.ends_with(
            "<Account xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" type=\"Account\" \
             url=\"/a\"><Name>A &amp; B</Name><Phone xsi:nil=\"true\"/></Account>"
        ));
    }

    #[test]
    fn a_list_repeats_its_element() {
        let xml = xml_of(r#"[{"version":"20.0"},{"version":"21.0"}]"#).unwrap();
        assert!(
            xml.contains(
                "XMLSchema-instance\"><Version><version>20.0</version></Version><Version>"
            )
        );
    }
}
