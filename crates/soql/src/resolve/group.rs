//! GROUP BY, and what a query may name once its rows are gathered into groups.

use headwater_catalogue::Kind;

use super::aggregate::aggregate_function;
use super::condition::Left;
use super::function::{does_not_support, label, misplaced, path_of};
use super::path::Content;
use super::{Clause, GROUP_FIELDS_MAX, Resolver, SUBTOTAL_FIELDS_MAX};
use crate::ast::{self, Argument, Function, SelectItem, Subtotals};
use crate::error::{SoqlError, SoqlErrorKind};
use crate::resolved::{Expression, Filter, GroupPart, Grouping, OfGroup, Output};

/// What numbers of rows are, and whether a group is a subtotal.
pub(super) static COUNT: Kind = Kind::Integer { digits: 18 };
/// Whether the rows of a query are gathered: by GROUP BY, or by an aggregate.
pub(super) fn is_grouped(query: &ast::Query<'_>) -> bool {
    let gathers = |item: &SelectItem<'_>| match item {
        SelectItem::Expression {
            expression: ast::Expression::Call(call),
            ..
        } => call_gathers(call),
        _ => false,
    };
    query.group_by.is_some() || query.having.is_some() || query.select.iter().any(gathers)
}

fn call_gathers(call: &ast::Call<'_>) -> bool {
    let within = |argument: &Argument<'_>| match argument {
        Argument::Expression(ast::Expression::Call(inner)) => call_gathers(inner),
        _ => false,
    };
    call.function.is_aggregate()
        || call.function == Function::Grouping
        || call.arguments.iter().any(within)
}

impl<'a> Resolver<'a> {
    /// GROUP BY, the SELECT list and HAVING of a query whose rows are gathered.
    pub(super) fn group(&mut self, query: &ast::Query<'_>) -> Result<Vec<Output>, SoqlError> {
        check_clauses(query)?;
        let keys = self.keys(query.group_by.as_ref())?;
        let sets = sets(query.group_by.as_ref(), keys.len());
        self.query.columns.clear();
        self.query.group = Some(Grouping {
            keys,
            sets,
            aggregates: Vec::new(),
            having: Filter::Always,
        });
        let outputs = self.group_outputs(query)?;
        if let Some(condition) = &query.having {
            self.condition_of = Clause::Having;
            let having = self.filter(condition)?;
            self.condition_of = Clause::Where;
            if let Some(group) = &mut self.query.group {
                group.having = having;
            }
        }
        Ok(outputs)
    }

    fn keys(&mut self, group_by: Option<&ast::GroupBy<'_>>) -> Result<Vec<Expression>, SoqlError> {
        let Some(group_by) = group_by else {
            return Ok(Vec::new());
        };
        let fields_max = match group_by.subtotals {
            Subtotals::Plain => GROUP_FIELDS_MAX,
            Subtotals::Rollup | Subtotals::Cube => SUBTOTAL_FIELDS_MAX,
        };
        if let Some(one_too_many) = group_by.expressions.get(fields_max) {
            return Err(SoqlError::malformed(
                one_too_many.at(),
                format!("this GROUP BY can have at most {fields_max} fields"),
            ));
        }
        let mut keys = Vec::new();
        for expression in &group_by.expressions {
            let key = self.key(expression)?;
            if keys.contains(&key) {
                let message = "a field is grouped by once";
                return Err(SoqlError::malformed(expression.at(), message));
            }
            keys.push(key);
        }
        Ok(keys)
    }

    fn key(&mut self, expression: &ast::Expression<'_>) -> Result<Expression, SoqlError> {
        let path = match expression {
            ast::Expression::Path(path) => *path,
            ast::Expression::Call(call) if call.function.is_date_part() => {
                let part = self.date_part(call)?.expression;
                if is_looked_up(&part) {
                    return Err(not_groupable(call.at, call.function.name()));
                }
                return Ok(part);
            }
            ast::Expression::Call(call) => return Err(misplaced(call, Clause::GroupBy)),
        };
        let reached = self.reach(path)?;
        match reached.content {
            Content::Value(value) if reached.field.groupable => Ok(value),
            Content::Value(_) | Content::Address(_) => Err(not_groupable(path.at, &reached.name)),
        }
    }

