//! The plans that are remembered, and what a page asks of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use headwater_soql::resolved::Query;

use crate::answer::Page;
use crate::dialect::Dialect;
use crate::error::ReadError;
use crate::plan::{Prepared, Shape, Span};
use crate::rows::Content;

/// A page of a query, ready to run.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) wanted: Wanted,
    pub(crate) plan: Arc<Prepared>,
    pub(crate) parameters: Vec<Content>,
}

impl Planned {
    /// All rows of a statement, which are not more than these.
    pub(crate) fn whole(plan: Prepared, parameters: Vec<Content>, rows: u64) -> Self {
        Self {
            wanted: Wanted {
                taken: 0,
                rows,
                more: More::No,
            },
            plan: Arc::new(plan),
            parameters,
        }
    }
}

/// Most values of a query whose plan is remembered.
const PLAN_VALUES_MAX: usize = 64;

/// Most remembered plans; a server that meets more shapes begins anew.
const PLANS_MAX: usize = 1_000;

/// The plans of the shapes of queries met so far.
#[derive(Debug)]
pub(crate) struct Plans {
    dialect: Dialect,
    known: Mutex<HashMap<Vec<u8>, Arc<Prepared>>>,
}

impl Plans {
    pub(crate) fn new(dialect: Dialect) -> Self {
        let known = Mutex::default();
        Self { dialect, known }
    }

    pub(crate) fn plan(
        &self,
        query: &Query,
        page: &Page,
        rows_max: u64,
    ) -> Result<Planned, ReadError> {
        let wanted = Wanted::of(query, page, rows_max);
        let span = wanted.span(query, page);
        let shape = Shape::of(query, span);
        let known = self.known().get(&shape.signature).cloned();
        let plan = match known {
            Some(plan) => plan,
            None => self.made(query, span, &shape)?,
        };
        let parameters = plan.parameters(&shape, span);
        Ok(Planned {
            wanted,
            plan,
            parameters,
        })
    }

    fn made(
        &self,
        query: &Query,
        span: Span<'_>,
        shape: &Shape<'_>,
    ) -> Result<Arc<Prepared>, ReadError> {
        let small = shape.values.len() <= PLAN_VALUES_MAX;
        let plan = if small {
            Prepared::of(query, span, shape, self.dialect)?
        } else {
            None
        };
        let Some(plan) = plan else {
            return Ok(Arc::new(Prepared::once(query, span, self.dialect)?));
        };
        let plan = Arc::new(plan);
        let mut known = self.known();
        if known.len() >= PLANS_MAX {
            known.clear();
        }
        known.insert(shape.signature.clone(), Arc::clone(&plan));
        Ok(plan)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Arc<Prepared>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which rows to ask the database for.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Rows of the query before this page.
    pub(crate) taken: u64,
    /// Most rows to give.
    pub(crate) rows: u64,
    /// Whether there may be more than those, which is found out by asking for one more.
    pub(crate) more: More,
}

#[derive(Debug)]
pub(crate) enum More {
    /// The query's own limit ends here.
    No,
    /// Then there is a next page.
    Page,
    /// Then there are too many.
    TooMany,
}

impl Wanted {
    fn of(query: &Query, page: &Page, rows_max: u64) -> Self {
        let taken = page.after.as_ref().map_or(0, |key| key.taken);
        let left = query.limit.map(|limit| limit.saturating_sub(taken));
        let (rows, more) = match (page.rows_max, left) {
            (Some(rows), Some(left)) if left <= rows => (left, More::No),
            (Some(rows), _) => (rows, More::Page),
            (None, Some(left)) if left <= rows_max => (left, More::No),
            (None, _) => (rows_max, More::TooMany),
        };
        Self { taken, rows, more }
    }

    fn span<'a>(&self, query: &Query, page: &'a Page) -> Span<'a> {
        let offset = if page.after.is_some() {
            0
        } else {
            query.offset
        };
        // "All rows" stays without a limit for the planner: there is nothing to gain from one.
        let limit = match self.more {
            More::No => Some(self.rows),
            More::Page => Some(self.rows.saturating_add(1)),
            More::TooMany => None,
        };
        Span {
            after: page.after.as_ref(),
            limit,
            offset,
            keyed: matches!(self.more, More::Page),
        }
    }
}
