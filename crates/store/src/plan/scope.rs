//! Expressions and filters as SQL, over the sources in scope.

mod elsewhere;

use headwater_catalogue::{Field, Value, ValueType};
use headwater_soql::resolved::{Column, Comparison, Expression, Filter, Query, Source};
use sea_query::{CaseStatement, Expr, ExprTrait as _, Func};

use super::group::{GROUPS, part_name};
use crate::ddl::is_binary;
use crate::dialect::Dialect;

/// The sources that columns are numbered by, and what their tables are called in the statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) dialect: Dialect,
    /// How many queries lie around this one; each has names of its own.
    pub(crate) depth: u8,
    pub(crate) sources: &'a [Source],
}

impl<'a> Scope<'a> {
    /// The scope of a query's own text.
    pub(crate) fn of(query: &'a Query, dialect: Dialect) -> Self {
        Self::of_sources(&query.sources, dialect)
    }

    /// The scope of these sources.
    pub(crate) fn of_sources(sources: &'a [Source], dialect: Dialect) -> Self {
        Self {
            dialect,
            depth: 0,
            sources,
        }
    }

    /// The name of a source's table in the statement: numbered, for paths may be longer than names
    /// can be.
    pub(crate) fn alias(self, source: usize) -> String {
        let letter = char::from(b't' + self.depth % 6);
        let nesting = self.depth / 6;
        if nesting == 0 {
            format!("{letter}{source}")
        } else {
            format!("{letter}{nesting}_{source}")
        }
    }

    /// A column of a source by its name.
    pub(crate) fn named(self, source: usize, column: &str) -> Expr {
        Expr::col((self.alias(source), column.to_owned()))
    }

