//! Reading an envelope: by local names, as every client has its own prefixes, and within limits,
//! as anybody may send one.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

use super::answer::Fault;

/// A login has a few hundred bytes.
const ENVELOPE_BYTES_MAX: usize = 64 * 1024;
const DEPTH_MAX: usize = 16;
const ELEMENTS_MAX: usize = 256;

/// What a call says. No `Debug`: passwords are in it.
pub(super) struct Envelope {
    /// The local name of the element in the body.
    pub(super) operation: String,
    headers: Vec<(String, String)>,
    arguments: Vec<(String, String)>,
}

impl Envelope {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Fault> {
        if body.len() > ENVELOPE_BYTES_MAX {
            let text = format!("the envelope has more than {ENVELOPE_BYTES_MAX} bytes");
            return Err(Fault::client(&text));
        }
        let text = std::str::from_utf8(body)
            .map_err(|_| Fault::client("the envelope is not UTF-8 text"))?;
        Walk::default().through(text.trim_start_matches('\u{feff}'))
    }

    /// An element of the operation, by its local name.
    pub(super) fn argument(&self, name: &str) -> Option<&str> {
        value(&self.arguments, name)
    }

    /// An element of one of the headers, by its local name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        value(&self.headers, name)
    }
}

fn value<'a>(values: &'a [(String, String)], name: &str) -> Option<&'a str> {
    values
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, text)| text.as_str())
}

/// A walk through the document: the local names from the root to here, and the text of each.
#[derive(Default)]
struct Walk {
    path: Vec<(String, String)>,
    elements: usize,
    has_root: bool,
    operation: Option<String>,
    headers: Vec<(String, String)>,
    arguments: Vec<(String, String)>,
}

impl Walk {
    fn through(mut self, text: &str) -> Result<Envelope, Fault> {
        let mut reader = Reader::from_str(text);
        loop {
            let event = reader
                .read_event()
                .map_err(|error| Fault::client(&format!("the envelope is not XML: {error}")))?;
            match event {
                Event::Start(start) => self.enter(start.local_name().as_ref())?,
                Event::Empty(start) => {
                    self.enter(start.local_name().as_ref())?;
                    self.leave();
                }
                Event::End(_) => self.leave(),
                Event::Text(text) => self.take(&text.xml10_content()),
                Event::CData(text) => self.take(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let character = reference.resolve_char_ref().ok().flatten();
                    let name = reference.xml10_content();
                    match (character, resolve_xml_entity(&name)) {
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

    fn enter(&mut self, name: &str) -> Result<(), Fault> {
        self.elements += 1;
        if self.path.len() >= DEPTH_MAX || self.elements > ELEMENTS_MAX {
            return Err(Fault::client("the envelope has too many elements"));
        }
        if self.path.is_empty() && std::mem::replace(&mut self.has_root, true) {
            return Err(Fault::client("the envelope has two roots"));
        }
        self.path.push((name.to_owned(), String::new()));
        let names: Vec<&str> = self.path.iter().map(|(name, _)| name.as_str()).collect();
        if let ["Envelope", "Body", operation] = names.as_slice()
            && self.operation.is_none()
        {
            self.operation = Some((*operation).to_owned());
        }
        Ok(())
    }

    fn take(&mut self, text: &str) {
        if let Some((_, own)) = self.path.last_mut() {
            own.push_str(text);
        }
    }

    fn leave(&mut self) {
        let Some((name, text)) = self.path.pop() else {
            return;
        };
        let above: Vec<&str> = self.path.iter().map(|(name, _)| name.as_str()).collect();
        match above.as_slice() {
            ["Envelope", "Header", _] => self.headers.push((name, text.trim().to_owned())),
            // Passwords may begin or end with a space.
            ["Envelope", "Body", _] => self.arguments.push((name, text)),
            _ => {}
        }
    }

    fn done(self) -> Result<Envelope, Fault> {
        if !self.path.is_empty() {
            return Err(Fault::client("the envelope ends early"));
        }
        Ok(Envelope {
            operation: self
                .operation
                .ok_or_else(|| Fault::client("the envelope has no operation"))?,
            headers: self.headers,
            arguments: self.arguments,
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
            assert_eq!(envelope.operation, "login");
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
        let wide = format!("<Envelope>{}</Envelope>", "<a/>".repeat(300));
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
