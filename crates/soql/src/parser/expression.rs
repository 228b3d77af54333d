//! Fields and functions of them.

use super::Parser;
use crate::ast::{Argument, Call, Expression, Function, LiteralValue};
use crate::error::SoqlError;
use crate::lexer::TokenKind;

/// The units a distance can be measured in.
const DISTANCE_UNITS: [&str; 2] = ["mi", "km"];

impl<'q> Parser<'q> {
    pub(super) fn expression(&mut self) -> Result<Expression<'q>, SoqlError> {
        if self.at_call() {
            return self.call(|_| true).map(Expression::Call);
        }
        self.path().map(Expression::Path)
    }

    fn at_call(&self) -> bool {
        self.token.kind == TokenKind::Word && self.ahead().kind == TokenKind::OpenParenthesis
    }

    fn call(&mut self, is_welcome: impl Fn(Function) -> bool) -> Result<Call<'q>, SoqlError> {
        let function = Function::named(self.lexer.text(self.token))
            .filter(|function| *function != Function::Geolocation && is_welcome(*function));
        let Some(function) = function else {
            // As a plain name the word could stand here; what cannot is the parenthesis.
            self.name()?;
            return Err(self.unexpected());
        };
        let at = self.advance().at();
        self.expect(TokenKind::OpenParenthesis)?;
        let arguments = match function {
            Function::Count if self.token.kind == TokenKind::CloseParenthesis => Vec::new(),
            Function::Distance => self.distance_arguments()?,
            _ => vec![Argument::Expression(self.argument_of(function)?)],
        };
        self.expect_close()?;
        Ok(Call {
            at,
            function,
            arguments,
        })
    }

    fn argument_of(&mut self, outer: Function) -> Result<Expression<'q>, SoqlError> {
        if self.at_call() {
            return self
                .call(|inner| outer.takes_call_of(inner))
                .map(Expression::Call);
        }
        self.path().map(Expression::Path)
    }

    /// `location, GEOLOCATION(latitude, longitude), 'km'`
    fn distance_arguments(&mut self) -> Result<Vec<Argument<'q>>, SoqlError> {
        let location = Argument::Expression(Expression::Path(self.path()?));
        self.expect(TokenKind::Comma)?;
        let place = Argument::Expression(Expression::Call(self.geolocation()?));
        self.expect(TokenKind::Comma)?;
        let unit_token = self.token;
        let unit = self.literal()?;
        match &unit.value {
            LiteralValue::Text(text) if DISTANCE_UNITS.contains(&&**text) => {
                Ok(vec![location, place, Argument::Literal(unit)])
            }
            _ => Err(SoqlError::malformed(
                unit.at,
                format!(
                    "Invalid distance unit: {}. Valid unit: 'mi', 'km'",
                    self.lexer.text(unit_token)
                ),
            )),
        }
    }

    fn geolocation(&mut self) -> Result<Call<'q>, SoqlError> {
        let at = self.token.at();
        self.expect_word(Function::Geolocation.name())?;
        self.expect(TokenKind::OpenParenthesis)?;
        let latitude = self.coordinate()?;
        self.expect(TokenKind::Comma)?;
        let longitude = self.coordinate()?;
        self.expect_close()?;
        Ok(Call {
            at,
            function: Function::Geolocation,
            arguments: vec![latitude, longitude],
        })
    }

    fn coordinate(&mut self) -> Result<Argument<'q>, SoqlError> {
        match self.token.kind {
            TokenKind::Number => self.literal().map(Argument::Literal),
            _ => Err(self.unexpected()),
        }
    }
}
