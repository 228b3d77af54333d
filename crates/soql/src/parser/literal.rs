//! Constants: quoted strings, numbers, dates, date literals, amounts of money.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::{Parser, TEXT_CHARACTERS_MAX};
use crate::ast::{DateLiteral, Literal, LiteralValue, Position};
use crate::error::{SoqlError, SoqlErrorKind};
use crate::lexer::{Token, TokenKind};

/// The years SOQL's dates may lie in.
const YEARS: std::ops::RangeInclusive<i16> = 1700..=4000;
/// How many letters a currency's code has.
const CURRENCY_CODE_LETTERS: usize = 3;

impl<'q> Parser<'q> {
    pub(crate) fn literal(&mut self) -> Result<Literal<'q>, SoqlError> {
        let token = self.token;
        let value = match token.kind {
            TokenKind::Text => LiteralValue::Text(self.text(token, Escapes::Plain)?),
            TokenKind::Number => LiteralValue::Number(self.lexer.text(token)),
            TokenKind::Date => LiteralValue::Date(date(token.at(), self.lexer.text(token))?),
            TokenKind::DateTime => {
                LiteralValue::DateTime(datetime(token.at(), self.lexer.text(token))?)
            }
            TokenKind::Word => return self.word_literal(),
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(Literal {
            at: token.at(),
            value,
        })
    }

    /// What LIKE compares with. Other constants are read too: that they do not fit is for the one
    /// who knows the field to say.
    pub(super) fn pattern(&mut self) -> Result<Literal<'q>, SoqlError> {
        if self.token.kind != TokenKind::Text {
            return self.literal();
        }
        let token = self.token;
        let value = LiteralValue::Pattern(self.text(token, Escapes::Pattern)?);
        self.advance();
        Ok(Literal {
            at: token.at(),
            value,
        })
    }

    fn word_literal(&mut self) -> Result<Literal<'q>, SoqlError> {
        let token = self.token;
        let at = token.at();
        let word = self.lexer.text(token);
        if let Some(make) = DateLiteral::counted(word) {
            self.advance();
            self.expect_colon()?;
            let value = LiteralValue::DateLiteral(make(self.count()?.rows));
            return Ok(Literal { at, value });
        }
        let value = if word.eq_ignore_ascii_case("NULL") {
            LiteralValue::Null
        } else if word.eq_ignore_ascii_case("TRUE") {
            LiteralValue::Boolean(true)
        } else if word.eq_ignore_ascii_case("FALSE") {
            LiteralValue::Boolean(false)
        } else if let Some(literal) = DateLiteral::plain(word) {
            LiteralValue::DateLiteral(literal)
        } else if let Some(end) = self.end_of_currency(token) {
            let (code, amount) = self.query[token.start..end].split_at(CURRENCY_CODE_LETTERS);
            if end > token.end {
                self.advance();
            }
            LiteralValue::Currency { code, amount }
        } else {
            return Err(self.unexpected());
        };
        self.advance();
        Ok(Literal { at, value })
    }

    fn expect_colon(&mut self) -> Result<(), SoqlError> {
        if self.take(TokenKind::Colon) {
            return Ok(());
        }
        let message = format!("expecting a colon, found '{}'", self.shown());
        Err(SoqlError::malformed(self.token.at(), message))
    }

    /// Where an amount such as `USD5000`, `USD-5` or `USD5.25` ends, if `word` begins one. Its
    /// sign or its decimals are a number of their own, right behind the word.
    fn end_of_currency(&self, word: Token) -> Option<usize> {
        let text = self.lexer.text(word);
        let (code, digits) = text.split_at_checked(CURRENCY_CODE_LETTERS)?;
        let is_code = code.bytes().all(|b| b.is_ascii_alphabetic());
        if !is_code || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let ahead = self.ahead();
        let goes_on = ahead.kind == TokenKind::Number && ahead.start == word.end;
        let continued = self.lexer.text(ahead);
        match (digits.is_empty(), goes_on) {
            (true, true) => Some(ahead.end),
            (false, true) if continued.starts_with('.') => Some(ahead.end),
            (false, false) => Some(word.end),
            _ => None,
        }
    }

    fn text(&self, token: Token, escapes: Escapes) -> Result<Cow<'q, str>, SoqlError> {
        let quoted = self.lexer.text(token);
        let raw = &quoted[1..quoted.len() - 1];
        let text = if raw.contains('\\') {
            Cow::Owned(unescape(token.at(), raw, escapes)?)
        } else {
            Cow::Borrowed(raw)
        };
        if text.len() > TEXT_CHARACTERS_MAX && text.chars().count() > TEXT_CHARACTERS_MAX {
            return Err(SoqlError::malformed(
                token.at(),
                format!("string literals can have at most {TEXT_CHARACTERS_MAX} characters"),
            ));
        }
        Ok(text)
    }
}

