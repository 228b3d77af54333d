//! Records in envelopes: what an element says of one, and one as elements.

use std::fmt::Write as _;

use headwater_records::{Draft, Input};
use serde_json::value::RawValue;

use super::answer::element;
use super::envelope::Element;
use super::fault::Fault;
use crate::answer::escape;
use crate::record_body::Fields;

/// A record that a call brings.
pub(super) struct Given {
    /// Its object.
    pub(super) object: String,
    /// Its id; none if it has none yet.
    pub(super) id: Option<String>,
    /// Its fields.
    pub(super) draft: Draft,
}

impl Given {
    /// The record in an element. A field that says it is nil is left alone; one that is to be
    /// emptied is named in `fieldsToNull`.
    pub(super) fn of(element: &Element) -> Result<Self, Fault> {
        let object = element.text_of("type").unwrap_or_default().trim();
        if object.is_empty() {
            return Err(Fault::bad(
                "INVALID_TYPE",
                "Must send a concrete entity type.",
            ));
        }
        let mut given = Self {
            object: object.to_owned(),
            id: None,
            draft: Draft::new(),
        };
        for child in element.children.iter().filter(|child| !child.is_nil) {
            match child.name.as_str() {
                "type" => {}
                "Id" => {
                    let id = child.text.trim();
                    given.id = (!id.is_empty()).then(|| id.to_owned());
                }
                "fieldsToNull" => {
                    let name = child.text.trim().to_owned();
                    given.draft.fields.push((name, Input::Null));
                }
                name => {
                    let input = match parent(child) {
                        Some(parent) => parent,
                        None => Input::Text(child.text.clone()),
                    };
                    given.draft.fields.push((name.to_owned(), input));
                }
            }
        }
        Ok(given)
    }
}

/// A parent named by one of its fields.
fn parent(element: &Element) -> Option<Input> {
    let mut fields = element.children.iter();
    let field = fields.find(|field| field.name != "type")?;
    Some(Input::Parent {
        field: field.name.clone(),
        value: field.text.trim().to_owned(),
    })
}

/// Records as the JSON of REST has them, without the brackets of their list, as elements.
pub(super) fn write_records(xml: &mut String, name: &str, json: &[u8]) {
    each(json, |record| write_record(xml, name, record));
}

/// The same for what a search has found.
pub(super) fn write_found(xml: &mut String, json: &[u8]) {
    each(json, |record| {
        xml.push_str("<searchRecords>");
        write_record(xml, "record", record);
        xml.push_str("</searchRecords>");
    });
}

fn each(json: &[u8], mut write: impl FnMut(&str)) {
    let list = format!("[{}]", String::from_utf8_lossy(json));
    let records = serde_json::from_str::<Vec<&RawValue>>(&list);
    for record in records.unwrap_or_default() {
        write(record.get());
    }
}

/// One record: its type, its id, and the fields that were asked for, in their order.
fn write_record(xml: &mut String, name: &str, json: &str) {
    let Ok(Fields(fields)) = serde_json::from_str::<Fields<'_>>(json) else {
        return;
    };
    let of = |name: &str| fields.iter().find(|(known, _)| known == name);
    let kind = of("attributes").and_then(|(_, raw)| kind_of(raw.get()));
    // Writing to a String cannot fail; so below.
    let _ = write!(xml, "<{name} xsi:type=\"sf:sObject\">");
    element(xml, "sf:type", &kind.unwrap_or_default());
    let id = of("Id").and_then(|(_, raw)| serde_json::from_str::<String>(raw.get()).ok());
    element(xml, "sf:Id", &id.unwrap_or_default());
    for (field, raw) in &fields {
        if field != "attributes" && field != "Id" {
            write_value(xml, &format!("sf:{field}"), raw.get());
        }
    }
    let _ = write!(xml, "</{name}>");
}

