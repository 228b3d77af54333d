//! Typed text to terms: one word of a search, or all that somebody has typed so far.

use std::mem::discriminant;

use super::{FieldGroup, SEARCH_WORDS_MAX, Search, Term, Word, words};

/// The most characters of what somebody types that are looked at.
const TYPED_CHARACTERS_MAX: usize = 200;

impl Search {
    /// The search of somebody who is still typing: records that have all of these words, each whole
    /// or begun. None if there is no word in it.
    pub fn typed(text: &str) -> Option<Self> {
        let text: String = text.chars().take(TYPED_CHARACTERS_MAX).collect();
        let text = text.trim();
        let pieces = text.split_whitespace().take(SEARCH_WORDS_MAX / 2);
        let terms: Vec<Term> = pieces
            .filter_map(|piece| begun(piece, &words::words(piece)))
            .collect();
        let all = match terms.len() {
            0 => return None,
            1 => terms.into_iter().next()?,
            _ => Term::And(terms),
        };
        let term = if words::is_phone_number(text) && text.contains(char::is_whitespace) {
            Term::Or(vec![
                all,
                Term::Phrase(vec![Word::Beginning(words::digits(text))]),
            ])
        } else {
            all
        };
        Some(Self {
            term,
            classes: FieldGroup::All.classes().to_vec(),
            exact: Some(text.to_owned()),
        })
    }
}

fn begun(piece: &str, found: &[String]) -> Option<Term> {
    let (last, before) = found.split_last()?;
    let mut phrase: Vec<Word> = before.iter().cloned().map(Word::Whole).collect();
    phrase.push(Word::Beginning(last.clone()));
    let digits = Word::Beginning(words::digits(piece));
    Some(or_number(piece, Term::Phrase(phrase), digits))
}

/// A number written with something between its digits is also the number without it.
fn or_number(piece: &str, term: Term, digits: Word) -> Term {
    let in_parts = matches!(&term, Term::Phrase(words) if words.len() > 1);
    if in_parts && words::is_phone_number(piece) {
        Term::Or(vec![term, Term::Phrase(vec![digits])])
    } else {
        term
    }
}

impl Term {
    /// What a text without wildcards is looked for by; none if there is no word in it.
    pub fn plain(text: &str) -> Option<Self> {
        let found = words::words(text);
        if found.is_empty() {
            return None;
        }
        let digits = Word::Whole(words::digits(text));
        let phrase = found.into_iter().map(Word::Whole).collect();
        Some(or_number(text, Self::Phrase(phrase), digits))
    }

    /// What a text is looked for by in which some characters are wildcards, and all others what
    /// they are: words one after the other.
    ///
    /// # Errors
    /// [`Unsearchable`] when there is no word in it, or a word begins with a wildcard.
    pub fn wild(text: &[Character]) -> Result<Self, Unsearchable> {
        if text.iter().all(|c| matches!(c, Character::Plain(_))) {
            return Self::plain(&plain(text)).ok_or(Unsearchable::NoWord);
        }
        let is_end = |c: &Character| match c {
            Character::Plain(c) => c.is_whitespace() || words::is_between(*c),
            Character::Any | Character::One => false,
        };
        let mut phrase = Vec::new();
        for piece in text.split(is_end).filter(|piece| !piece.is_empty()) {
            phrase.extend(words_of(piece)?);
        }
        if phrase.is_empty() {
            return Err(Unsearchable::NoWord);
        }
        Ok(Self::Phrase(phrase))
    }
}

/// A character of a text that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Character {
    /// This one.
    Plain(char),
    /// Any characters, or none: `*`.
    Any,
    /// Any one character: `?`.
    One,
}

/// Why nothing can be looked for by a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsearchable {
    /// There is no letter and no digit in it.
    NoWord,
    /// A word in it begins with a wildcard.
    BeginsWild,
}