    /// The field of a column.
    pub(crate) fn field(self, column: Column) -> &'a Field {
        &self.sources[column.source].object.fields[column.field]
    }

    /// A column's value.
    pub(crate) fn column(self, column: Column) -> Expr {
        self.named(column.source, &self.field(column).name)
    }

    /// An expression's value.
    pub(crate) fn expression(self, expression: &Expression) -> Expr {
        match expression {
            Expression::Column(column) => self.column(*column),
            Expression::FirstOf(choices) if choices.len() == 1 => self.expression(&choices[0]),
            Expression::FirstOf(choices) => {
                Func::coalesce(choices.iter().map(|choice| self.expression(choice))).into()
            }
            Expression::TypeName(sources) => self.type_name(sources),
            Expression::Concatenation { parts, separator } => self.concatenation(parts, separator),
            Expression::ConsentReached { given, required } => self.consent(given, required),
            Expression::CountOf {
                source,
                object,
                reference,
                holding,
            } => self.count_of(*source, object, *reference, holding),
            Expression::LastSeen {
                source,
                object,
                record,
                by,
                at,
                user,
            } => self.last_seen(*source, object, [*record, *by, *at], user),
            Expression::Null(_) => null(),
            Expression::DateFunction { function, of, zone } => {
                self.date_function(*function, of, zone.as_ref())
            }
            Expression::Label { of, labels } => self.label(of, labels),
            Expression::Distance(distance) => self.distance(distance),
            Expression::OfGroup(of_group) => Expr::col((GROUPS, part_name(of_group.part))),
        }
    }

    /// An expression's value as it is read from the database.
    pub(crate) fn selected(self, expression: &Expression) -> Expr {
        let value = self.expression(expression);
        self.dialect
            .selected(value, expression.value_type(self.sources))
    }

    /// An expression in a place where it is compared: text worked out from others has no collation
    /// of its own.
    pub(crate) fn comparable(self, expression: &Expression) -> Expr {
        let value = self.expression(expression);
        match expression {
            _ if !self.ignores_case(expression) => value,
            Expression::Column(_) => self.dialect.folded(value),
            _ => self.dialect.without_case(value),
        }
    }

    /// Whether an expression is text that compares without case.
    pub(crate) fn ignores_case(self, expression: &Expression) -> bool {
        let binary = match expression {
            Expression::Column(column) => is_binary(self.field(*column)),
            Expression::OfGroup(of_group) => of_group.case_sensitive,
            _ => false,
        };
        expression.value_type(self.sources) == ValueType::Text && !binary
    }

    fn type_name(self, sources: &[usize]) -> Expr {
        let mut case = CaseStatement::new();
        for source in sources {
            let name = self.sources[*source].object.name.to_string();
            case = case.case(
                self.named(*source, "Id").is_not_null(),
                Expr::Constant(name.into()),
            );
        }
        if sources.is_empty() {
            null()
        } else {
            case.into()
        }
    }

    fn concatenation(self, parts: &[Expression], separator: &str) -> Expr {
        let separator = Expr::Constant(separator.to_owned().into());
        let parts = parts.iter().map(|part| self.expression(part));
        let joined = Func::cust("concat_ws").args(std::iter::once(separator).chain(parts));
        Func::cust("NULLIF")
            .arg(joined)
            .arg(Expr::Constant(String::new().into()))
            .into()
    }

    /// Levels of consent are numbers from 0; what is not set asks for the lowest one.
    fn consent(self, given: &Expression, required: &Expression) -> Expr {
        let levels = |of: &Expression, names: [(&str, i64); 3], otherwise: i64| {
            let case = names
                .into_iter()
                .fold(CaseStatement::new(), |case, (name, level)| {
                    let name = Expr::Constant(name.to_owned().into());
                    let is_it = self.comparable(of).eq(self.dialect.folded(name));
                    case.case(is_it, Dialect::number(level))
                });
            let case: Expr = case.finally(Dialect::number(otherwise)).into();
            case
        };
        let given_names = [
            ("ImplicitlyOptedIn", 1),
            ("ExplicitlyOptedIn", 2),
            ("DoublyOptedIn", 3),
        ];
        let required_names = [
            ("ImplicitOptIn", 1),
            ("ExplicitOptIn", 2),
            ("DoubleOptIn", 3),
        ];
        let reached = levels(given, given_names, 0).gte(levels(required, required_names, 1));
        match given {
            Expression::Column(column) => self.if_there(column.source, reached),
            _ => reached,
        }
    }

    /// The value, but null when the parent it belongs to is not there or not to be seen.
    fn if_there(self, source: usize, value: Expr) -> Expr {
        if source == 0 {
            return value;
        }
        CaseStatement::new()
            .case(self.named(source, "Id").is_not_null(), value)
            .into()
    }

    /// A filter as a condition that is true for the rows it lets through, and false or null for
    /// the others.
    pub(crate) fn filter(self, filter: &Filter) -> Expr {
        match filter {
            Filter::Always => truth(true),
            Filter::Never => truth(false),
            Filter::And(all) => join(self.each(all), truth(true), Expr::and),
            Filter::Or(all) => join(self.each(all), truth(false), Expr::or),
            Filter::Not(filter) => self.negated(filter),
            Filter::IsNull(expression) => self.expression(expression).is_null(),
            Filter::Compare {
                left,
                operator,
                right,
            } => self.compare(left, *operator, right),
            Filter::In { values, .. } if values.is_empty() => truth(false),
            Filter::In { left, values } => {
                let values = values.iter().map(|value| self.value_for(left, value));
                self.comparable(left).is_in(values.collect::<Vec<_>>())
            }
            Filter::Like { left, pattern } => self.like(left, pattern),
            Filter::Includes { left, sets } => self.includes(left, sets),
            Filter::InQuery {
                left,
                query,
                by_row,
            } => self.in_query(left, query, *by_row),
            Filter::Found { source, search } => {
                let object = &self.sources[*source].object;
                let index = format!("{}w", self.alias(*source));
                let ids = self.dialect.found_ids(object, search, &index);
                self.named(*source, "Id").in_subquery(ids)
            }
        }
    }

    fn each(self, filters: &[Filter]) -> Vec<Expr> {
        filters.iter().map(|filter| self.filter(filter)).collect()
    }

    fn negated(self, filter: &Filter) -> Expr {
        match filter {
            Filter::Always => truth(false),
            Filter::Never => truth(true),
            Filter::Not(filter) => self.filter(filter),
            Filter::IsNull(expression) => self.expression(expression).is_not_null(),
            // Null is not true either, as SOQL wants it.
            other => self.filter(other).is_not(truth(true)),
        }
    }

    fn compare(self, left: &Expression, operator: Comparison, right: &Value) -> Expr {
        let (left, right) = (self.comparable(left), self.value_for(left, right));
        match operator {
            Comparison::Equal => left.eq(right),
            Comparison::Less => left.lt(right),
            Comparison::LessOrEqual => left.lte(right),
            Comparison::Greater => left.gt(right),
            Comparison::GreaterOrEqual => left.gte(right),
        }
    }

    /// A value to compare with an expression, in the form in which its values are held.
    pub(crate) fn value_for(self, left: &Expression, value: &Value) -> Expr {
        let value = self.dialect.bound(value, left.value_type(self.sources));
        if self.ignores_case(left) {
            self.dialect.folded(value)
        } else {
            value
        }
    }

    /// A pattern that begins with plain characters also says in which range of an index to look.
    fn like(self, left: &Expression, pattern: &str) -> Expr {
        let matches = self.dialect.like(self.expression(left), pattern);
        let beginning = beginning(pattern);
        let is_column = matches!(left, Expression::Column(_));
        if beginning.is_empty() || !is_column || !self.ignores_case(left) {
            return matches;
        }
        let from = self.comparable(left).gte(beginning.clone());
        match following(beginning) {
            Some(end) => matches.and(from).and(self.comparable(left).lt(end)),
            None => matches.and(from),
        }
    }

    /// Values of a multi-select are joined by `;`, so each stands between two of them once one is
    /// put at either end.
    fn includes(self, left: &Expression, sets: &[Vec<String>]) -> Expr {
        let edge = || Expr::Constant(";".to_owned().into());
        let fenced = || {
            let text = [edge(), self.expression(left), edge()];
            let joined: Expr = Func::cust("concat").args(text).into();
            CaseStatement::new()
                .case(self.expression(left).is_not_null(), joined)
                .into()
        };
        let has = |value: &String| {
            self.dialect
                .like(fenced(), &format!("%;{};%", literal(value)))
        };
        let sets = sets
            .iter()
            .map(|set| join(set.iter().map(has).collect(), truth(true), Expr::and));
        join(sets.collect(), truth(false), Expr::or)
    }

    /// An engine gathers the ids of a subquery once, unless it names the row that asks.
    fn in_query(self, left: &Expression, query: &Query, by_row: bool) -> Expr {
        let scope = Scope {
            dialect: self.dialect,
            depth: self.depth + 1,
            sources: &query.sources,
        };
        let mut ids = super::subquery(scope, query);
        if by_row && let Some(id) = query.columns.first() {
            ids.and_where(scope.comparable(id).eq(self.comparable(left)));
        }
        self.comparable(left).in_subquery(ids)
    }
}

