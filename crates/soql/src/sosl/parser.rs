//! Text to a [`Statement`]: SOSL's own clauses; SOQL's are read by its parser.

use super::{Returning, Statement, With, braces};
use crate::ast::{Count, Literal, Name};
use crate::error::{SoqlError, SoqlErrorKind};
use crate::lexer::TokenKind;
use crate::parser::Parser;
use crate::search::FieldGroup;

/// The longest search, in characters.
pub const SEARCH_CHARACTERS_MAX: usize = 10_000;

/// Reads a search. Names are not looked up.
///
/// # Errors
/// The first thing in the text that is not SOSL, with its place.
pub fn parse(search: &str) -> Result<Statement<'_>, SoqlError> {
    read(search).map_err(super::resolve::as_search)
}

fn read(search: &str) -> Result<Statement<'_>, SoqlError> {
    if search.chars().count() > SEARCH_CHARACTERS_MAX {
        return Err(SoqlError::whole(
            SoqlErrorKind::MalformedSearch,
            format!("SOSL statements cannot be longer than {SEARCH_CHARACTERS_MAX} characters."),
        ));
    }
    let mut parser = Parser::new(search);
    let statement = parser.statement()?;
    match parser.token.kind {
        TokenKind::End => Ok(statement),
        _ => Err(parser.unexpected()),
    }
}

impl<'q> Parser<'q> {
    fn statement(&mut self) -> Result<Statement<'q>, SoqlError> {
        self.expect_word("FIND")?;
        let brace = self.token;
        if self.lexer.text(brace) != "{" {
            return Err(SoqlError::malformed(brace.at(), braces::NO_TERM));
        }
        let (find, length) = braces::read(self.query, brace.end)?;
        self.go_to(brace.end + length);
        let group = self.clause("IN", Self::field_group)?.unwrap_or_default();
        let returning = self.clause("RETURNING", |p| p.list(Self::returning))?;
        let mut with = Vec::new();
        while self.take_word("WITH") {
            with.push(self.search_with()?);
        }
        Ok(Statement {
            find,
            group,
            returning: returning.unwrap_or_default(),
            with,
            limit: self.clause("LIMIT", Self::count)?,
            updates: self.updates()?,
        })
    }

    fn field_group(&mut self) -> Result<FieldGroup, SoqlError> {
        let group = FieldGroup::ALL
            .into_iter()
            .find(|group| self.at_word(group.word()));
        let group = group.ok_or_else(|| self.unexpected())?;
        self.advance();
        self.expect_word("FIELDS")?;
        Ok(group)
    }

    fn returning(&mut self) -> Result<Returning<'q>, SoqlError> {
        let object = self.name()?;
        let mut returning = Returning {
            object,
            select: Vec::new(),
            condition: None,
            list_view: None,
            order_by: Vec::new(),
            limit: None,
            offset: None,
        };
        if !self.take(TokenKind::OpenParenthesis) {
            return Ok(returning);
        }
        if !self.at_returned_clause() {
            returning.select = self.select_items()?;
        }
        returning.condition = self.clause("WHERE", Self::condition)?;
        returning.list_view = self.clause("USING", Self::list_view)?;
        let order_by = self.clause_by("ORDER", |p| p.list(Self::order))?;
        returning.order_by = order_by.unwrap_or_default();
        returning.limit = self.clause("LIMIT", Self::count)?;
        returning.offset = self.clause("OFFSET", Self::count)?;
        self.expect_close()?;
        Ok(returning)
    }

    /// Whether a clause begins where the fields could.
    fn at_returned_clause(&self) -> bool {
        ["WHERE", "USING", "LIMIT"]
            .iter()
            .any(|word| self.at_word(word))
            || self.at_clause()
    }

    fn list_view(&mut self) -> Result<Name<'q>, SoqlError> {
        self.expect_word("ListView")?;
        self.expect(TokenKind::Equal)?;
        self.name()
    }

    fn search_with(&mut self) -> Result<With<'q>, SoqlError> {
        if self.take_word("HIGHLIGHT") {
            return Ok(With::Highlight);
        }
        if self.take_word("SNIPPET") {
            return self.snippet().map(With::Snippet);
        }
        if self.take_word("DATA") {
            self.expect_word("CATEGORY")?;
            return self.data_categories().map(With::DataCategory);
        }
        if self.take_word("NETWORK") {
            if self.take_word("IN") {
                return self.parenthesised_list(Self::literal).map(With::Network);
            }
            self.expect(TokenKind::Equal)?;
            return Ok(With::Network(vec![self.literal()?]));
        }
        if self.take_word("SPELL_CORRECTION") {
            self.expect(TokenKind::Equal)?;
            let on = self.take_word("TRUE");
            if !on {
                self.expect_word("FALSE")?;
            }
            return Ok(With::SpellCorrection(on));
        }
        if self.take_word("DIVISION") {
            return self.equal_to().map(With::Division);
        }
        if self.take_word("METADATA") {
            return self.equal_to().map(With::Metadata);
        }
        self.expect_word("PricebookId")?;
        self.equal_to().map(With::PricebookId)
    }

    fn equal_to(&mut self) -> Result<Literal<'q>, SoqlError> {
        self.expect(TokenKind::Equal)?;
        self.literal()
    }

    fn snippet(&mut self) -> Result<Option<Count>, SoqlError> {
        if !self.take(TokenKind::OpenParenthesis) {
            return Ok(None);
        }
        self.expect_word("target_length")?;
        self.expect(TokenKind::Equal)?;
        let length = self.count()?;
        self.expect_close()?;
        Ok(Some(length))
    }
}
