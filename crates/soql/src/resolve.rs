//! Names looked up in the catalogue: syntax tree to [`resolved::Query`].
//!
//! Every name a query writes passes [`Sight`]: what the caller may not see is, to the letter of
//! the message, what does not exist.

use std::sync::Arc;

use headwater_catalogue::{Access, Catalogue, Field, Formula, Id, Object, Source};
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::ast;
use crate::error::{SoqlError, SoqlErrorKind};
use crate::resolved::{self, Filter};

mod aggregate;
mod children;
mod condition;
mod date_range;
mod function;
mod group;
mod path;
mod polymorphic;
mod scope;
mod select;
mod semi_join;
mod type_of;
mod value;

/// The most rows OFFSET may leave out.
pub const OFFSET_ROWS_MAX: u32 = 2_000;
/// The most relationships one path may follow.
pub const PATH_LEVELS_MAX: usize = 5;
/// The most objects one query may join, those joined for inherited fields counted. Databases have
/// such a limit too; this one comes first and is told in a sentence.
pub const SOURCES_MAX: usize = 55;
/// The most terms of an ORDER BY.
pub const ORDER_TERMS_MAX: usize = 32;
/// The most fields of a GROUP BY.
pub const GROUP_FIELDS_MAX: usize = 32;
/// The most fields of a ROLLUP or a CUBE.
pub const SUBTOTAL_FIELDS_MAX: usize = 3;
/// The most rows a query for `FIELDS(ALL)` or `FIELDS(CUSTOM)` may ask for.
pub const FIELDS_ROWS_MAX: u32 = 200;
/// The most semi-joins and anti-joins of a query.
pub const SEMI_JOINS_MAX: usize = 2;
/// The most subqueries in the SELECT lists of a query, those within others counted.
pub const CHILD_SUBQUERIES_MAX: usize = 20;

/// What a caller may see. `records` implements it with the caller's rights.
pub trait Sight {
    /// Whether the object is visible at all.
    fn sees_object(&self, object: &Object) -> bool;

    /// Whether the field at this place of the object is visible. Where an inherited or computed
    /// field comes from is asked separately.
    fn sees_field(&self, object: &Object, field: usize) -> bool;
}

/// What a query is resolved with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What exists.
    pub catalogue: &'a Catalogue,
    /// What of it the caller may see.
    pub sight: &'a dyn Sight,
    /// Who `USING SCOPE mine` is about.
    pub caller: Id,
    /// The groups and queues they are in.
    pub groups: &'a [Id],
    /// What date literals count from.
    pub now: Timestamp,
    /// Where the caller's days begin.
    pub zone: &'a TimeZone,
    /// What the caller's weeks begin with.
    pub first_weekday: Weekday,
    /// Whether deleted rows are wanted (`queryAll`).
    pub include_deleted: bool,
}

/// Looks up every name of a query and converts every constant to the type of its field.
///
/// Row visibility is not in the result: each source's `visible` is for `records` to fill.
///
/// # Errors
/// The first name that is unknown or unseen, the first constant or operator that does not fit its
/// field, the first clause that does not go with the others.
pub fn resolve(
    query: &ast::Query<'_>,
    context: &Context<'_>,
) -> Result<resolved::Query, SoqlError> {
    children::check_count(query)?;
    refuse_unsupported(query)?;
    let resolver = Resolver::new(query, *context)?;
    resolver.resolve(query)
}

/// A query being resolved.
struct Resolver<'a> {
    context: Context<'a>,
    query: resolved::Query,
    /// The objects of the query's sources, by the same places.
    objects: Vec<&'a Arc<Object>>,
    /// What the object in FROM is called in paths: its name, and its alias.
    root_names: Vec<String>,
    /// Aliases of parents that the old join style introduced.
    joined: Vec<(String, path::Walk)>,
    /// Whose condition is being looked at: that of WHERE or of HAVING.
    condition_of: Clause,
}

/// Where something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clause {
    Select,
    Where,
    GroupBy,
    Having,
    OrderBy,
}

impl Clause {
    /// What messages call it.
    fn name(self) -> &'static str {
        match self {
            Self::Select => "the SELECT list",
            Self::Where => "the WHERE clause",
            Self::GroupBy => "the GROUP BY clause",
            Self::Having => "the HAVING clause",
            Self::OrderBy => "the ORDER BY clause",
        }
    }
}