/// The characters every match begins with, as far as they are ASCII: what follows those is easily
/// told.
fn beginning(pattern: &str) -> String {
    let plain = |c: &char| c.is_ascii() && !matches!(c, '%' | '_' | '\\');
    pattern
        .chars()
        .take_while(plain)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// A text after all that begin so. Should it end in a capital, it compares as the small letter,
/// which is later still.
fn following(mut beginning: String) -> Option<String> {
    let last = u8::try_from(beginning.pop()?).ok()?;
    let next = last.checked_add(1).filter(u8::is_ascii)?;
    beginning.push(char::from(next));
    Some(beginning)
}

/// A text as the pattern that only it matches.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// Joins conditions pairwise, for databases bound the depth of expressions.
pub(crate) fn join(mut all: Vec<Expr>, none: Expr, with: fn(Expr, Expr) -> Expr) -> Expr {
    match all.len() {
        0 => none,
        1 => all.remove(0),
        n => {
            let rest = all.split_off(n / 2);
            with(join(all, none.clone(), with), join(rest, none, with))
        }
    }
}

/// A constant condition.
pub(crate) fn truth(on: bool) -> Expr {
    Expr::Constant(on.into())
}

fn null() -> Expr {
    Expr::Keyword(sea_query::Keyword::Null)
}
