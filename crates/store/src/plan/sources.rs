//! FROM and its joins: which sources a statement needs, and how their rows are found.

use headwater_soql::resolved::{Column, Expression, Filter, Query, Source};
use sea_query::{ExprTrait as _, IntoTableRef as _, SelectStatement, TableRef};

use super::scope::Scope;
use super::{PARENT, WINNERS, found};
use crate::ddl::IS_DELETED;

/// FROM, the joins that are needed, and WHERE without a key.
pub(super) fn rows(
    scope: Scope<'_>,
    query: &Query,
    used: &mut Used<'_>,
    select: &mut SelectStatement,
) {
    used.filter(&query.filter);
    query
        .order
        .iter()
        .for_each(|term| used.expression(&term.by));
    let search = query.search();
    match search {
        Some(search) => found::begin(scope, query, search, select),
        None => {
            select.from_as(table(&query.sources[0]), scope.alias(0));
        }
    }
    used.close();
    joins(scope, query, used, None, select);
    if query.object().keeps_deleted() && !query.include_deleted {
        select.and_where(scope.named(0, IS_DELETED).eq(scope.dialect.boolean(false)));
    }
    let conditions = found::others(&query.filter, search);
    for filter in std::iter::once(&query.sources[0].visible).chain(conditions) {
        if *filter != Filter::Always {
            select.and_where(scope.filter(filter));
        }
    }
}

/// The parents that are used, each with what the caller may see of it; one of them may have been
/// found already.
pub(super) fn joins(
    scope: Scope<'_>,
    query: &Query,
    used: &Used<'_>,
    found: Option<usize>,
    select: &mut SelectStatement,
) {
    for (place, source) in query.sources.iter().enumerate().skip(1) {
        let (Some(link), true) = (source.parent, used.sources[place]) else {
            continue;
        };
        let reference = scope.column(Column {
            source: link.source,
            field: link.field,
        });
        let on = if found == Some(place) {
            scope
                .named(place, scope.dialect.locator())
                .equals((WINNERS, PARENT))
        } else if source.visible == Filter::Always {
            scope.named(place, "Id").eq(reference)
        } else {
            let same = scope.named(place, "Id").eq(reference);
            same.and(scope.filter(&source.visible))
        };
        let alias = scope.alias(place);
        select.join_as(sea_query::JoinType::LeftJoin, table(source), alias, on);
    }
}

pub(super) fn aliased(scope: Scope<'_>, query: &Query, source: usize) -> TableRef {
    table(&query.sources[source])
        .into_table_ref()
        .alias(scope.alias(source))
}

pub(super) fn table(source: &Source) -> String {
    source.object.name.to_string()
}

/// Which sources a statement needs.
#[derive(Debug)]
pub(super) struct Used<'a> {
    query: &'a Query,
    pub(super) sources: Vec<bool>,
}

impl<'a> Used<'a> {
    pub(super) fn none(query: &'a Query) -> Self {
        let sources = vec![false; query.sources.len()];
        Self { query, sources }
    }

    pub(super) fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Column(column) => self.sources[column.source] = true,
            Expression::FirstOf(parts) | Expression::Concatenation { parts, .. } => {
                for part in parts {
                    self.expression(part);
                }
            }
            Expression::TypeName(sources) => {
                for source in sources {
                    self.sources[*source] = true;
                }
            }
            Expression::ConsentReached { given, required } => {
                self.expression(given);
                self.expression(required);
            }
            Expression::CountOf { source, .. } | Expression::LastSeen { source, .. } => {
                self.sources[*source] = true;
            }
            // What a group has comes from the inner statement.
            Expression::Null(_) | Expression::OfGroup(_) => {}
            Expression::DateFunction { of, .. } | Expression::Label { of, .. } => {
                self.expression(of);
            }
            Expression::Distance(distance) => {
                self.sources[distance.latitude.source] = true;
                self.sources[distance.longitude.source] = true;
            }
        }
    }

    pub(super) fn filter(&mut self, filter: &Filter) {
        match filter {
            Filter::Always | Filter::Never => {}
            Filter::And(all) | Filter::Or(all) => all.iter().for_each(|one| self.filter(one)),
            Filter::Not(one) => self.filter(one),
            Filter::Found { source, .. } => self.sources[*source] = true,
            Filter::IsNull(left)
            | Filter::Compare { left, .. }
            | Filter::In { left, .. }
            | Filter::Like { left, .. }
            | Filter::Includes { left, .. }
            | Filter::InQuery { left, .. } => self.expression(left),
        }
    }

    /// A source needs the one that refers to it, and those its visibility is about.
    pub(super) fn close(&mut self) {
        for place in (1..self.sources.len()).rev() {
            let source = &self.query.sources[place];
            if self.sources[place]
                && let Some(link) = source.parent
            {
                self.sources[link.source] = true;
                self.filter(&source.visible);
            }
        }
    }
}
