//! The conditions of WHERE and HAVING.

use super::Parser;
use crate::ast::{Comparison, Condition, Operand, Operator};
use crate::error::SoqlError;
use crate::lexer::TokenKind;

impl<'q> Parser<'q> {
    /// Terms joined by AND alone or by OR alone; a mixture needs parentheses.
    pub(crate) fn condition(&mut self) -> Result<Condition<'q>, SoqlError> {
        let first = self.term()?;
        if self.at_word("AND") {
            let terms = self.terms_joined_by("AND", first)?;
            return self.unless_mixed("OR", Condition::And(terms));
        }
        if self.at_word("OR") {
            let terms = self.terms_joined_by("OR", first)?;
            return self.unless_mixed("AND", Condition::Or(terms));
        }
        Ok(first)
    }

    fn terms_joined_by(
        &mut self,
        word: &str,
        first: Condition<'q>,
    ) -> Result<Vec<Condition<'q>>, SoqlError> {
        let mut terms = vec![first];
        while self.take_word(word) {
            terms.push(self.term()?);
        }
        Ok(terms)
    }

    fn unless_mixed(
        &self,
        other: &str,
        condition: Condition<'q>,
    ) -> Result<Condition<'q>, SoqlError> {
        if self.at_word(other) {
            return Err(self.unexpected());
        }
        Ok(condition)
    }

    fn term(&mut self) -> Result<Condition<'q>, SoqlError> {
        if self.take(TokenKind::OpenParenthesis) {
            let condition = self.nested(Self::condition)?;
            self.expect_close()?;
            return Ok(condition);
        }
        if self.take_word("NOT") {
            let negated = self.nested(Self::term)?;
            return Ok(Condition::Not(Box::new(negated)));
        }
        self.comparison().map(Condition::Comparison)
    }

    fn comparison(&mut self) -> Result<Comparison<'q>, SoqlError> {
        let left = self.expression()?;
        let operator_at = self.token.at();
        let operator = self.operator()?;
        let right = match operator {
            Operator::In | Operator::NotIn => self.set()?,
            Operator::Includes | Operator::Excludes => {
                Operand::List(self.parenthesised_list(Self::literal)?)
            }
            Operator::Like => Operand::Literal(self.pattern()?),
            Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => Operand::Literal(self.literal()?),
        };
        Ok(Comparison {
            left,
            operator,
            operator_at,
            right,
        })
    }

    fn operator(&mut self) -> Result<Operator, SoqlError> {
        let operator = match self.token.kind {
            TokenKind::Equal => Operator::Equal,
            TokenKind::NotEqual => Operator::NotEqual,
            TokenKind::Less => Operator::Less,
            TokenKind::LessOrEqual => Operator::LessOrEqual,
            TokenKind::Greater => Operator::Greater,
            TokenKind::GreaterOrEqual => Operator::GreaterOrEqual,
            TokenKind::Word if self.at_word("LIKE") => Operator::Like,
            TokenKind::Word if self.at_word("IN") => Operator::In,
            TokenKind::Word if self.at_word("INCLUDES") => Operator::Includes,
            TokenKind::Word if self.at_word("EXCLUDES") => Operator::Excludes,
            TokenKind::Word if self.at_words("NOT", "IN") => {
                self.advance();
                Operator::NotIn
            }
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(operator)
    }

    /// What IN looks in: a list, or the ids a query finds.
    fn set(&mut self) -> Result<Operand<'q>, SoqlError> {
        match self.token.kind {
            TokenKind::OpenParenthesis if self.is_word(self.ahead(), "SELECT") => {
                self.advance();
                let query = self.query()?;
                self.expect_close()?;
                Ok(Operand::Subquery(Box::new(query)))
            }
            TokenKind::OpenParenthesis => {
                Ok(Operand::List(self.parenthesised_list(Self::literal)?))
            }
            TokenKind::Word => Err(SoqlError::malformed(
                self.token.at(),
                "Bind variables only allowed in Apex code",
            )),
            _ => Err(self.unexpected()),
        }
    }
}
