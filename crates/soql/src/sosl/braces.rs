//! What stands between the braces: words, quotes, AND, OR, AND NOT, parentheses, wildcards.
//!
//! AND binds what follows it more tightly than what precedes it (from right to left, as Salesforce
//! has it), so `a AND NOT b AND c` is a without those that have b and c. Words that nothing joins
//! are joined by AND.

use std::iter::Peekable;
use std::str::CharIndices;

use super::Sought;
use crate::ast::Position;
use crate::error::SoqlError;
use crate::parser::NESTING_DEPTH_MAX;
use crate::search::Character;

/// Characters that mean something between the braces, unless a backslash stands before them.
pub(super) const RESERVED: &str = "?&|!{}[]()^~*:\\\"'+-";

/// Reads what stands between the braces, which begins at this place of the text. Also how long it
/// is, the closing brace included.
pub(super) fn read(text: &str, start: usize) -> Result<(Sought, usize), SoqlError> {
    let mut braces = Braces {
        rest: text[start..].char_indices().peekable(),
        start,
        end: text.len(),
        depth: 0,
    };
    braces.skip_space();
    if braces.peek() == Some('}') {
        return Err(SoqlError::malformed(braces.at(), NO_TERM));
    }
    let sought = braces.either()?;
    match braces.next() {
        Some((place, '}')) => Ok((sought, place + 1)),
        Some((place, c)) => {
            let at = Position::new(start + place);
            Err(SoqlError::unexpected_token(at, c.encode_utf8(&mut [0; 4])))
        }
        None => Err(SoqlError::malformed(braces.at(), NO_TERM)),
    }
}

/// Salesforce's own words.
pub(super) const NO_TERM: &str =
    "No search term found. The search term must be enclosed in braces.";

struct Braces<'q> {
    rest: Peekable<CharIndices<'q>>,
    start: usize,
    end: usize,
    depth: usize,
}

/// What a word turns out to be.
#[derive(PartialEq)]
enum Joint {
    And,
    Or,
    Not,
}

impl Braces<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest.peek().map(|(_, c)| *c)
    }

    fn next(&mut self) -> Option<(usize, char)> {
        self.rest.next()
    }

    fn at(&mut self) -> Position {
        let place = self.rest.peek().map(|(place, _)| self.start + place);
        Position::new(place.unwrap_or(self.end))
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next();
        }
    }

    /// The joint that stands next, if one does.
    fn joint(&mut self) -> Option<Joint> {
        self.skip_space();
        let word: String = self
            .rest
            .clone()
            .map(|(_, c)| c)
            .take_while(|c| !ends_word(*c))
            .take(4)
            .collect();
        match word.to_ascii_uppercase().as_str() {
            "AND" => Some(Joint::And),
            "OR" => Some(Joint::Or),
            "NOT" => Some(Joint::Not),
            _ => None,
        }
    }

    fn take(&mut self, joint: &Joint) -> bool {
        let is_next = self.joint().as_ref() == Some(joint);
        if is_next {
            let letters = if *joint == Joint::Or { 2 } else { 3 };
            for _ in 0..letters {
                self.next();
            }
        }
        is_next
    }

    fn either(&mut self) -> Result<Sought, SoqlError> {
        let mut choices = vec![self.all()?];
        while self.take(&Joint::Or) {
            choices.push(self.all()?);
        }
        Ok(single(choices, Sought::Or))
    }

    fn all(&mut self) -> Result<Sought, SoqlError> {
        let mut parts = Vec::new();
        loop {
            push(&mut parts, self.one()?);
            if self.take(&Joint::And) {
                if self.take(&Joint::Not) {
                    // Whatever follows belongs to what is not wanted.
                    let unwanted = self.nested(Self::all)?;
                    parts.push(Sought::Not(Box::new(unwanted)));
                    break;
                }
                continue;
            }
            self.skip_space();
            let ends = matches!(self.peek(), None | Some('}' | ')'));
            if ends || self.joint().is_some() {
                break;
            }
        }
        Ok(single(parts, Sought::And))
    }

    fn one(&mut self) -> Result<Sought, SoqlError> {
        self.skip_space();
        let at = self.at();
        if self.joint().is_some() {
            let word: String = self
                .rest
                .clone()
                .map(|(_, c)| c)
                .take_while(|c| !ends_word(*c))
                .collect();
            return Err(SoqlError::unexpected_token(at, &word));
        }
        match self.peek() {
            None => Err(SoqlError::malformed(at, NO_TERM)),
            Some('(') => {
                self.next();
                let inner = self.nested(Self::either)?;
                self.skip_space();
                let at = self.at();
                match self.next() {
                    Some((_, ')')) => Ok(inner),
                    _ => Err(SoqlError::malformed(at, "expecting a right parentheses")),
                }
            }
            Some('"') => self.quoted(at),
            Some(c) if ends_word(c) => {
                Err(SoqlError::unexpected_token(at, c.encode_utf8(&mut [0; 4])))
            }
            Some(_) => self.word().map(Sought::Word),
        }
    }

    fn quoted(&mut self, at: Position) -> Result<Sought, SoqlError> {
        self.next();
        let mut text = Vec::new();
        loop {
            match self.peek() {
                None | Some('{' | '}') => {
                    return Err(SoqlError::malformed(at, "a quote is not closed"));
                }
                Some('"') => {
                    self.next();
                    return Ok(Sought::Phrase(text));
                }
                Some(_) => text.push(self.character()?),
            }
        }
    }

    fn word(&mut self) -> Result<Vec<Character>, SoqlError> {
        let mut text = Vec::new();
        while self.peek().is_some_and(|c| !ends_word(c)) {
            text.push(self.character()?);
        }
        Ok(text)
    }

    fn character(&mut self) -> Result<Character, SoqlError> {
        let at = self.at();
        let character = match self.next() {
            Some((_, '*')) => Character::Any,
            Some((_, '?')) => Character::One,
            Some((_, '\\')) => {
                let escaped = self.next();
                let (_, c) = escaped.ok_or_else(|| SoqlError::malformed(at, NO_TERM))?;
                Character::Plain(c)
            }
            Some((_, c)) => Character::Plain(c),
            None => return Err(SoqlError::malformed(at, NO_TERM)),
        };
        Ok(character)
    }

    fn nested(
        &mut self,
        rule: impl FnOnce(&mut Self) -> Result<Sought, SoqlError>,
    ) -> Result<Sought, SoqlError> {
        if self.depth == NESTING_DEPTH_MAX {
            let message = format!("searches can be nested at most {NESTING_DEPTH_MAX} levels deep");
            return Err(SoqlError::malformed(self.at(), message));
        }
        self.depth += 1;
        let sought = rule(self);
        self.depth -= 1;
        sought
    }
}

/// Whether a word ends before this character. Other reserved ones separate words only.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '{' | '}' | '"' | '[' | ']')
}

fn single(mut parts: Vec<Sought>, several: fn(Vec<Sought>) -> Sought) -> Sought {
    if parts.len() == 1 {
        parts.remove(0)
    } else {
        several(parts)
    }
}

/// Parts of parts are parts, unless something is not wanted with them.
fn push(parts: &mut Vec<Sought>, part: Sought) {
    match part {
        Sought::And(inner) if !matches!(inner.last(), Some(Sought::Not(_))) => parts.extend(inner),
        part => parts.push(part),
    }
}
