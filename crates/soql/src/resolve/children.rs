//! Subqueries in the SELECT list: the records of a child relationship.

use std::sync::Arc;

use headwater_catalogue::Name;

use super::select::{self, selected_twice};
use super::{CHILD_SUBQUERIES_MAX, Resolver, refuse_unsupported};
use crate::ast::{self, SelectItem};
use crate::error::{SoqlError, SoqlErrorKind};
use crate::resolved::{Children, Output};

/// Checks that there are not too many subqueries in the SELECT lists.
pub(super) fn check_count(query: &ast::Query<'_>) -> Result<(), SoqlError> {
    let mut found = Vec::new();
    gather(query, &mut found);
    match found.get(CHILD_SUBQUERIES_MAX) {
        None => Ok(()),
        Some(one_too_many) => Err(SoqlError::malformed(
            *one_too_many,
            format!(
                "a query can have at most {CHILD_SUBQUERIES_MAX} subqueries in its select lists"
            ),
        )),
    }
}

fn gather(query: &ast::Query<'_>, found: &mut Vec<ast::Position>) {
    for item in &query.select {
        if let SelectItem::Subquery(subquery) = item {
            found.push(subquery.at);
            gather(subquery, found);
        }
    }
}

impl<'a> Resolver<'a> {
    /// `(SELECT LastName FROM Contacts)`
    pub(super) fn children(
        &mut self,
        outer: &ast::Query<'_>,
        query: &ast::Query<'_>,
    ) -> Result<Output, SoqlError> {
        check_clauses(outer, query)?;
        refuse_unsupported(query)?;
        let (relationship, mut inner, place) = self.child(query)?;
        let name = relationship.clone();
        let same = |known: &Children| known.relationship == relationship;
        if self.query.children.iter().any(same) {
            return Err(selected_twice(&relationship));
        }
        let Some(parent) = inner.expression(0, place) else {
            return Err(unknown_relationship(&query.from[0], &relationship));
        };
        self.query.children.push(Children {
            relationship,
            query: Arc::new(inner.resolve(query)?),
            parent,
        });
        Ok(Output::Children {
            name,
            place: self.query.children.len() - 1,
        })
    }

    /// The relationship in FROM: its name in the catalogue, the child's object, and the place of
    /// the reference there.
    fn child(&self, query: &ast::Query<'_>) -> Result<(Name, Resolver<'a>, usize), SoqlError> {
        let source = &query.from[0];
        let names: Vec<ast::Name<'_>> = source.path.names().collect();
        // `FROM Account.Contacts` and `FROM a.Contacts` say whose children they are.
        let asked = match names.as_slice() {
            [relationship] => relationship,
            [parent, relationship] if self.root_names.iter().any(|name| parent.is(name)) => {
                relationship
            }
            _ => return Err(unknown_relationship(source, &source.path.to_string())),
        };
        let context = self.context;
        let mut incoming = context.catalogue.incoming(self.objects[0]).iter();
        let found = incoming.find_map(|incoming| {
            let relationship = incoming.children.as_ref()?;
            if !asked.is(relationship) {
                return None;
            }
            let child = context.catalogue.object(&incoming.object)?;
            let place = child.position(&incoming.field)?;
            let is_seen = context.sees_object(child) && context.sees_field(child, place);
            (is_seen && child.calls.query).then_some((relationship, child, place))
        });
        let (relationship, child, place) =
            found.ok_or_else(|| unknown_relationship(source, asked.text))?;
        let mut inner = Resolver::of(child, source.alias, context);
        inner.root_names.push(relationship.to_string());
        Ok((relationship.clone(), inner, place))
    }
}

/// What goes with a subquery, and what does not, whatever its names mean.
fn check_clauses(outer: &ast::Query<'_>, query: &ast::Query<'_>) -> Result<(), SoqlError> {
    if outer.group_by.is_some() {
        let message = "Nested select lists cannot be used with GROUP BY";
        return Err(SoqlError::malformed(query.at, message));
    }
    if let Some(group_by) = &query.group_by {
        let at = group_by
            .expressions
            .first()
            .map_or(query.at, ast::Expression::at);
        let message = "GROUP BY is not allowed in a subquery of the select list";
        return Err(SoqlError::malformed(at, message));
    }
    if select::is_count(query)? {
        let message = "COUNT() is not allowed in a subquery of the select list";
        return Err(SoqlError::malformed(query.at, message));
    }
    let outer_is_one = outer.limit.is_some_and(|limit| limit.rows == 1);
    match query.offset {
        Some(offset) if !outer_is_one => Err(SoqlError::malformed(
            offset.at,
            "OFFSET in a subquery is only allowed when the outer query has LIMIT 1",
        )),
        _ if !query.purposes.is_empty() || !query.updates.is_empty() => Err(SoqlError::malformed(
            query.at,
            "FOR and UPDATE are only allowed in the outermost query",
        )),
        _ => Ok(()),
    }
}

fn unknown_relationship(source: &ast::Source<'_>, name: &str) -> SoqlError {
    SoqlError::new(
        SoqlErrorKind::InvalidType,
        source.path.at,
        format!(
            "Didn't understand relationship '{name}' in FROM part of query call. If you are \
             attempting to use a custom relationship, be sure to append the '__r' after the custom \
             relationship name. Please reference your WSDL or the describe call for the \
             appropriate names."
        ),
    )
}
