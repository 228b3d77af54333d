//! Batches of Bulk API 1.0 in JSON and XML. They are small, so a document is read whole.

use headwater_records::bulk::{BulkRow, Job, Read, RowReader};
use headwater_records::{Draft, Input};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use serde_json::value::RawValue;

use super::columns::key_of;
use crate::record_body::RecordBody;

/// Deepest element of a batch: a parent's field.
const DEPTH_MAX: usize = 6;

/// Rows of a document.
pub(super) struct DocumentRows {
    is_xml: bool,
    key: Option<String>,
    text: String,
    is_ended: bool,
    rows: Option<std::vec::IntoIter<BulkRow>>,
}

impl DocumentRows {
    pub(super) fn new(job: &Job) -> Self {
        Self {
            is_xml: job.rows_type() == "XML",
            key: key_of(job).map(str::to_owned),
            text: String::new(),
            is_ended: false,
            rows: None,
        }
    }
}

impl RowReader for DocumentRows {
    fn feed(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn end(&mut self) {
        self.is_ended = true;
    }

    fn next(&mut self) -> Result<Read, String> {
        if !self.is_ended {
            return Ok(Read::More);
        }
        if self.rows.is_none() {
            let text = std::mem::take(&mut self.text);
            let rows = if self.is_xml {
                of_xml(&text)
            } else {
                of_json(&text)
            };
            let mut rows = rows.map_err(|why| format!("InvalidBatch : Failed to parse: {why}"))?;
            if let Some(key) = &self.key {
                for row in &mut rows {
                    take_key(row, key);
                }
            }
            self.rows = Some(rows.into_iter());
        }
        let next = self.rows.as_mut().and_then(Iterator::next);
        Ok(next.map_or(Read::End, Read::Row))
    }
}

/// The field that names the record is none that is written.
fn take_key(row: &mut BulkRow, key: &str) {
    let named = |(name, _): &(String, Input)| name.eq_ignore_ascii_case(key);
    let Some(place) = row.draft.fields.iter().position(named) else {
        return;
    };
    row.key = match row.draft.fields.remove(place).1 {
        Input::Text(text) | Input::Number(text) => Some(text),
        Input::Boolean(on) => Some(on.to_string()),
        Input::Null | Input::Value(_) | Input::Bytes(_) | Input::Parent { .. } => None,
    };
}

fn of_json(text: &str) -> Result<Vec<BulkRow>, String> {
    let rows: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let row = |row: &RawValue| {
        let body = RecordBody::of_bytes(row.get().as_bytes());
        match body.and_then(RecordBody::draft) {
            Ok(draft) => BulkRow {
                draft,
                ..BulkRow::default()
            },
            Err(failure) => BulkRow {
                wrong: Some(
                    failure
                        .errors
                        .first()
                        .map_or_else(String::new, |item| item.message.clone()),
                ),
                ..BulkRow::default()
            },
        }
    };
    Ok(rows.into_iter().map(row).collect())
}

/// A walk through `<sObjects><sObject><Name>…`.
#[derive(Default)]
struct Walk {
    rows: Vec<BulkRow>,
    draft: Draft,
    /// The local names from the root to here.
    path: Vec<String>,
    text: String,
    is_nil: bool,
}

fn of_xml(text: &str) -> Result<Vec<BulkRow>, String> {
    let mut reader = Reader::from_str(text);
    let mut walk = Walk::default();
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(start) => walk.enter(&start)?,
            Event::Empty(start) => {
                walk.enter(&start)?;
                walk.leave();
            }
            Event::End(_) => walk.leave(),
            Event::Text(text) => walk.text.push_str(&text.xml10_content()),
            Event::CData(text) => walk.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().ok().flatten();
                let name = reference.xml10_content();
                match (character, resolve_xml_entity(&name)) {
                    (Some(character), _) => walk.text.push(character),
                    (None, Some(text)) => walk.text.push_str(text),
                    (None, None) => return Err("there is an entity".to_owned()),
                }
            }
            // A document type can define entities that grow without end, or name files.
            Event::DocType(_) => return Err("there is a document type".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof if walk.path.is_empty() => return Ok(walk.rows),
            Event::Eof => return Err("the document ends early".to_owned()),
        }
    }
}

impl Walk {
    fn enter(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        let name = start.local_name().as_ref().to_owned();
        if self.path.len() >= DEPTH_MAX {
            return Err(format!("{name} lies too deep"));
        }
        let is_nil = start.attributes().flatten().any(|attribute| {
            attribute.key.local_name().as_ref() == "nil" && attribute.value.as_ref() == "true"
        });
        self.is_nil = is_nil;
        self.text.clear();
        self.path.push(name);
        Ok(())
    }

    fn leave(&mut self) {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let input = || {
            if self.is_nil {
                Input::Null
            } else {
                Input::Text(self.text.clone())
            }
        };
        match path.as_slice() {
            ["sObjects", "sObject"] => self.rows.push(BulkRow {
                draft: std::mem::take(&mut self.draft),
                ..BulkRow::default()
            }),
            ["sObjects", "sObject", "type"] => {}
            ["sObjects", "sObject", name] => {
                let (name, input) = ((*name).to_owned(), input());
                let is_parent = self.draft.fields.last().is_some_and(|(known, input)| {
                    *known == name && matches!(input, Input::Parent { .. })
                });
                // An empty element says nothing, as an empty cell does.
                if !is_parent && input != Input::Text(String::new()) {
                    self.draft.fields.push((name, input));
                }
            }
            ["sObjects", "sObject", name, "sObject", field] if *field != "type" => {
                let (field, value) = ((*field).to_owned(), self.text.clone());
                let input = Input::Parent { field, value };
                self.draft.fields.push(((*name).to_owned(), input));
            }
            _ => {}
        }
        self.path.pop();
        self.text.clear();
        self.is_nil = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_fields_and_parents() {
        let xml = "<?xml version=\"1.0\"?><sObjects xmlns=\"a\" xmlns:xsi=\"b\"><sObject>\
            <Name>A &amp; B</Name><Phone xsi:nil=\"true\"/><Fax/>\
            <Parent><sObject><type>Account</type><Ext__c>x</Ext__c></sObject></Parent></sObject>\
            <sObject><Name>C</Name></sObject></sObjects>";
        let rows = of_xml(xml).unwrap();
        assert_eq!(rows.len(), 2);
        let parent = Input::Parent {
            field: "Ext__c".to_owned(),
            value: "x".to_owned(),
        };
        let expected = Draft::new()
            .with("Name", "A & B")
            .with("Phone", Input::Null)
            .with("Parent", parent);
        let texts: Vec<_> = rows[0].draft.fields.iter().map(|(name, _)| name).collect();
        assert_eq!(texts, ["Name", "Phone", "Parent"]);
        assert_eq!(rows[0].draft.fields[1..], expected.fields[1..]);
        assert_eq!(rows[0].draft.fields[0].1, Input::Text("A & B".to_owned()));
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for xml in ["<sObjects>", "<!DOCTYPE a><sObjects/>", "<a><b>&c;</b></a>"] {
            assert!(of_xml(xml).is_err(), "{xml}");
        }
        assert!(of_json("{}").is_err());
    }

    #[test]
    fn a_row_that_is_no_record_is_wrong_by_itself() {
        let rows = of_json("[{\"Name\":\"a\"}, {\"Name\":[1]}]").unwrap();
        assert!(rows[0].wrong.is_none() && rows[1].wrong.is_some());
    }
}