/// Which escapes a string may have.
#[derive(Clone, Copy, PartialEq)]
enum Escapes {
    /// Those of every string.
    Plain,
    /// Also `\%` and `\_`, which stay as they are, as does `\\`: the result is a pattern.
    Pattern,
}

fn unescape(at: Position, raw: &str, escapes: Escapes) -> Result<String, SoqlError> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        let sign = rest.next().unwrap_or_default();
        match sign.to_ascii_lowercase() {
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            '"' | '\'' => text.push(sign),
            '\\' => push_backslash(&mut text, escapes),
            '%' | '_' if escapes == Escapes::Pattern => text.extend(['\\', sign]),
            'u' => match code_point(&mut rest) {
                Some('\\') => push_backslash(&mut text, escapes),
                Some(decoded) => text.push(decoded),
                None => return Err(bad_escape(at, raw, sign)),
            },
            _ => return Err(bad_escape(at, raw, sign)),
        }
    }
    Ok(text)
}

fn push_backslash(text: &mut String, escapes: Escapes) {
    text.push('\\');
    if escapes == Escapes::Pattern {
        text.push('\\');
    }
}

fn bad_escape(at: Position, raw: &str, escaped: char) -> SoqlError {
    let shown: String = raw.chars().take(80).collect();
    SoqlError::malformed(
        at,
        format!(
            "Invalid string literal '{shown}'. Illegal character sequence '\\{escaped}' in string literal."
        ),
    )
}

/// The character of `XXXX`, or of two such halves as UTF-16 writes characters beyond the first
/// 65,536: `D83D\uDE00`.
fn code_point(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let first = code_unit(rest)?;
    let is_first_half = (0xD800..0xDC00).contains(&first);
    if !is_first_half {
        return char::from_u32(u32::from(first));
    }
    *rest = rest
        .as_str()
        .strip_prefix("\\u")
        .or_else(|| rest.as_str().strip_prefix("\\U"))?
        .chars();
    let second = code_unit(rest)?;
    char::decode_utf16([first, second]).next()?.ok()
}

fn code_unit(rest: &mut std::str::Chars<'_>) -> Option<u16> {
    let (digits, behind) = rest.as_str().split_at_checked(4)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    *rest = behind.chars();
    u16::from_str_radix(digits, 16).ok()
}

/// `2026-01-31`; the lexer has seen to the shape.
fn date(at: Position, text: &str) -> Result<Date, SoqlError> {
    let date = text
        .parse::<Date>()
        .map_err(|_| SoqlError::malformed(at, format!("Invalid date: {text}")))?;
    if !YEARS.contains(&date.year()) {
        return Err(outside_years(at, text));
    }
    Ok(date)
}

/// `2026-01-31T12:34:56.789+01:00`: seconds are needed, their decimals not, the zone is.
fn datetime(at: Position, text: &str) -> Result<Timestamp, SoqlError> {
    let (day, clock) = text.split_at("dddd-dd-dd".len());
    let day = date(at, day)?;
    let invalid = || SoqlError::malformed(at, format!("Invalid datetime: {text}"));
    let (time, offset) = time_and_offset(&clock[1..]).ok_or_else(invalid)?;
    let instant = offset
        .to_timestamp(DateTime::from_parts(day, time))
        .map_err(|_| invalid())?;
    let whole_microseconds = TimestampRound::new()
        .smallest(Unit::Microsecond)
        .mode(RoundMode::Floor);
    instant.round(whole_microseconds).map_err(|_| invalid())
}

fn time_and_offset(text: &str) -> Option<(Time, Offset)> {
    let zone = text.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = text.split_at(zone);
    let bytes = time.as_bytes();
    let has_shape = bytes.get(2) == Some(&b':') && bytes.get(5) == Some(&b':');
    let is_whole = time.len() == 8 || time.len() > 9;
    if !has_shape || !is_whole {
        return None;
    }
    Some((time.parse().ok()?, offset(zone)?))
}

/// `Z`, `+01:00`, `+0100`
fn offset(zone: &str) -> Option<Offset> {
    if zone.eq_ignore_ascii_case("Z") {
        return Some(Offset::UTC);
    }
    let (sign, clock) = zone.split_at_checked(1)?;
    let (hours, minutes) = match clock.len() {
        4 => clock.split_at_checked(2)?,
        5 => clock.split_once(':')?,
        _ => return None,
    };
    let is_number = |digits: &str| digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if minutes > 59 {
        return None;
    }
    let seconds = hours * 3600 + minutes * 60;
    Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

fn outside_years(at: Position, text: &str) -> SoqlError {
    SoqlError::new(
        SoqlErrorKind::NumberOutsideValidRange,
        at,
        format!(
            "date is outside the years {} to {}: {text}",
            YEARS.start(),
            YEARS.end()
        ),
    )
}
