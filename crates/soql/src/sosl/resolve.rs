//! Names looked up in the catalogue: a [`Statement`] to a query for each of its objects.

use std::sync::Arc;

use headwater_catalogue::Object;

use super::{Returning, Sought, Statement, With};
use crate::ast;
use crate::error::{SoqlError, SoqlErrorKind};
use crate::resolve::{Context, resolve as resolve_query, unsupported};
use crate::resolved::{self, Filter};
use crate::search::{Character, SEARCH_WORDS_MAX, Search, Term, Unsearchable, Word};

/// The most records that a search gives.
pub const SEARCH_ROWS_MAX: u32 = 2_000;
/// The most records of a search of one object that says nothing of its order and number.
pub const SINGLE_ROWS_MAX: u32 = 250;
/// The most objects of RETURNING.
pub const OBJECTS_MAX: usize = 50;

/// A query for each object that is searched, in the order in which their records are given. Each
/// has the search in its filter and says how many records it gives at most.
///
/// Row visibility is not in the result, as with [`crate::resolve`].
///
/// # Errors
/// As those of [`crate::resolve`]; a search by which nothing can be found, or of what is not
/// searched.
pub fn resolve(
    statement: &Statement<'_>,
    context: &Context<'_>,
) -> Result<Vec<resolved::Query>, SoqlError> {
    resolve_all(statement, context).map_err(as_search)
}

fn resolve_all(
    statement: &Statement<'_>,
    context: &Context<'_>,
) -> Result<Vec<resolved::Query>, SoqlError> {
    refuse_unsupported(statement)?;
    if let Some(limit) = statement.limit {
        check_limit(limit)?;
    }
    let search = Arc::new(Search {
        term: term(&statement.find)?,
        classes: statement.group.classes().to_vec(),
        exact: plain(&statement.find),
    });
    let found = || Filter::Found {
        source: 0,
        search: Arc::clone(&search),
    };
    if statement.returning.is_empty() {
        let objects = context.catalogue.objects().iter();
        let seen = objects.filter(|object| object.is_searched() && context.sees_object(object));
        return Ok(seen.map(|object| ids(object, found())).collect());
    }
    if let Some(one_too_many) = statement.returning.get(OBJECTS_MAX) {
        let message = format!("a search can return at most {OBJECTS_MAX} objects");
        return Err(SoqlError::malformed(one_too_many.object.at, message));
    }
    let single = statement.returning.len() == 1;
    let queries = statement.returning.iter().map(|returning| {
        let mut query = query(returning, context)?;
        query.filter = found().and(std::mem::replace(&mut query.filter, Filter::Always));
        let plain = returning.condition.is_none() && returning.order_by.is_empty();
        let most = if single && plain && statement.limit.is_none() {
            SINGLE_ROWS_MAX
        } else {
            SEARCH_ROWS_MAX
        };
        query.limit = query.limit.or(Some(most.into()));
        Ok(query)
    });
    queries.collect()
}

/// What stands between the braces as what is looked for.
///
/// # Errors
/// When nothing can be looked for by it.
pub fn term(find: &Sought) -> Result<Term, SoqlError> {
    let term = part(find)?;
    let words = term.words();
    if words > SEARCH_WORDS_MAX {
        return Err(refused(format!(
            "a search can have at most {SEARCH_WORDS_MAX} words"
        )));
    }
    if let (Term::Phrase(phrase), 1) = (&term, words) {
        let (Word::Whole(text) | Word::Beginning(text) | Word::Pattern(text)) = &phrase[0];
        let said = text.replace(['*', '?'], "");
        // One letter of a script that writes words so is a word.
        if said.len() == 1 {
            let message = format!("search term must be longer than one character: {said}");
            return Err(refused(message));
        }
    }
    Ok(term)
}

/// The text, if it is one of plain words.
fn plain(find: &Sought) -> Option<String> {
    let words = match find {
        Sought::And(words) => &words[..],
        one => std::slice::from_ref(one),
    };
    let words = words.iter().map(|word| match word {
        Sought::Word(text) | Sought::Phrase(text) => text
            .iter()
            .map(Character::plain)
            .collect::<Option<String>>(),
        Sought::And(_) | Sought::Or(_) | Sought::Not(_) => None,
    });
    let words: Option<Vec<String>> = words.collect();
    words.map(|words| words.join(" "))
}

fn part(find: &Sought) -> Result<Term, SoqlError> {
    match find {
        Sought::Word(text) => wild(text),
        Sought::Phrase(text) => {
            // Within quotes digits are words like others.
            match wild(text)? {
                Term::Or(mut ways) => Ok(ways.swap_remove(0)),
                term => Ok(term),
            }
        }
        Sought::And(parts) => parts
            .iter()
            .map(part)
            .collect::<Result<_, _>>()
            .map(Term::And),
        Sought::Or(parts) => parts
            .iter()
            .map(part)
            .collect::<Result<_, _>>()
            .map(Term::Or),
        Sought::Not(inner) => Ok(Term::Not(Box::new(part(inner)?))),
    }
}