impl<'a> Resolver<'a> {
    /// All clauses of a query whose object is known.
    fn resolve(mut self, query: &ast::Query<'_>) -> Result<resolved::Query, SoqlError> {
        self.add_aliases(query)?;
        if select::is_count(query)? {
            check_count(query)?;
            self.query.count = true;
        } else if group::is_grouped(query) {
            self.query.outputs = self.group(query)?;
        } else {
            self.query.outputs = self.outputs(query)?;
        }
        self.query.filter = self.filter_of(query)?;
        self.query.order = self.order_of(query)?;
        self.query.limit = query.limit.map(|limit| limit.rows.into());
        self.query.offset = offset_of(query)?.into();
        self.query.include_deleted = self.context.include_deleted;
        self.query.purposes.clone_from(&query.purposes);
        Ok(self.query)
    }

    fn new(query: &ast::Query<'_>, context: Context<'a>) -> Result<Self, SoqlError> {
        let source = &query.from[0];
        let object = source
            .path
            .single()
            .and_then(|name| context.catalogue.object(name.text))
            .filter(|object| context.sees_object(object))
            .ok_or_else(|| unknown_object(source.path))?;
        if !object.calls.query {
            return Err(SoqlError::new(
                SoqlErrorKind::InvalidType,
                source.path.at,
                format!("entity type {} does not support query", object.name),
            ));
        }
        Ok(Self::of(object, source.alias, context))
    }

    fn of(object: &'a Arc<Object>, alias: Option<ast::Name<'_>>, context: Context<'a>) -> Self {
        let alias = alias.map(|alias| alias.text.to_owned());
        Self {
            context,
            query: resolved::Query::of_object(object),
            objects: vec![object],
            root_names: alias.into_iter().chain([object.name.to_string()]).collect(),
            joined: Vec::new(),
            condition_of: Clause::Where,
        }
    }

    /// `FROM Contact c, c.Account a`
    pub(super) fn add_aliases(&mut self, query: &ast::Query<'_>) -> Result<(), SoqlError> {
        for source in &query.from[1..] {
            let walk = self.walk_all(source.path)?;
            let alias = match source.alias {
                Some(alias) => alias.text.to_owned(),
                None => walk.last_name().unwrap_or_default().to_owned(),
            };
            let taken = self.joined.iter().map(|(known, _)| known);
            if taken
                .chain(&self.root_names)
                .any(|known| known.eq_ignore_ascii_case(&alias))
            {
                let message = format!("duplicate alias: '{alias}'");
                return Err(SoqlError::malformed(source.path.at, message));
            }
            self.joined.push((alias, walk));
        }
        Ok(())
    }

    fn filter_of(&mut self, query: &ast::Query<'_>) -> Result<Filter, SoqlError> {
        let scope = match &query.scope {
            Some(scope) => self.context.scope(self.objects[0], *scope)?,
            None => Filter::Always,
        };
        let Some(condition) = &query.condition else {
            return Ok(scope);
        };
        semi_join::check_places(condition)?;
        Ok(scope.and(self.filter(condition)?))
    }

    fn order_of(&mut self, query: &ast::Query<'_>) -> Result<Vec<resolved::Order>, SoqlError> {
        let terms = &query.order_by;
        if let Some(one_too_many) = terms.get(ORDER_TERMS_MAX) {
            return Err(SoqlError::malformed(
                one_too_many.expression.at(),
                format!("ORDER BY can have at most {ORDER_TERMS_MAX} fields"),
            ));
        }
        if let (true, Some(term)) = (self.query.count, terms.first()) {
            let message = "ORDER BY is not allowed with COUNT()";
            return Err(SoqlError::malformed(term.expression.at(), message));
        }
        terms.iter().map(|term| self.order(term)).collect()
    }

    fn order(&mut self, term: &ast::Order<'_>) -> Result<resolved::Order, SoqlError> {
        Ok(resolved::Order {
            by: self.ordered(&term.expression)?,
            descending: term.descending,
            nulls_first: term.nulls != Some(ast::Nulls::Last),
        })
    }