    fn group_outputs(&mut self, query: &ast::Query<'_>) -> Result<Vec<Output>, SoqlError> {
        let mut outputs: Vec<Output> = Vec::with_capacity(query.select.len());
        let mut unnamed = 0;
        for item in &query.select {
            let (expression, alias) = match item {
                SelectItem::Expression { expression, alias } => (expression, *alias),
                other => return Err(ungrouped_item(other)),
            };
            let left = self.group_value(expression)?;
            let name = match (alias, expression) {
                (Some(alias), _) => alias.text.to_owned().into(),
                (None, expression) if keeps_its_name(expression) => left.name.clone(),
                (None, _) => {
                    unnamed += 1;
                    format!("expr{}", unnamed - 1).into()
                }
            };
            let known = |output: &Output| output.name().eq_ignore_ascii_case(&name);
            if outputs.iter().any(known) {
                let at = alias.map_or_else(|| expression.at(), |alias| alias.at);
                return Err(SoqlError::malformed(at, format!("duplicate alias: {name}")));
            }
            let column = self.query.column(left.expression);
            let kind = left.kind.clone();
            outputs.push(match expression {
                ast::Expression::Path(_) => Output::Value { name, column, kind },
                ast::Expression::Call(call) => Output::Function {
                    name,
                    column,
                    kind,
                    call: written(call),
                    formatted: self.formatted(call),
                },
            });
        }
        Ok(outputs)
    }

    /// One item of the SELECT list, of which `FORMAT` makes text only when it is written.
    fn group_value(&mut self, expression: &ast::Expression<'_>) -> Result<Left<'a>, SoqlError> {
        let ast::Expression::Call(call) = expression else {
            return self.of_group(expression, Clause::Select);
        };
        match (call.function, call.arguments.first()) {
            (Function::Format, Some(Argument::Expression(inner))) => self.group_value(inner),
            (Function::ConvertCurrency, Some(Argument::Expression(inner))) => {
                let left = self.of_group(inner, Clause::Select)?;
                if matches!(left.kind, Kind::Currency(_)) {
                    Ok(left)
                } else {
                    Err(does_not_support(call, &left.name))
                }
            }
            _ => self.of_group(expression, Clause::Select),
        }
    }

    /// What a group has under an expression: a key, an aggregate, whether it is a subtotal.
    pub(super) fn of_group(
        &mut self,
        expression: &ast::Expression<'_>,
        clause: Clause,
    ) -> Result<Left<'a>, SoqlError> {
        let call = match expression {
            ast::Expression::Path(path) => return self.grouped_field(*path, clause),
            ast::Expression::Call(call) => call,
        };
        if call.function.is_date_part() {
            let part = self.date_part(call)?;
            return self.grouped(part, clause);
        }
        if let Some(function) = aggregate_function(call.function) {
            return self.aggregate(call, function);
        }
        match call.function {
            Function::Grouping => {
                self.check_subtotals(call)?;
                let path = path_of(call)?;
                let left = self.grouped_field(path, clause)?;
                Ok(subtotal(left))
            }
            Function::ToLabel => {
                let path = path_of(call)?;
                label(self.grouped_field(path, clause)?)
            }
            _ => Err(misplaced(call, clause)),
        }
    }

    fn check_subtotals(&self, call: &ast::Call<'_>) -> Result<(), SoqlError> {
        let group = self.query.group.as_ref();
        if group.is_some_and(|group| group.sets.len() > 1) {
            return Ok(());
        }
        Err(SoqlError::malformed(
            call.at,
            "GROUPING is only for GROUP BY ROLLUP and GROUP BY CUBE",
        ))
    }

    fn grouped_field(
        &mut self,
        path: ast::Path<'_>,
        clause: Clause,
    ) -> Result<Left<'a>, SoqlError> {
        let reached = self.reach(path)?;
        let kind = &reached.field.kind;
        let name = reached.name.clone();
        let Content::Value(expression) = reached.content else {
            return Err(not_grouped(path.at, &name, clause));
        };
        let left = Left {
            at: path.at,
            name,
            kind,
            value_type: kind.value_type(),
            expression,
            takes_date_literals: true,
            is_own: false,
        };
        self.grouped(left, clause)
    }

    /// What is known of a row, as what is known of its group.
    fn grouped(&self, left: Left<'a>, clause: Clause) -> Result<Left<'a>, SoqlError> {
        let group = self.query.group.as_ref();
        let key = group.and_then(|group| group.key(&left.expression));
        let key = key.ok_or_else(|| not_grouped(left.at, &left.name, clause))?;
        Ok(Left {
            expression: self.part(GroupPart::Key(key), &left.expression),
            ..left
        })
    }

    /// A part of a group that holds what this expression does.
    pub(super) fn part(&self, part: GroupPart, as_this: &Expression) -> Expression {
        Expression::OfGroup(OfGroup::holding(part, as_this, &self.query.sources))
    }
}

