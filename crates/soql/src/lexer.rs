//! Text to tokens, on demand. A token is a kind and two offsets, so looking ahead is copying.

use crate::ast::Position;

/// A piece of the text that the grammar knows as one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Token {
    pub(crate) fn at(&self) -> Position {
        Position::new(self.start)
    }
}

/// The sorts of token. Words are not told apart here: whether one is a keyword depends on where
/// it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Letters, digits and underscores, beginning with a letter or an underscore.
    Word,
    /// Digits, perhaps with sign, point and exponent.
    Number,
    /// Digits shaped like a date.
    Date,
    /// Digits shaped like a date, with a time behind it.
    DateTime,
    /// A quoted string, quotes included.
    Text,
    OpenParenthesis,
    CloseParenthesis,
    Comma,
    Dot,
    Colon,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// The end of the text.
    End,
    /// A quoted string that no quote ends.
    UnclosedText,
    /// A quoted string with a line break in it.
    BrokenText,
    /// Anything else.
    Unknown,
}

/// Where reading has come to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lexer<'q> {
    query: &'q str,
    place: usize,
}

impl<'q> Lexer<'q> {
    pub(crate) fn new(query: &'q str) -> Self {
        Self { query, place: 0 }
    }

    /// Goes on reading at another place of the text, a boundary between characters.
    pub(crate) fn go_to(&mut self, place: usize) {
        self.place = place;
    }

    pub(crate) fn text(&self, token: Token) -> &'q str {
        &self.query[token.start..token.end]
    }

    /// The next token; at the end, `End` again and again.
    pub(crate) fn next(&mut self) -> Token {
        while self
            .byte(0)
            .is_some_and(|b| b.is_ascii_whitespace() || b == 0x0b)
        {
            self.place += 1;
        }
        let start = self.place;
        let kind = match self.byte(0) {
            None => TokenKind::End,
            Some(b'A'..=b'Z' | b'a'..=b'z' | b'_') => self.word(),
            Some(b'0'..=b'9') => self.digits(),
            Some(b'+' | b'-' | b'.') if self.number_follows() => self.number(),
            Some(b'\'') => self.quoted(),
            Some(symbol) => self.symbol(symbol),
        };
        Token {
            kind,
            start,
            end: self.place,
        }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.query.as_bytes().get(self.place + ahead).copied()
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.byte(0).is_some_and(&wanted) {
            self.place += 1;
        }
    }

    fn word(&mut self) -> TokenKind {
        self.skip_while(is_word_byte);
        TokenKind::Word
    }

    /// Whether a sign or a point is the beginning of a number.
    fn number_follows(&self) -> bool {
        let is_digit = |ahead| self.byte(ahead).is_some_and(|b: u8| b.is_ascii_digit());
        match self.byte(0) {
            Some(b'.') => is_digit(1),
            _ => is_digit(1) || self.byte(1) == Some(b'.') && is_digit(2),
        }
    }

    /// A number, a date, or a date with a time.
    fn digits(&mut self) -> TokenKind {
        let shape = b"dddd-dd-dd";
        let is_date = shape.iter().enumerate().all(|(ahead, wanted)| {
            self.byte(ahead).is_some_and(|b| match wanted {
                b'd' => b.is_ascii_digit(),
                _ => b == *wanted,
            })
        });
        if !is_date {
            return self.number();
        }
        self.place += shape.len();
        if !matches!(self.byte(0), Some(b'T' | b't')) {
            return self.unless_word_goes_on(TokenKind::Date);
        }
        self.skip_while(|b| is_word_byte(b) || matches!(b, b':' | b'.' | b'+' | b'-'));
        TokenKind::DateTime
    }

    fn number(&mut self) -> TokenKind {
        if matches!(self.byte(0), Some(b'+' | b'-')) {
            self.place += 1;
        }
        self.skip_while(|b| b.is_ascii_digit());
        if self.byte(0) == Some(b'.') {
            self.place += 1;
            self.skip_while(|b| b.is_ascii_digit());
        }
        if matches!(self.byte(0), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(1), Some(b'+' | b'-')));
            if self.byte(1 + sign).is_some_and(|b| b.is_ascii_digit()) {
                self.place += 1 + sign;
                self.skip_while(|b| b.is_ascii_digit());
            }
        }
        self.unless_word_goes_on(TokenKind::Number)
    }

    fn unless_word_goes_on(&mut self, kind: TokenKind) -> TokenKind {
        if !self.byte(0).is_some_and(is_word_byte) {
            return kind;
        }
        self.skip_while(is_word_byte);
        TokenKind::Unknown
    }

    fn quoted(&mut self) -> TokenKind {
        self.place += 1;
        let mut kind = TokenKind::Text;
        loop {
            match self.byte(0) {
                None => return TokenKind::UnclosedText,
                Some(b'\'') => {
                    self.place += 1;
                    return kind;
                }
                Some(b'\n' | b'\r') => kind = TokenKind::BrokenText,
                Some(b'\\') if self.byte(1).is_some_and(|b| b.is_ascii()) => self.place += 1,
                Some(_) => {}
            }
            self.place += 1;
        }
    }

    fn symbol(&mut self, symbol: u8) -> TokenKind {
        let (kind, length) = match (symbol, self.byte(1)) {
            (b'(', _) => (TokenKind::OpenParenthesis, 1),
            (b')', _) => (TokenKind::CloseParenthesis, 1),
            (b',', _) => (TokenKind::Comma, 1),
            (b'.', _) => (TokenKind::Dot, 1),
            (b':', _) => (TokenKind::Colon, 1),
            (b'=', _) => (TokenKind::Equal, 1),
            (b'!', Some(b'=')) | (b'<', Some(b'>')) => (TokenKind::NotEqual, 2),
            (b'<', Some(b'=')) => (TokenKind::LessOrEqual, 2),
            (b'<', _) => (TokenKind::Less, 1),
            (b'>', Some(b'=')) => (TokenKind::GreaterOrEqual, 2),
            (b'>', _) => (TokenKind::Greater, 1),
            _ => (TokenKind::Unknown, self.character_length()),
        };
        self.place += length;
        kind
    }

    fn character_length(&self) -> usize {
        let mut characters = self.query[self.place..].chars();
        characters.next().map_or(1, char::len_utf8)
    }
}

