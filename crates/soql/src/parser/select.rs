//! The SELECT list.

use super::Parser;
use crate::ast::{FieldGroup, SelectItem, TypeOf, TypeOfBranch};
use crate::error::SoqlError;
use crate::lexer::TokenKind;

impl<'q> Parser<'q> {
    pub(crate) fn select_items(&mut self) -> Result<Vec<SelectItem<'q>>, SoqlError> {
        self.list(Self::select_item)
    }

    fn select_item(&mut self) -> Result<SelectItem<'q>, SoqlError> {
        if self.take(TokenKind::OpenParenthesis) {
            let query = self.query()?;
            self.expect_close()?;
            return Ok(SelectItem::Subquery(Box::new(query)));
        }
        if self.at_word("FIELDS") && self.ahead().kind == TokenKind::OpenParenthesis {
            return self.fields();
        }
        if self.at_typeof() {
            return self.type_of().map(SelectItem::TypeOf);
        }
        let expression = self.expression()?;
        let alias = self.alias();
        Ok(SelectItem::Expression { expression, alias })
    }

    fn fields(&mut self) -> Result<SelectItem<'q>, SoqlError> {
        let at = self.advance().at();
        self.expect(TokenKind::OpenParenthesis)?;
        let group = if self.take_word("ALL") {
            FieldGroup::All
        } else if self.take_word("CUSTOM") {
            FieldGroup::Custom
        } else if self.take_word("STANDARD") {
            FieldGroup::Standard
        } else {
            return Err(self.unexpected());
        };
        self.expect_close()?;
        Ok(SelectItem::Fields { group, at })
    }

    /// A field may be called `TypeOf`; then no name follows.
    fn at_typeof(&self) -> bool {
        let ahead = self.ahead();
        self.at_word("TYPEOF") && ahead.kind == TokenKind::Word && !self.is_word(ahead, "FROM")
    }

    fn type_of(&mut self) -> Result<TypeOf<'q>, SoqlError> {
        let at = self.advance().at();
        let relationship = self.path()?;
        let mut branches = vec![self.type_of_branch()?];
        while self.at_word("WHEN") {
            branches.push(self.type_of_branch()?);
        }
        let otherwise = self.clause("ELSE", |parser| parser.list(Self::path))?;
        self.expect_word("END")?;
        Ok(TypeOf {
            at,
            relationship,
            branches,
            otherwise: otherwise.unwrap_or_default(),
        })
    }

    fn type_of_branch(&mut self) -> Result<TypeOfBranch<'q>, SoqlError> {
        self.expect_word("WHEN")?;
        let object = self.name()?;
        self.expect_word("THEN")?;
        let fields = self.list(Self::path)?;
        Ok(TypeOfBranch { object, fields })
    }
}
