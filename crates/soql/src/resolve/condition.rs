//! WHERE: comparisons checked against the fields' kinds and made into filters.

use headwater_catalogue::{Kind, Name, Value};

use super::path::Content;
use super::value::{Constant, mismatch, type_name};
use super::{Resolver, unsupported};
use crate::ast::{self, Condition, Function, Literal, LiteralValue, Operand, Operator};
use crate::error::{SoqlError, SoqlErrorKind};
use crate::resolved::{Column, Comparison, DateFunction, Expression, Filter};

/// The left side of a comparison.
#[derive(Debug, Clone)]
pub(super) struct Left<'a> {
    pub(super) at: ast::Position,
    /// What messages call it.
    pub(super) name: Name,
    pub(super) kind: &'a Kind,
    pub(super) expression: Expression,
    /// Whether it may be compared with `TODAY` and the like; functions may not.
    pub(super) takes_date_literals: bool,
    /// Whether it is a field of the object in FROM itself, not of a parent.
    pub(super) is_own: bool,
}

/// What a part of a date is.
static PART: Kind = Kind::Integer { digits: 4 };
static DAY: Kind = Kind::Date;

impl<'a> Resolver<'a> {
    pub(super) fn filter(&mut self, condition: &Condition<'_>) -> Result<Filter, SoqlError> {
        match condition {
            Condition::And(terms) => {
                let terms = terms.iter().map(|term| self.filter(term));
                Ok(all(terms.collect::<Result<_, _>>()?))
            }
            Condition::Or(terms) => {
                let terms = terms.iter().map(|term| self.filter(term));
                Ok(any(terms.collect::<Result<_, _>>()?))
            }
            Condition::Not(negated) => Ok(not(self.filter(negated)?)),
            Condition::Comparison(comparison) => self.comparison(comparison),
        }
    }

    fn comparison(&mut self, comparison: &ast::Comparison<'_>) -> Result<Filter, SoqlError> {
        let left = self.left(&comparison.left)?;
        let operator = comparison.operator;
        if !takes(left.kind, operator) {
            return Err(SoqlError::new(
                SoqlErrorKind::InvalidQueryFilterOperator,
                left.at,
                format!("invalid operator on {} field", type_name(left.kind)),
            ));
        }
        match &comparison.right {
            Operand::Literal(literal) if operator == Operator::Like => like(left, literal),
            Operand::Literal(literal) => {
                let constant = self.context.constant(&left, literal)?;
                Ok(compare(&left, operator, constant))
            }
            Operand::List(literals) => self.list(&left, operator, literals),
            Operand::Subquery(query) => {
                let found = self.semi_join(left, query)?;
                Ok(if operator == Operator::NotIn {
                    not(found)
                } else {
                    found
                })
            }
        }
    }

    fn list(
        &self,
        left: &Left<'_>,
        operator: Operator,
        literals: &[Literal<'_>],
    ) -> Result<Filter, SoqlError> {
        match operator {
            Operator::Includes => includes(left, literals),
            Operator::Excludes => Ok(not(includes(left, literals)?)),
            Operator::NotIn => Ok(not(self.one_of(left, literals)?)),
            _ => self.one_of(left, literals),
        }
    }

    fn one_of(&self, left: &Left<'_>, literals: &[Literal<'_>]) -> Result<Filter, SoqlError> {
        let mut values = Vec::with_capacity(literals.len());
        let mut others = Vec::new();
        for literal in literals {
            match self.context.constant(left, literal)? {
                Constant::Value(value) if *left.kind != Kind::Boolean => values.push(value),
                constant => others.push(compare(left, Operator::Equal, constant)),
            }
        }
        if !values.is_empty() {
            others.push(Filter::In {
                left: left.expression.clone(),
                values,
            });
        }
        Ok(any(others))
    }

