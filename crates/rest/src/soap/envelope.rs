//! Reading an envelope: by local names, as every client has its own prefixes, and within limits,
//! as anybody may send one.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

use super::fault::Fault;
use crate::answer::is_xml;

/// Two hundred records of many fields have about a million.
pub(super) const ENVELOPE_BYTES_MAX: usize = 4 * 1024 * 1024;
const DEPTH_MAX: usize = 16;
const ELEMENTS_MAX: usize = 50_000;

/// What a call says. No `Debug`: passwords are in it.
pub(super) struct Envelope {
    /// The element in the body.
    pub(super) operation: Element,
    pub(super) headers: Vec<Element>,
}

/// An element, by its local name.
#[derive(Default)]
pub(super) struct Element {
    pub(super) name: String,
    /// Its own text, as it stood: passwords may begin or end with a space.
    pub(super) text: String,
    /// Whether it says that it is nil.
    pub(super) is_nil: bool,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The elements of a name, in order.
    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first element of a name.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        let child = self.children.iter().find(|child| child.name == name)?;
        Some(&child.text)
    }

    /// The texts of all elements of a name, without the space around them.
    pub(super) fn texts(&self, name: &str) -> Vec<&str> {
        let children = self.children.iter().filter(|child| child.name == name);
        children.map(|child| child.text.trim()).collect()
    }
}

impl Envelope {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Fault> {
        if body.len() > ENVELOPE_BYTES_MAX {
            let text = format!("the envelope has more than {ENVELOPE_BYTES_MAX} bytes");
            return Err(Fault::client(&text));
        }
        let text = std::str::from_utf8(body)
            .map_err(|_| Fault::client("the envelope is not UTF-8 text"))?;
        match text.chars().find(|character| !is_xml(*character)) {
            Some(character) => Err(foreign(character)),
            None => Walk::default().through(text.trim_start_matches('\u{feff}')),
        }
    }

    /// The text of an element of the operation.
    pub(super) fn argument(&self, name: &str) -> Option<&str> {
        self.operation.text_of(name)
    }

    /// The text of an element of one of the headers.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find_map(|header| header.text_of(name).map(str::trim))
    }
}

/// Refuses what no document may hold, neither as it is nor by its number.
fn foreign(character: char) -> Fault {
    let number = u32::from(character);
    Fault::client(&format!(
        "the envelope has a character that XML has not: U+{number:04X}"
    ))
}

/// A walk through the document: the elements from the root to here.
#[derive(Default)]
struct Walk {
    path: Vec<Element>,
    elements: usize,
    root: Option<Element>,
}

impl Walk {
    fn through(mut self, text: &str) -> Result<Envelope, Fault> {
        let mut reader = Reader::from_str(text);
        loop {
            let event = reader
                .read_event()
                .map_err(|error| Fault::client(&format!("the envelope is not XML: {error}")))?;
            match event {
                Event::Start(start) => self.enter(&start)?,
                Event::Empty(start) => {
                    self.enter(&start)?;
                    self.leave();
                }
                Event::End(_) => self.leave(),
                Event::Text(text) => self.take(&text.xml10_content()),
                Event::CData(text) => self.take(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let character = reference.resolve_char_ref().ok().flatten();
                    let name = reference.xml10_content();
                    match (character, resolve_xml_entity(&name)) {
                        (Some(character), _) if !is_xml(character) => {
                            return Err(foreign(character));
                        }
                        (Some(character), _) => self.take(character.encode_utf8(&mut [0; 4])),
                        (None, Some(text)) => self.take(text),
                        (None, None) => return Err(Fault::client("the envelope has an entity")),
                    }
                }
                // A document type can define entities that grow without end, or name files.
                Event::DocType(_) => {
                    return Err(Fault::client("the envelope has a document type"));
                }
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => return self.done(),
            }
        }
    }

