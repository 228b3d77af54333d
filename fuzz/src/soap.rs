//! An envelope that is read says the same when it is written anew; a refusal and an answer are XML
//! that can be read, whatever is in them.

use std::fmt::Write as _;

use headwater_rest::fuzzing::{Element, Envelope, envelope, written};

/// Reads an envelope, and what is made of it.
pub fn check(input: &[u8]) {
    match envelope(input) {
        Ok(read) => {
            let xml = print(&read);
            let again = envelope(xml.as_bytes());
            assert_eq!(again.as_ref(), Ok(&read), "{xml}");
        }
        Err(fault) => {
            let fault = envelope(fault.as_bytes()).expect("a fault is an envelope");
            assert_eq!(fault.operation.name, "Fault");
            assert!(
                fault
                    .operation
                    .children
                    .iter()
                    .any(|child| child.name == "faultstring")
            );
        }
    }
    if let Some(text) = crate::text(input) {
        answer(text);
    }
}

/// A value of a record is read from an answer as it was, but for what no document can hold.
fn answer(value: &str) {
    let xml = written("value", value);
    assert!(xml.chars().all(is_xml), "{xml:?}");
    let replaced = |c| {
        if is_xml(c) {
            c
        } else {
            char::REPLACEMENT_CHARACTER
        }
    };
    let value: String = value.chars().map(replaced).collect();
    let read = envelope(xml.as_bytes()).unwrap_or_else(|fault| panic!("{fault}\n{xml}"));
    let element = &read.operation.children[0];
    assert_eq!(element.text, value, "{xml}");
    assert_eq!(element.is_nil, value.is_empty());
}

/// What a document may hold, by XML 1.0.
fn is_xml(c: char) -> bool {
    let controls = ('\0'..' ').contains(&c) && !matches!(c, '\t' | '\n' | '\r');
    !controls && c != '\u{fffe}' && c != '\u{ffff}'
}

fn print(envelope: &Envelope) -> String {
    let mut xml = String::from("<s:Envelope><s:Header>");
    envelope
        .headers
        .iter()
        .for_each(|header| write(&mut xml, header));
    xml.push_str("</s:Header><s:Body>");
    write(&mut xml, &envelope.operation);
    xml.push_str("</s:Body></s:Envelope>");
    xml
}

fn write(xml: &mut String, element: &Element) {
    let name = &element.name;
    let nil = if element.is_nil { " x:nil=\"1\"" } else { "" };
    let _ = write!(xml, "<p:{name}{nil}>");
    for character in element.text.chars() {
        let _ = write!(xml, "&#{};", u32::from(character));
    }
    element.children.iter().for_each(|child| write(xml, child));
    let _ = write!(xml, "</p:{name}>");
}
