//! XML as a tree that knows its lines: metadata files are small, and errors name the place.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Elements within each other; metadata has five or six.
const DEPTH_MAX: usize = 32;

/// One element.
#[derive(Debug, Default, Clone)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

/// What is wrong, with its line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) line: usize,
    pub(super) message: String,
}

impl Element {
    /// Reads a document: its outermost element.
    pub(super) fn read(xml: &str) -> Result<Self, Problem> {
        let mut reader = Reader::from_str(xml);
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_event().map_err(|error| Problem {
                line: line_at(xml, reader.error_position()),
                message: error.to_string(),
            })?;
            let line = line_at(xml, reader.buffer_position());
            match event {
                Event::Start(start) => {
                    if open.len() > DEPTH_MAX {
                        let message = format!("more than {DEPTH_MAX} elements within each other");
                        return Err(Problem { line, message });
                    }
                    open.push(Self::named(start.local_name().as_ref(), line));
                }
                Event::Empty(empty) => {
                    let element = Self::named(empty.local_name().as_ref(), line);
                    if let Some(parent) = open.last_mut() {
                        parent.children.push(element);
                    }
                }
                Event::End(_) => close(&mut open),
                Event::Text(text) => push_text(&mut open, &text),
                Event::CData(text) => push_text(&mut open, &text),
                Event::GeneralRef(reference) => {
                    let character = character(&reference).ok_or_else(|| Problem {
                        line,
                        message: format!("&{}; is not known", &*reference),
                    })?;
                    push_text(&mut open, character.encode_utf8(&mut [0; 4]));
                }
                Event::Eof => break,
                Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
            }
        }
        let mut document = open.swap_remove(0);
        let outermost = document.children.pop();
        outermost.ok_or_else(|| Problem {
            line: 1,
            message: "there is no element".to_owned(),
        })
    }

    fn named(name: &str, line: usize) -> Self {
        Self {
            name: name.to_owned(),
            line,
            ..Self::default()
        }
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of this name; none when it is empty or missing.
    pub(super) fn text_of(&self, name: &str) -> Option<String> {
        let text = self.child(name)?.text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Whether the first child of this name says `true`; missing says no.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Problem> {
        let Some(child) = self.child(name) else {
            return Ok(false);
        };
        match child.text.trim() {
            "true" => Ok(true),
            "false" | "" => Ok(false),
            other => Err(child.problem(format!("<{name}> is true or false, not '{other}'"))),
        }
    }

    /// The number in the first child of this name.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let Some(child) = self.child(name) else {
            return Ok(None);
        };
        let text = child.text.trim();
        text.parse()
            .map(Some)
            .map_err(|_| child.problem(format!("<{name}> is a number, not '{text}'")))
    }

    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem {
            line: self.line,
            message: message.into(),
        }
    }
}

fn close(open: &mut Vec<Element>) {
    // The reader has seen to it that every end has its start.
    if open.len() > 1
        && let Some(element) = open.pop()
        && let Some(parent) = open.last_mut()
    {
        parent.children.push(element);
    }
}

fn push_text(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// What `&name;` stands for: XML's five, and characters by number. Others are for documents that
/// define them, which metadata does not.
fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

fn line_at(xml: &str, position: u64) -> usize {
    let position = usize::try_from(position).unwrap_or(usize::MAX);
    let before = xml.get(..position).unwrap_or(xml);
    before.matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_entities_and_lines_are_read() {
        let xml = "<?xml version=\"1.0\"?>\n<A xmlns=\"x\">\n  <b>Alder &amp; Finch &#233;</b>\n  <c/>\n</A>";
        let element = Element::read(xml).unwrap();
        assert_eq!(element.name, "A");
        assert_eq!(element.text_of("b").unwrap(), "Alder & Finch é");
        assert_eq!(element.child("b").unwrap().line, 3);
        assert_eq!(element.child("c").unwrap().line, 4);
    }

    #[test]
    fn a_mistake_is_found_on_its_line() {
        let problem = Element::read("<A>\n  <b>x</c>\n</A>").unwrap_err();
        assert_eq!(problem.line, 2, "{}", problem.message);
        let element = Element::read("<A>\n\n  <n>ten</n>\n</A>").unwrap();
        let problem = element.number::<u32>("n").unwrap_err();
        assert_eq!(problem.line, 3);
    }

    #[test]
    fn an_entity_of_a_document_type_is_refused() {
        let xml = "<!DOCTYPE a [<!ENTITY e \"boom\">]>\n<A>&e;</A>";
        assert!(Element::read(xml).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(xml in ".{0,200}") {
            let _ = Element::read(&xml);
        }
    }
}