fn is_word_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(query: &str) -> Vec<(TokenKind, &str)> {
        let mut lexer = Lexer::new(query);
        let mut tokens = Vec::new();
        loop {
            let token = lexer.next();
            if token.kind == TokenKind::End {
                return tokens;
            }
            tokens.push((token.kind, lexer.text(token)));
        }
    }

    #[test]
    fn a_comparison_is_read_without_any_space() {
        assert_eq!(
            tokens("A__c>=-1.5e3"),
            [
                (TokenKind::Word, "A__c"),
                (TokenKind::GreaterOrEqual, ">="),
                (TokenKind::Number, "-1.5e3"),
            ]
        );
    }

    #[test]
    fn dates_and_instants_are_told_from_numbers() {
        assert_eq!(
            tokens("2026 2026-01-31 2026-01-31T10:00:00.5+01:00 2026-01-31x"),
            [
                (TokenKind::Number, "2026"),
                (TokenKind::Date, "2026-01-31"),
                (TokenKind::DateTime, "2026-01-31T10:00:00.5+01:00"),
                (TokenKind::Unknown, "2026-01-31x"),
            ]
        );
    }

    #[test]
    fn a_quoted_string_ends_at_the_first_quote_without_a_backslash() {
        assert_eq!(
            tokens(r"'it\'s' 'a\\' 'é\' open"),
            [
                (TokenKind::Text, r"'it\'s'"),
                (TokenKind::Text, r"'a\\'"),
                (TokenKind::UnclosedText, r"'é\' open"),
            ]
        );
    }

    #[test]
    fn characters_that_mean_nothing_are_tokens_too() {
        assert_eq!(
            tokens("é;!1x"),
            [
                (TokenKind::Unknown, "é"),
                (TokenKind::Unknown, ";"),
                (TokenKind::Unknown, "!"),
                (TokenKind::Unknown, "1x"),
            ]
        );
    }
}