    fn ordered(
        &mut self,
        expression: &ast::Expression<'_>,
    ) -> Result<resolved::Expression, SoqlError> {
        if self.query.group.is_some() {
            return Ok(self.of_group(expression, Clause::OrderBy)?.expression);
        }
        let path = match expression {
            ast::Expression::Path(path) => *path,
            ast::Expression::Call(call) => {
                return Ok(self.of_row(call, Clause::OrderBy)?.expression);
            }
        };
        let reached = self.reach(path)?;
        if !reached.field.sortable {
            return Err(SoqlError::malformed(
                path.at,
                format!("field '{}' can not be sorted in a query call", reached.name),
            ));
        }
        reached.value(path)
    }
}

impl Context<'_> {
    pub(crate) fn sees_object(&self, object: &Object) -> bool {
        object.access != Access::Internal && self.sight.sees_object(object)
    }

    /// Whether the caller sees a field and all it comes from. An inherited or computed value must
    /// not tell what the caller could not read where it is kept.
    fn sees_field(&self, object: &Object, place: usize) -> bool {
        let field = &object.fields[place];
        if field.internal || !self.sight.sees_field(object, place) {
            return false;
        }
        match &field.source {
            // How many there are is not what they say.
            Source::Stored
            | Source::Rollup(_)
            | Source::Formula(Formula::CountOf { .. } | Formula::LastSeen(_) | Formula::Unfilled) => {
                true
            }
            Source::Inherited(path) => self.sees_path(object, path),
            Source::Formula(Formula::Concatenation { paths, .. }) => {
                paths.iter().all(|path| self.sees_path(object, path))
            }
            Source::Formula(Formula::ConsentReached { given, required }) => {
                self.sees_path(object, given) && self.sees_path(object, required)
            }
        }
    }

    fn sees_path(&self, object: &Object, path: &str) -> bool {
        let Some(found) = self.catalogue.follow(object, path) else {
            return false;
        };
        let passed = found.steps.into_iter();
        passed
            .chain([(found.object, found.place)])
            .all(|(object, place)| self.sees_object(object) && self.sees_field(object, place))
    }
}

/// What is correct SOQL and not answered yet, except where it stands inside other clauses.
fn refuse_unsupported(query: &ast::Query<'_>) -> Result<(), SoqlError> {
    let at = query.at;
    match &query.with {
        // The API always answers as the caller, whatever mode a query asks for.
        None | Some(ast::With::SecurityEnforced | ast::With::UserMode | ast::With::SystemMode) => {
            Ok(())
        }
        Some(ast::With::DataCategory(_)) => Err(unsupported(at, "WITH DATA CATEGORY")),
        Some(ast::With::RecordVisibility(_)) => {
            Err(unsupported(at, "WITH RecordVisibilityContext"))
        }
    }
}

/// `COUNT()` counts rows, not groups.
fn check_count(query: &ast::Query<'_>) -> Result<(), SoqlError> {
    let group = query.group_by.as_ref();
    let at = group.and_then(|group| group.expressions.first().map(ast::Expression::at));
    if at.is_none() && query.having.is_none() {
        return Ok(());
    }
    Err(SoqlError::malformed(
        at.unwrap_or(query.at),
        "COUNT() is not allowed in a grouped query; COUNT of a field is",
    ))
}

fn offset_of(query: &ast::Query<'_>) -> Result<u32, SoqlError> {
    match query.offset {
        Some(offset) if offset.rows > OFFSET_ROWS_MAX => Err(SoqlError::new(
            SoqlErrorKind::NumberOutsideValidRange,
            offset.at,
            format!("Maximum SOQL offset allowed is {OFFSET_ROWS_MAX}"),
        )),
        Some(offset) => Ok(offset.rows),
        None => Ok(0),
    }
}

fn unknown_object(path: ast::Path<'_>) -> SoqlError {
    SoqlError::new(
        SoqlErrorKind::InvalidType,
        path.at,
        format!(
            "sObject type '{path}' is not supported. If you are attempting to use a custom object, \
             be sure to append the '__c' after the entity name. Please reference your WSDL or the \
             describe call for the appropriate names."
        ),
    )
}

pub(crate) fn unsupported(at: ast::Position, what: &str) -> SoqlError {
    SoqlError::new(
        SoqlErrorKind::Unsupported,
        at,
        format!("{what} is not supported by this server"),
    )
}

/// The field a place names, for as long as the catalogue lives.
fn field_at(object: &Arc<Object>, place: usize) -> &Field {
    &object.fields[place]
}
