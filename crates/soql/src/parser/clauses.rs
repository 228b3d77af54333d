//! What follows the conditions: WITH, GROUP BY, ORDER BY, LIMIT, OFFSET, FOR, UPDATE.

use super::Parser;
use crate::ast::{
    CategorySelector, Count, DataCategory, GroupBy, Literal, Name, Nulls, Order, Purpose,
    Subtotals, UpdateStatistic, With,
};
use crate::error::{SoqlError, SoqlErrorKind};
use crate::lexer::TokenKind;

impl<'q> Parser<'q> {
    pub(super) fn with(&mut self) -> Result<With<'q>, SoqlError> {
        if self.take_word("SECURITY_ENFORCED") {
            return Ok(With::SecurityEnforced);
        }
        if self.take_word("USER_MODE") {
            return Ok(With::UserMode);
        }
        if self.take_word("SYSTEM_MODE") {
            return Ok(With::SystemMode);
        }
        if self.take_word("RecordVisibilityContext") {
            let settings = self.parenthesised_list(Self::visibility_setting)?;
            return Ok(With::RecordVisibility(settings));
        }
        self.expect_word("DATA")?;
        self.expect_word("CATEGORY")?;
        self.data_categories().map(With::DataCategory)
    }

    pub(crate) fn data_categories(&mut self) -> Result<Vec<DataCategory<'q>>, SoqlError> {
        let mut categories = vec![self.data_category()?];
        while self.take_word("AND") {
            categories.push(self.data_category()?);
        }
        Ok(categories)
    }

    fn visibility_setting(&mut self) -> Result<(Name<'q>, Literal<'q>), SoqlError> {
        let name = self.name()?;
        self.expect(TokenKind::Equal)?;
        Ok((name, self.literal()?))
    }

    fn data_category(&mut self) -> Result<DataCategory<'q>, SoqlError> {
        let group = self.name()?;
        let selector = if self.take_word("AT") {
            CategorySelector::At
        } else if self.take_word("ABOVE_OR_BELOW") {
            CategorySelector::AboveOrBelow
        } else if self.take_word("ABOVE") {
            CategorySelector::Above
        } else if self.take_word("BELOW") {
            CategorySelector::Below
        } else {
            return Err(self.unexpected());
        };
        let categories = match self.token.kind {
            TokenKind::OpenParenthesis => self.parenthesised_list(Self::name)?,
            _ => vec![self.name()?],
        };
        Ok(DataCategory {
            group,
            selector,
            categories,
        })
    }

    pub(super) fn group_by(&mut self) -> Result<GroupBy<'q>, SoqlError> {
        let subtotals = match self.ahead().kind {
            TokenKind::OpenParenthesis if self.take_word("ROLLUP") => Subtotals::Rollup,
            TokenKind::OpenParenthesis if self.take_word("CUBE") => Subtotals::Cube,
            _ => Subtotals::Plain,
        };
        let expressions = match subtotals {
            Subtotals::Plain => self.list(Self::expression)?,
            Subtotals::Rollup | Subtotals::Cube => self.parenthesised_list(Self::expression)?,
        };
        Ok(GroupBy {
            subtotals,
            expressions,
        })
    }

    pub(crate) fn order(&mut self) -> Result<Order<'q>, SoqlError> {
        let expression = self.expression()?;
        let descending = self.take_word("DESC");
        if !descending {
            self.take_word("ASC");
        }
        let nulls = if !self.take_word("NULLS") {
            None
        } else if self.take_word("FIRST") {
            Some(Nulls::First)
        } else if self.take_word("LAST") {
            Some(Nulls::Last)
        } else {
            return Err(self.unexpected());
        };
        Ok(Order {
            expression,
            descending,
            nulls,
        })
    }

    /// A number of rows: digits and nothing else.
    pub(crate) fn count(&mut self) -> Result<Count, SoqlError> {
        let digits = self.lexer.text(self.token);
        let is_digits = digits.bytes().all(|b| b.is_ascii_digit());
        if self.token.kind != TokenKind::Number || !is_digits {
            return Err(self.unexpected());
        }
        let at = self.advance().at();
        let rows = digits.parse().map_err(|_| {
            let message = format!("number outside valid range: {digits}");
            SoqlError::new(SoqlErrorKind::NumberOutsideValidRange, at, message)
        })?;
        Ok(Count { rows, at })
    }

    pub(super) fn purposes(&mut self) -> Result<Vec<Purpose>, SoqlError> {
        let mut purposes = Vec::new();
        while self.take_word("FOR") {
            purposes.push(if self.take_word("VIEW") {
                Purpose::View
            } else if self.take_word("REFERENCE") {
                Purpose::Reference
            } else if self.take_word("UPDATE") {
                Purpose::Update
            } else {
                return Err(self.unexpected());
            });
        }
        Ok(purposes)
    }

    pub(crate) fn updates(&mut self) -> Result<Vec<UpdateStatistic>, SoqlError> {
        let mut updates = Vec::new();
        while self.take_word("UPDATE") {
            updates.extend(self.list(Self::update_statistic)?);
        }
        Ok(updates)
    }

    fn update_statistic(&mut self) -> Result<UpdateStatistic, SoqlError> {
        if self.take_word("TRACKING") {
            return Ok(UpdateStatistic::Tracking);
        }
        self.expect_word("VIEWSTAT")?;
        Ok(UpdateStatistic::ViewStat)
    }
}
