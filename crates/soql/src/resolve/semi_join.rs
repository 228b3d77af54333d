//! Semi-joins: `Id IN (SELECT AccountId FROM Contact WHERE …)`.

use headwater_catalogue::{Kind, Name, Object};

use super::condition::Left;
use super::{Resolver, SEMI_JOINS_MAX, refuse_unsupported, select};
use crate::ast::{self, Condition, Operand, SelectItem};
use crate::error::SoqlError;
use crate::resolved::{self, Filter};

/// Checks that subqueries stand where they may: few, and not under OR or NOT.
pub(super) fn check_places(condition: &Condition<'_>) -> Result<(), SoqlError> {
    let found = subqueries(condition);
    if let Some(one_too_many) = found.get(SEMI_JOINS_MAX) {
        return Err(SoqlError::malformed(
            one_too_many.at,
            format!(
                "Too many semi join sub-selects, {} were made but maximum allowed number is \
                 {SEMI_JOINS_MAX}",
                found.len()
            ),
        ));
    }
    match misplaced(condition) {
        None => Ok(()),
        Some(query) => Err(SoqlError::malformed(
            query.at,
            "Semi join sub-selects are only allowed at the top level WHERE expressions and not in \
             nested WHERE expressions.",
        )),
    }
}

fn subqueries<'c, 'q>(condition: &'c Condition<'q>) -> Vec<&'c ast::Query<'q>> {
    match condition {
        Condition::And(terms) | Condition::Or(terms) => terms.iter().flat_map(subqueries).collect(),
        Condition::Not(negated) => subqueries(negated),
        Condition::Comparison(comparison) => match &comparison.right {
            Operand::Subquery(query) => vec![query],
            Operand::Literal(_) | Operand::List(_) => Vec::new(),
        },
    }
}

fn misplaced<'c, 'q>(condition: &'c Condition<'q>) -> Option<&'c ast::Query<'q>> {
    match condition {
        Condition::And(terms) => terms.iter().find_map(misplaced),
        Condition::Or(terms) => terms
            .iter()
            .find_map(|term| subqueries(term).first().copied()),
        Condition::Not(negated) => subqueries(negated).first().copied(),
        Condition::Comparison(_) => None,
    }
}

impl Resolver<'_> {
    pub(super) fn semi_join(
        &mut self,
        left: Left<'_>,
        query: &ast::Query<'_>,
    ) -> Result<Filter, SoqlError> {
        check_shape(query)?;
        refuse_unsupported(query)?;
        let mut inner = Resolver::new(query, self.context)?;
        inner.add_aliases(query)?;
        let path = selected_field(query)?;
        let selected = inner.reach(path)?;
        if !selected.walk.steps.is_empty() {
            return Err(SoqlError::malformed(
                path.at,
                format!(
                    "Semi join sub-selects can only select an id field of their own object, \
                     cannot use: '{path}'"
                ),
            ));
        }
        if inner.objects[0].name == self.objects[0].name {
            return Err(SoqlError::malformed(
                query.at,
                "The inner and outer selects should not be on the same object type",
            ));
        }
        let outer = targets(left.kind, self.objects[0]);
        if outer.is_empty() || !left.is_own {
            return Err(SoqlError::malformed(
                left.at,
                format!(
                    "The left operand field in the where expression for outer query should be an \
                     id field, cannot use: '{}'",
                    left.name
                ),
            ));
        }
        if !targets(&selected.field.kind, inner.objects[0])
            .iter()
            .any(|name| outer.contains(name))
        {
            return Err(SoqlError::malformed(
                path.at,
                format!(
                    "The selected field '{}' in the subquery and the left operand field in the \
                     where expression in the outer query '{}' should point to the same object type",
                    selected.name, left.name
                ),
            ));
        }
        let is_nillable = selected.field.nillable;
        let column = selected.value(path)?;
        let mut filter = inner.filter_of(query)?;
        if is_nillable {
            // A null among the ids would make NOT IN unknown in SQL.
            filter = filter.and(Filter::Not(Box::new(Filter::IsNull(column.clone()))));
        }
        let query = resolved::Query {
            columns: vec![column],
            filter,
            include_deleted: self.context.include_deleted,
            ..inner.query
        };
        Ok(Filter::InQuery {
            left: left.expression,
            query: Box::new(query),
            by_row: false,
        })
    }
}

/// What a subquery may be made of, whatever its names mean.
fn check_shape(query: &ast::Query<'_>) -> Result<(), SoqlError> {
    let inner = query.condition.as_ref().map_or_else(Vec::new, subqueries);
    if let Some(inner) = inner.first() {
        let message = "Nesting of semi join sub-selects is not supported";
        return Err(SoqlError::malformed(inner.at, message));
    }
    let is_bare = query.order_by.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && query.group_by.is_none()
        && query.having.is_none()
        && query.purposes.is_empty()
        && query.updates.is_empty();
    if is_bare && !select::is_count(query)? {
        return Ok(());
    }
    Err(SoqlError::malformed(
        query.at,
        "Semi join sub-selects cannot have COUNT, GROUP BY, ORDER BY, LIMIT, OFFSET, FOR or UPDATE",
    ))
}

fn selected_field<'q>(query: &ast::Query<'q>) -> Result<ast::Path<'q>, SoqlError> {
    let at = match query.select.as_slice() {
        [
            SelectItem::Expression {
                expression: ast::Expression::Path(path),
                alias: None,
            },
        ] => return Ok(*path),
        [SelectItem::TypeOf(type_of)] => type_of.at,
        [SelectItem::Fields { at, .. }] => *at,
        [SelectItem::Subquery(inner)] => inner.at,
        _ => query.at,
    };
    Err(SoqlError::malformed(
        at,
        "Semi join sub-selects can only select one id field",
    ))
}

/// The objects whose ids a field holds; none for a field that holds something else.
fn targets<'k>(kind: &'k Kind, object: &'k Object) -> &'k [Name] {
    match kind {
        Kind::Id => std::slice::from_ref(&object.name),
        Kind::Reference(reference) => reference.targets.names(),
        _ => &[],
    }
}
