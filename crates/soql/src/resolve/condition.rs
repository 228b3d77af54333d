//! WHERE: comparisons checked against the fields' kinds and made into filters.

use headwater_catalogue::{Kind, Name, Value, ValueType};

use super::path::Content;
use super::value::{Constant, mismatch, type_name};
use super::{Clause, Resolver};
use crate::ast::{self, Condition, Literal, LiteralValue, Operand, Operator};
use crate::error::{SoqlError, SoqlErrorKind};
use crate::resolved::{Column, Comparison, Expression, Filter};

/// The left side of a comparison, or what another clause names.
#[derive(Debug, Clone)]
pub(super) struct Left<'a> {
    pub(super) at: ast::Position,
    /// What messages call it.
    pub(super) name: Name,
    pub(super) kind: &'a Kind,
    /// The type of its values, which for a sum or an average is not the kind's.
    pub(super) value_type: ValueType,
    pub(super) expression: Expression,
    /// Whether it may be compared with `TODAY` and the like; functions may not.
    pub(super) takes_date_literals: bool,
    /// Whether it is a field of the object in FROM itself, not of a parent.
    pub(super) is_own: bool,
}

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
        let left = match self.condition_of {
            Clause::Having => self.of_group(&comparison.left, Clause::Having)?,
            _ => self.left(&comparison.left)?,
        };
        let operator = comparison.operator;
        check_distance(&left, comparison)?;
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
            Operand::Subquery(query) if self.condition_of == Clause::Having => {
                let message = "Semi join sub-selects are not allowed in the HAVING clause";
                Err(SoqlError::malformed(query.at, message))
            }
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
            ast::Expression::Call(call) => self.of_row(call, Clause::Where),
        }
    }

    pub(super) fn filterable(&mut self, path: ast::Path<'_>) -> Result<Left<'a>, SoqlError> {
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
            value_type: reached.field.kind.value_type(),
            expression: reached.value(path)?,
            takes_date_literals: true,
        })
    }
}

/// How far away something is can be compared, but it is never exactly so far.
fn check_distance(left: &Left<'_>, comparison: &ast::Comparison<'_>) -> Result<(), SoqlError> {
    let is_bound = matches!(comparison.operator, Operator::Less | Operator::Greater);
    if is_bound || !matches!(left.expression, Expression::Distance(_)) {
        return Ok(());
    }
    Err(SoqlError::malformed(
        comparison.operator_at,
        "DISTANCE can only be compared by < and >",
    ))
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