    fn enter(&mut self, start: &BytesStart<'_>) -> Result<(), Fault> {
        self.elements += 1;
        if self.path.len() >= DEPTH_MAX || self.elements > ELEMENTS_MAX {
            return Err(Fault::client("the envelope has too many elements"));
        }
        if self.path.is_empty() && self.root.is_some() {
            return Err(Fault::client("the envelope has two roots"));
        }
        let mut attributes = start.attributes().flatten();
        let is_nil = attributes.any(|attribute| {
            attribute.key.local_name().as_ref() == "nil"
                && matches!(attribute.value.as_ref(), "true" | "1")
        });
        self.path.push(Element {
            name: start.local_name().as_ref().to_owned(),
            is_nil,
            ..Element::default()
        });
        Ok(())
    }

    fn take(&mut self, text: &str) {
        if let Some(element) = self.path.last_mut() {
            element.text.push_str(text);
        }
    }

    fn leave(&mut self) {
        let Some(element) = self.path.pop() else {
            return;
        };
        match self.path.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn done(self) -> Result<Envelope, Fault> {
        if !self.path.is_empty() {
            return Err(Fault::client("the envelope ends early"));
        }
        let root = self.root.filter(|root| root.name == "Envelope");
        let no_operation = || Fault::client("the envelope has no operation");
        let (mut headers, mut operation) = (Vec::new(), None);
        for part in root.ok_or_else(no_operation)?.children {
            match part.name.as_str() {
                "Header" => headers.extend(part.children),
                "Body" if operation.is_none() => operation = part.children.into_iter().next(),
                _ => {}
            }
        }
        Ok(Envelope {
            operation: operation.ok_or_else(no_operation)?,
            headers,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Envelope {
        Envelope::parse(text.as_bytes()).unwrap_or_else(|fault| panic!("{}", fault.to_xml()))
    }

    #[test]
    fn prefixes_are_the_client_s_choice() {
        for envelope in [
            r#"<?xml version="1.0"?><env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body><n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>a</n1:username><n1:password>b</n1:password></n1:login></env:Body></env:Envelope>"#,
            r#"<se:Envelope xmlns:se="x"><se:Header/><se:Body><login xmlns="urn:partner.soap.sforce.com"><username>a</username><password>b</password></login></se:Body></se:Envelope>"#,
            "<Envelope><Header><CallOptions><client>c</client></CallOptions></Header><Body>\n <login>\n  <username>a</username>\n  <password>b</password></login></Body></Envelope>",
        ] {
            let envelope = parse(envelope);
            assert_eq!(envelope.operation.name, "login");
            assert_eq!(envelope.argument("username"), Some("a"));
            assert_eq!(envelope.argument("password"), Some("b"));
        }
    }

    #[test]
    fn headers_and_escaped_text_are_read() {
        let envelope = parse(
            "<Envelope><Header><SessionHeader><sessionId> 00D!x </sessionId></SessionHeader>\
             </Header><Body><login><password>a&amp;&#65;&lt;<![CDATA[&b]]> </password></login>\
             </Body></Envelope>",
        );
        assert_eq!(envelope.header("sessionId"), Some("00D!x"));
        assert_eq!(envelope.argument("password"), Some("a&A<&b "));
    }

    #[test]
    fn what_is_not_an_envelope_is_refused() {
        let deep = "<a>".repeat(30);
        let wide = format!("<Envelope>{}</Envelope>", "<a/>".repeat(ELEMENTS_MAX));
        let long = " ".repeat(ENVELOPE_BYTES_MAX + 1);
        for text in [
            "",
            "hello",
            "{}",
            "<Envelope>",
            "<Envelope/>",
            "<Envelope><Body></Envelope></Body>",
            "<Envelope><Body><login/></Body></Envelope><Envelope/>",
            "<!DOCTYPE x [<!ENTITY a \"b\">]><Envelope><Body><login>&a;</login></Body></Envelope>",
            "<Envelope><Body><login>&a;</login></Body></Envelope>",
            "<Envelope><Body><login>\u{1}</login></Body></Envelope>",
            "<Envelope><Body><login>&#1;</login></Body></Envelope>",
            &deep,
            &wide,
            &long,
        ] {
            let start: String = text.chars().take(60).collect();
            assert!(Envelope::parse(text.as_bytes()).is_err(), "{start}");
        }
        assert!(Envelope::parse(b"<Envelope>\xff</Envelope>").is_err());
    }
}
