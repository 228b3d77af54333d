//! Envelopes, opened to the fuzz targets.

use super::answer::{element, wrapped};
use super::envelope;

/// What an envelope says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The element in the body.
    pub operation: Element,
    /// The elements in the header.
    pub headers: Vec<Element>,
}

/// An element, by its local name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// Its own text.
    pub text: String,
    /// Whether it says that it is nil.
    pub is_nil: bool,
    /// The elements in it.
    pub children: Vec<Element>,
}

/// Reads an envelope.
///
/// # Errors
/// The fault, as XML.
pub fn envelope(body: &[u8]) -> Result<Envelope, String> {
    let read = envelope::Envelope::parse(body).map_err(|fault| fault.to_xml())?;
    Ok(Envelope {
        operation: opened(&read.operation),
        headers: read.headers.iter().map(opened).collect(),
    })
}

/// An answer with a value in it.
pub fn written(name: &str, value: &str) -> String {
    let mut xml = String::new();
    element(&mut xml, name, value);
    wrapped("answer", &xml)
}

fn opened(element: &envelope::Element) -> Element {
    Element {
        name: element.name.clone(),
        text: element.text.clone(),
        is_nil: element.is_nil,
        children: element.children.iter().map(opened).collect(),
    }
}