/// What goes with an aggregate, whatever its names mean.
fn check_clauses(query: &ast::Query<'_>) -> Result<(), SoqlError> {
    if query.group_by.is_some() {
        return Ok(());
    }
    if let Some(limit) = query.limit.or(query.offset) {
        return Err(SoqlError::malformed(
            limit.at,
            "Non-grouped query that uses overall aggregate functions cannot also use LIMIT",
        ));
    }
    Ok(())
}

/// Which keys each of the sets has: all first, then fewer and fewer.
fn sets(group_by: Option<&ast::GroupBy<'_>>, keys: usize) -> Vec<Vec<bool>> {
    match group_by.map(|group_by| group_by.subtotals) {
        None | Some(Subtotals::Plain) => vec![vec![true; keys]],
        Some(Subtotals::Rollup) => (0..=keys)
            .rev()
            .map(|kept| (0..keys).map(|key| key < kept).collect())
            .collect(),
        Some(Subtotals::Cube) => (0..1_usize << keys)
            .map(|left_out| (0..keys).map(|key| left_out >> key & 1 == 0).collect())
            .collect(),
    }
}

/// Whether what is selected has the field's name when it is given no other.
fn keeps_its_name(expression: &ast::Expression<'_>) -> bool {
    match expression {
        ast::Expression::Path(_) => true,
        ast::Expression::Call(call) => {
            let inner = match call.arguments.first() {
                Some(Argument::Expression(inner)) => keeps_its_name(inner),
                _ => false,
            };
            let is_same = matches!(
                call.function,
                Function::ToLabel | Function::Format | Function::ConvertCurrency
            );
            is_same && inner
        }
    }
}

/// A call as results call it: `avg(Amount)`.
pub(super) fn written(call: &ast::Call<'_>) -> String {
    let text = ast::Expression::Call(call.clone()).to_string();
    match text.split_once('(') {
        Some((name, rest)) if call.function.is_aggregate() => {
            format!("{}({rest}", name.to_ascii_lowercase())
        }
        _ => text,
    }
}

fn subtotal(left: Left<'_>) -> Left<'_> {
    let part = match left.expression {
        Expression::OfGroup(OfGroup {
            part: GroupPart::Key(key),
            ..
        }) => GroupPart::Subtotal(key),
        _ => GroupPart::Set,
    };
    Left {
        kind: &COUNT,
        value_type: COUNT.value_type(),
        expression: Expression::OfGroup(OfGroup::number(part)),
        ..left
    }
}

/// Whether a value is looked up beside each row: one engine cannot group by such.
fn is_looked_up(expression: &Expression) -> bool {
    match expression {
        Expression::LastSeen { .. } | Expression::CountOf { .. } => true,
        Expression::DateFunction { of, .. } => is_looked_up(of),
        _ => false,
    }
}

fn not_groupable(at: ast::Position, name: &str) -> SoqlError {
    let message = format!("field '{name}' can not be grouped in a query call");
    SoqlError::malformed(at, message)
}

fn not_grouped(at: ast::Position, name: &str, clause: Clause) -> SoqlError {
    let what = match clause {
        Clause::OrderBy => "Ordered field",
        Clause::Select | Clause::Where | Clause::GroupBy | Clause::Having => "Field",
    };
    SoqlError::malformed(at, format!("{what} must be grouped or aggregated: {name}"))
}

fn ungrouped_item(item: &SelectItem<'_>) -> SoqlError {
    match item {
        SelectItem::Subquery(query) => SoqlError::malformed(
            query.at,
            "Grouped query cannot use child relationships in the SELECT list",
        ),
        SelectItem::TypeOf(type_of) => {
            SoqlError::malformed(type_of.at, "TYPEOF is not allowed in a grouped query")
        }
        SelectItem::Fields { at, .. } => {
            SoqlError::malformed(*at, "FIELDS is not allowed in a grouped query")
        }
        SelectItem::Expression { expression, .. } => SoqlError::new(
            SoqlErrorKind::MalformedQuery,
            expression.at(),
            "Field must be grouped or aggregated",
        ),
    }
}