fn wild(text: &[Character]) -> Result<Term, SoqlError> {
    Term::wild(text).map_err(|reason| {
        let shown: String = text
            .iter()
            .map(|c| match c {
                Character::Plain(c) => *c,
                Character::Any => '*',
                Character::One => '?',
            })
            .collect();
        refused(match reason {
            Unsearchable::NoWord => {
                format!("search term must hold a letter or a digit: {shown}")
            }
            Unsearchable::BeginsWild => {
                format!("search term must not begin with a wildcard: {shown}")
            }
        })
    })
}

fn refused(message: String) -> SoqlError {
    SoqlError::whole(SoqlErrorKind::MalformedSearch, message)
}

fn query(returning: &Returning<'_>, context: &Context<'_>) -> Result<resolved::Query, SoqlError> {
    let name = returning.object;
    let known = context.catalogue.object(name.text);
    if let Some(object) = known.filter(|object| context.sees_object(object))
        && !object.is_searched()
    {
        let message = format!("entity type {} does not support search", object.name);
        return Err(SoqlError::new(SoqlErrorKind::InvalidType, name.at, message));
    }
    if let Some(view) = returning.list_view {
        return Err(unsupported(view.at, "USING ListView"));
    }
    if let Some(limit) = returning.limit {
        check_limit(limit)?;
    }
    let id = ast::SelectItem::Expression {
        expression: ast::Expression::Path(ast::Path::new("Id", name.at)),
        alias: None,
    };
    let select = if returning.select.is_empty() {
        vec![id]
    } else {
        returning.select.clone()
    };
    if let Some(item) = select.iter().find(|item| !is_field(item)) {
        return Err(SoqlError::malformed(
            name.at,
            format!("a search cannot return {item}"),
        ));
    }
    let path = ast::Path::new(name.text, name.at);
    let query = ast::Query {
        at: name.at,
        select,
        from: vec![ast::Source { path, alias: None }],
        condition: returning.condition.clone(),
        order_by: returning.order_by.clone(),
        limit: returning.limit,
        offset: returning.offset,
        ..ast::Query::default()
    };
    let resolved = resolve_query(&query, context)?;
    if resolved.count {
        return Err(SoqlError::malformed(
            name.at,
            "a search cannot return COUNT()",
        ));
    }
    Ok(resolved)
}

/// Fields, and functions of one field.
fn is_field(item: &ast::SelectItem<'_>) -> bool {
    match item {
        ast::SelectItem::Expression { .. } | ast::SelectItem::Fields { .. } => true,
        ast::SelectItem::Subquery(_) | ast::SelectItem::TypeOf(_) => false,
    }
}

/// The ids of an object's records.
fn ids(object: &Arc<Object>, found: Filter) -> resolved::Query {
    let mut query = resolved::Query::of_object(object);
    let id = &object.fields[0];
    query.outputs = vec![resolved::Output::Value {
        name: id.name.clone(),
        column: 0,
        kind: id.kind.clone(),
    }];
    query.filter = found;
    query.limit = Some(SEARCH_ROWS_MAX.into());
    query
}

fn check_limit(limit: ast::Count) -> Result<(), SoqlError> {
    if limit.rows <= SEARCH_ROWS_MAX {
        return Ok(());
    }
    let message = format!(
        "SOSL LIMIT can be at most {SEARCH_ROWS_MAX}: {}",
        limit.rows
    );
    Err(SoqlError::malformed(limit.at, message))
}

/// What would leave records out, and cannot. What only adds to them is left out itself.
fn refuse_unsupported(statement: &Statement<'_>) -> Result<(), SoqlError> {
    for with in &statement.with {
        let (at, what) = match with {
            With::Highlight | With::Metadata(_) | With::Snippet(_) | With::SpellCorrection(_) => {
                continue;
            }
            With::Division(name) => (name.at, "WITH DIVISION"),
            With::DataCategory(categories) => (categories[0].group.at, "WITH DATA CATEGORY"),
            With::Network(networks) => (networks[0].at, "WITH NETWORK"),
            With::PricebookId(id) => (id.at, "WITH PricebookId"),
        };
        return Err(unsupported(at, what));
    }
    Ok(())
}

/// What is wrong with SOQL inside of SOSL is wrong with the search.
pub(super) fn as_search(mut error: SoqlError) -> SoqlError {
    match error.kind {
        SoqlErrorKind::MalformedQuery | SoqlErrorKind::Unsupported => {
            error.kind = SoqlErrorKind::MalformedSearch;
        }
        SoqlErrorKind::InvalidField
        | SoqlErrorKind::InvalidType
        | SoqlErrorKind::InvalidQueryFilterOperator
        | SoqlErrorKind::NumberOutsideValidRange
        | SoqlErrorKind::MalformedSearch => {}
    }
    error
}