    fn left(&mut self, expression: &ast::Expression<'_>) -> Result<Left<'a>, SoqlError> {
        match expression {
            ast::Expression::Path(path) => self.filterable(*path),
            ast::Expression::Call(call) => self.date_part(call),
        }
    }

    fn filterable(&mut self, path: ast::Path<'_>) -> Result<Left<'a>, SoqlError> {
        let reached = self.reach(path)?;
        let is_value = matches!(reached.content, Content::Value(_));
        if is_value && !reached.field.filterable {
            return Err(SoqlError::new(
                SoqlErrorKind::InvalidField,
                path.at,
                format!(
                    "field '{}' can not be filtered in a query call",
                    reached.name
                ),
            ));
        }
        Ok(Left {
            at: path.at,
            name: reached.name.clone(),
            kind: &reached.field.kind,
            is_own: reached.walk.steps.is_empty(),
            expression: reached.value(path)?,
            takes_date_literals: true,
        })
    }

    /// `CALENDAR_YEAR(CreatedDate)`, `DAY_ONLY(convertTimezone(CreatedDate))`
    fn date_part(&mut self, call: &ast::Call<'_>) -> Result<Left<'a>, SoqlError> {
        let Some(function) = date_function(call.function) else {
            let what = format!("{} in the WHERE clause", call.function.name());
            return Err(unsupported(call.at, &what));
        };
        let (argument, is_converted) = match call.arguments.first() {
            Some(ast::Argument::Expression(ast::Expression::Call(inner))) => {
                (inner.arguments.first(), true)
            }
            argument => (argument, false),
        };
        let Some(ast::Argument::Expression(ast::Expression::Path(path))) = argument else {
            return Err(unsupported(call.at, call.function.name()));
        };
        let of = self.filterable(*path)?;
        let wants_time =
            is_converted || matches!(function, DateFunction::DayOnly | DateFunction::HourInDay);
        if !(*of.kind == Kind::DateTime || *of.kind == Kind::Date && !wants_time) {
            return Err(SoqlError::new(
                SoqlErrorKind::InvalidField,
                call.at,
                format!(
                    "field {} does not support {}",
                    of.name,
                    call.function.name()
                ),
            ));
        }
        let zone = if is_converted {
            self.context.zone.to_offset(self.context.now).seconds()
        } else {
            0
        };
        Ok(Left {
            at: call.at,
            name: of.name,
            kind: if function == DateFunction::DayOnly {
                &DAY
            } else {
                &PART
            },
            expression: Expression::DateFunction {
                function,
                of: Box::new(of.expression),
                offset_seconds: zone,
            },
            takes_date_literals: false,
            is_own: false,
        })
    }
}

/// Whether an operator goes with a kind.
fn takes(kind: &Kind, operator: Operator) -> bool {
    let is_multiple = matches!(kind, Kind::MultiPicklist(_));
    match operator {
        Operator::Equal | Operator::NotEqual | Operator::In | Operator::NotIn => true,
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            !is_multiple && *kind != Kind::Boolean
        }
        Operator::Like => !is_multiple && type_name(kind) == "string",
        Operator::Includes | Operator::Excludes => is_multiple,
    }
}

fn like(left: Left<'_>, literal: &Literal<'_>) -> Result<Filter, SoqlError> {
    match &literal.value {
        LiteralValue::Pattern(pattern) => Ok(Filter::Like {
            left: left.expression,
            pattern: pattern.to_string(),
        }),
        LiteralValue::Null => Ok(Filter::Never),
        _ => Err(mismatch(&left)),
    }
}

fn includes(left: &Left<'_>, literals: &[Literal<'_>]) -> Result<Filter, SoqlError> {
    let set_of = |literal: &Literal<'_>| match &literal.value {
        LiteralValue::Text(text) => Ok(text
            .split(';')
            .map(|value| value.trim().to_owned())
            .collect()),
        _ => Err(mismatch(left)),
    };
    Ok(Filter::Includes {
        left: left.expression.clone(),
        sets: literals.iter().map(set_of).collect::<Result<_, _>>()?,
    })
}