fn kind_of(attributes: &str) -> Option<String> {
    let Fields(attributes) = serde_json::from_str(attributes).ok()?;
    let (_, kind) = attributes.iter().find(|(name, _)| name == "type")?;
    serde_json::from_str(kind.get()).ok()
}

fn write_value(xml: &mut String, name: &str, json: &str) {
    match json.as_bytes().first() {
        Some(b'"') => {
            let text: String = serde_json::from_str(json).unwrap_or_default();
            let _ = write!(xml, "<{name}>{}</{name}>", escape(instant(&text).as_str()));
        }
        Some(b'{') => write_compound(xml, name, json),
        // No value of a record is a list.
        Some(b'n' | b'[') | None => element(xml, name, ""),
        Some(_) => element(xml, name, json),
    }
}

/// A parent, the children of a subquery, or an address.
fn write_compound(xml: &mut String, name: &str, json: &str) {
    let Ok(Fields(fields)) = serde_json::from_str::<Fields<'_>>(json) else {
        return;
    };
    let of = |name: &str| fields.iter().find(|(known, _)| known == name);
    if of("attributes").is_some() {
        return write_record(xml, name, json);
    }
    let Some((_, records)) = of("records") else {
        let _ = write!(xml, "<{name} xsi:type=\"address\">");
        for (part, raw) in &fields {
            write_value(xml, part, raw.get());
        }
        let _ = write!(xml, "</{name}>");
        return;
    };
    let raw = |name: &str| of(name).map(|(_, raw)| raw.get());
    let locator = raw("nextRecordsUrl").and_then(|url| serde_json::from_str::<String>(url).ok());
    let locator = locator.as_deref().and_then(|url| url.rsplit('/').next());
    let _ = write!(xml, "<{name} xsi:type=\"QueryResult\">");
    element(xml, "done", raw("done").unwrap_or("true"));
    element(xml, "queryLocator", locator.unwrap_or_default());
    let records = records.get().trim_start_matches('[').trim_end_matches(']');
    write_records(xml, "records", records.as_bytes());
    element(xml, "size", raw("totalSize").unwrap_or("0"));
    let _ = write!(xml, "</{name}>");
}

/// An instant as XML has it. No other value of a record has this form.
fn instant(text: &str) -> String {
    const FORM: &[u8; 28] = b"0000-00-00T00:00:00.000+0000";
    let fits = |(byte, form): (u8, &u8)| byte == *form || (*form == b'0' && byte.is_ascii_digit());
    if text.len() == FORM.len() && text.bytes().zip(FORM).all(fits) {
        return format!("{}Z", &text[..23]);
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_its_type_its_id_and_its_fields_in_order() {
        let mut xml = String::new();
        let json = br#"{"attributes":{"type":"Contact","url":"/x"},"LastName":"A & B","Id":"003","Account":{"attributes":{"type":"Account"},"Name":null},"CreatedDate":"2026-01-31T12:34:56.000+0000","Amount":300.0,"Cases":{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Case"},"Subject":"]"}]}}"#;
        write_records(&mut xml, "records", json);
        assert_eq!(
            xml,
            "<records xsi:type=\"sf:sObject\"><sf:type>Contact</sf:type><sf:Id>003</sf:Id>\
             <sf:LastName>A &amp; B</sf:LastName>\
             <sf:Account xsi:type=\"sf:sObject\"><sf:type>Account</sf:type>\
             <sf:Id xsi:nil=\"true\"/><sf:Name xsi:nil=\"true\"/></sf:Account>\
             <sf:CreatedDate>2026-01-31T12:34:56.000Z</sf:CreatedDate>\
             <sf:Amount>300.0</sf:Amount>\
             <sf:Cases xsi:type=\"QueryResult\"><done>true</done>\
             <queryLocator xsi:nil=\"true\"/>\
             <records xsi:type=\"sf:sObject\"><sf:type>Case</sf:type><sf:Id xsi:nil=\"true\"/>\
             <sf:Subject>]</sf:Subject></records><size>1</size></sf:Cases></records>"
        );
    }
}