impl Character {
    /// Which one, if that is said.
    pub fn plain(&self) -> Option<char> {
        match self {
            Self::Plain(c) => Some(*c),
            Self::Any | Self::One => None,
        }
    }
}

fn plain(text: &[Character]) -> String {
    text.iter().filter_map(Character::plain).collect()
}

/// The words of a piece without anything between words in it.
fn words_of(piece: &[Character]) -> Result<Vec<Word>, Unsearchable> {
    if !matches!(piece[0], Character::Plain(_)) {
        return Err(Unsearchable::BeginsWild);
    }
    let runs = piece.iter().rev().take_while(|c| **c == Character::Any);
    let (head, end) = piece.split_at(piece.len() - runs.count());
    if head.iter().all(|c| matches!(c, Character::Plain(_))) {
        let mut found = words::words(&plain(head));
        let begun = if end.is_empty() { None } else { found.pop() };
        let whole = found.into_iter().map(Word::Whole);
        return Ok(whole.chain(begun.map(Word::Beginning)).collect());
    }
    let mut pattern = String::new();
    for run in piece.chunk_by(|a, b| discriminant(a) == discriminant(b)) {
        match run[0] {
            Character::Plain(_) => pattern.push_str(&words::folded(&plain(run))),
            Character::Any => pattern.push('*'),
            Character::One => pattern.extend(run.iter().map(|_| '?')),
        }
    }
    if pattern.starts_with(['*', '?']) {
        return Err(Unsearchable::NoWord);
    }
    Ok(vec![Word::Pattern(pattern)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn characters(text: &str) -> Vec<Character> {
        let character = |c| match c {
            '*' => Character::Any,
            '?' => Character::One,
            c => Character::Plain(c),
        };
        text.chars().map(character).collect()
    }

    fn phrase(text: &str) -> Vec<Word> {
        match Term::wild(&characters(text)) {
            Ok(Term::Phrase(words)) => words,
            other => panic!("{other:?}"),
        }
    }

    fn whole(text: &str) -> Word {
        Word::Whole(text.to_owned())
    }

    #[test]
    fn wildcards_make_beginnings_and_patterns() {
        assert_eq!(phrase("Jo*"), [Word::Beginning("jo".to_owned())]);
        assert_eq!(phrase("J?N*"), [Word::Pattern("j?n*".to_owned())]);
        assert_eq!(
            phrase("Ann@Ex*.com"),
            [whole("ann"), Word::Beginning("ex".to_owned()), whole("com")]
        );
    }

    #[test]
    fn nothing_is_looked_for_by_wildcards_alone() {
        assert_eq!(Term::wild(&characters("*")), Err(Unsearchable::BeginsWild));
        assert_eq!(
            Term::wild(&characters("a-?b")),
            Err(Unsearchable::BeginsWild)
        );
        assert_eq!(Term::wild(&characters("--")), Err(Unsearchable::NoWord));
        assert_eq!(Term::plain("…"), None);
    }

    #[test]
    fn a_number_in_parts_is_also_looked_for_whole() {
        let Some(Term::Or(ways)) = Term::plain("555-1212") else {
            panic!("one way only");
        };
        assert_eq!(ways[1], Term::Phrase(vec![whole("5551212")]));
        let Some(Search {
            term: Term::Or(ways),
            ..
        }) = Search::typed("+1 415 555")
        else {
            panic!("one way only");
        };
        assert_eq!(
            ways[1],
            Term::Phrase(vec![Word::Beginning("1415555".to_owned())])
        );
    }

    #[test]
    fn somebody_who_is_typing_finds_words_that_begin_so() {
        let search = Search::typed(" ann le ").unwrap();
        let ann = Term::Phrase(vec![Word::Beginning("ann".to_owned())]);
        let le = Term::Phrase(vec![Word::Beginning("le".to_owned())]);
        assert_eq!(search.term, Term::And(vec![ann, le]));
        assert_eq!(Search::typed(" . "), None);
    }
}