fn compare(left: &Left<'_>, operator: Operator, constant: Constant) -> Filter {
    if *left.kind == Kind::Boolean {
        let is_wanted = constant == Constant::Value(Value::Boolean(true));
        return is_ticked(
            &left.expression,
            is_wanted != (operator == Operator::NotEqual),
        );
    }
    if operator == Operator::NotEqual {
        return not(compare(left, Operator::Equal, constant));
    }
    let test = |operator, right| Filter::Compare {
        left: left.expression.clone(),
        operator,
        right,
    };
    match constant {
        Constant::Null if operator == Operator::Equal => Filter::IsNull(left.expression.clone()),
        Constant::Null => Filter::Never,
        Constant::Value(value) => test(as_resolved(operator), value),
        // No stored value lies between `below` and the constant.
        Constant::JustAbove(below) => match operator {
            Operator::Less | Operator::LessOrEqual => test(Comparison::LessOrEqual, below),
            Operator::Greater | Operator::GreaterOrEqual => test(Comparison::Greater, below),
            _ => Filter::Never,
        },
        Constant::Range(start, end) => match operator {
            Operator::Less => test(Comparison::Less, start),
            Operator::LessOrEqual => test(Comparison::Less, end),
            Operator::Greater => test(Comparison::GreaterOrEqual, end),
            Operator::GreaterOrEqual => test(Comparison::GreaterOrEqual, start),
            _ => Filter::And(vec![
                test(Comparison::GreaterOrEqual, start),
                test(Comparison::Less, end),
            ]),
        },
    }
}

fn as_resolved(operator: Operator) -> Comparison {
    match operator {
        Operator::Less => Comparison::Less,
        Operator::LessOrEqual => Comparison::LessOrEqual,
        Operator::Greater => Comparison::Greater,
        Operator::GreaterOrEqual => Comparison::GreaterOrEqual,
        _ => Comparison::Equal,
    }
}

/// A checkbox is never null, and one of a parent that is not there is not ticked.
fn is_ticked(left: &Expression, wanted: bool) -> Filter {
    let equals = |value| Filter::Compare {
        left: left.clone(),
        operator: Comparison::Equal,
        right: Value::Boolean(value),
    };
    let is_own = matches!(left, Expression::Column(Column { source: 0, .. }));
    match wanted {
        false if is_own => equals(false),
        false => not(equals(true)),
        true => equals(true),
    }
}

/// All of the filters, as one flat list.
fn all(filters: Vec<Filter>) -> Filter {
    let mut flat = Vec::with_capacity(filters.len());
    for filter in filters {
        match filter {
            Filter::And(inner) => flat.extend(inner),
            Filter::Always => {}
            other => flat.push(other),
        }
    }
    if flat.contains(&Filter::Never) {
        return Filter::Never;
    }
    match flat.len() {
        0 => Filter::Always,
        1 => flat.swap_remove(0),
        _ => Filter::And(flat),
    }
}

/// Any of the filters. They stay one list, however many: what walks a filter goes as deep as the
/// query's parentheses and no deeper.
fn any(mut filters: Vec<Filter>) -> Filter {
    if filters.contains(&Filter::Always) {
        return Filter::Always;
    }
    filters.retain(|filter| *filter != Filter::Never);
    match filters.len() {
        0 => Filter::Never,
        1 => filters.swap_remove(0),
        _ => Filter::Or(filters),
    }
}

fn not(filter: Filter) -> Filter {
    match filter {
        Filter::Always => Filter::Never,
        Filter::Never => Filter::Always,
        Filter::Not(negated) => *negated,
        other => Filter::Not(Box::new(other)),
    }
}

fn date_function(function: Function) -> Option<DateFunction> {
    Some(match function {
        Function::CalendarMonth => DateFunction::CalendarMonth,
        Function::CalendarQuarter => DateFunction::CalendarQuarter,
        Function::CalendarYear => DateFunction::CalendarYear,
        Function::DayInMonth => DateFunction::DayInMonth,
        Function::DayInWeek => DateFunction::DayInWeek,
        Function::DayInYear => DateFunction::DayInYear,
        Function::DayOnly => DateFunction::DayOnly,
        Function::FiscalMonth => DateFunction::FiscalMonth,
        Function::FiscalQuarter => DateFunction::FiscalQuarter,
        Function::FiscalYear => DateFunction::FiscalYear,
        Function::HourInDay => DateFunction::HourInDay,
        Function::WeekInMonth => DateFunction::WeekInMonth,
        Function::WeekInYear => DateFunction::WeekInYear,
        Function::Avg
        | Function::Count
        | Function::CountDistinct
        | Function::Max
        | Function::Min
        | Function::Sum
        | Function::Grouping
        | Function::ConvertTimezone
        | Function::ConvertCurrency
        | Function::Format
        | Function::ToLabel
        | Function::Distance
        | Function::Geolocation => return None,
    })
}
