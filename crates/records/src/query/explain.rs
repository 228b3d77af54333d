//! How a query would be run, in Salesforce's terms: what it begins with, how many records that
//! leaves, and what that costs beside a look at every record.
//!
//! Each condition of the WHERE clause that an index serves is a plan, and so are sharing and the look
//! at every record. How many records a plan leaves is counted, not guessed, but not beyond a hundred
//! thousand.

use std::sync::Arc;

use headwater_catalogue::{Field, Kind, Name, Object};
use headwater_soql::resolved::{Column, Expression, Filter, Query};
use headwater_store::Page;

use super::resolved;
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

/// How far the records of a plan are counted.
const COUNTED_RECORDS_MAX: u64 = 100_000;
/// Most plans that are told.
const PLANS_MAX: usize = 10;
/// A condition that leaves more than this share of the records is not worth an index.
const SELECTIVE_SHARE: f64 = 0.3;

/// What a plan begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadingOperation {
    /// An index on a field.
    Index,
    /// Which records the caller reaches.
    Sharing,
    /// Every record.
    TableScan,
    /// What this server keeps ready: here, when each Messaging User was last heard of.
    Other,
}

/// A way to run a query.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryPlan {
    /// What it begins with.
    pub leading: LeadingOperation,
    /// The fields whose index that is.
    pub fields: Vec<Name>,
    /// How many records are left after that.
    pub cardinality: u64,
    /// What it costs: less than 1 when it pays.
    pub relative_cost: f64,
    /// How many records the object has.
    pub records: u64,
    /// The object in FROM.
    pub object: Name,
    /// What is remarkable.
    pub notes: Vec<PlanNote>,
}

/// Something remarkable about a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanNote {
    /// In words.
    pub description: String,
    /// The fields it is about.
    pub fields: Vec<Name>,
    /// The object they are of.
    pub object: Name,
}

impl Org {
    /// How a query would be run: the ways there are, the one that is taken first.
    ///
    /// # Errors
    /// [`Error::Soql`].
    pub async fn explain_query(
        &self,
        caller: &Caller,
        soql: &str,
    ) -> Result<Vec<QueryPlan>, Error> {
        let query = resolved(caller, soql, false, self.now())?;
        let records = self.record_count(caller, &query.object().name).await?;
        let conditions = Conditions::of(&query);
        let plan = |leading, fields, cardinality, relative_cost, notes| QueryPlan {
            leading,
            fields,
            cardinality,
            relative_cost,
            records,
            object: query.object().name.clone(),
            notes,
        };
        let mut plans = Vec::new();
        for (field, filter) in conditions.indexed.iter().take(PLANS_MAX) {
            let left = self.counted(only(&query, filter)).await?;
            let cost = cost(left, records);
            plans.push(plan(
                LeadingOperation::Index,
                vec![field.clone()],
                left,
                cost,
                vec![],
            ));
        }
        let visible = &query.sources[0].visible;
        if *visible != Filter::Always {
            let left = self.counted(only(&query, &Filter::Always)).await?;
            let cost = cost(left, records);
            plans.push(plan(LeadingOperation::Sharing, vec![], left, cost, vec![]));
        }
        let notes = conditions.unindexed;
        plans.push(plan(
            LeadingOperation::TableScan,
            vec![],
            records,
            1.0,
            notes,
        ));
        plans.sort_by(|a, b| a.relative_cost.total_cmp(&b.relative_cost));
        if let Some(first) = plans.first_mut() {
            self.say_how(&query, first)?;
        }
        Ok(plans)
    }

    /// Adds to the plan that is taken what the store makes of it.
    fn say_how(&self, query: &Query, plan: &mut QueryPlan) -> Result<(), Error> {
        let page = Page {
            after: None,
            rows_max: Some(super::PAGE_ROWS_MAX.into()),
        };
        let name = self.store().explain(query, &page)?.plan;
        let description = match name {
            "watermark" => {
                plan.leading = LeadingOperation::Other;
                "Read newest first from the Messaging Users whose latest sessions are newest"
            }
            "narrow" => "Put in order by what the order needs, then read whole",
            _ => "Read in one go",
        };
        plan.notes.push(PlanNote {
            description: description.to_owned(),
            fields: Vec::new(),
            object: plan.object.clone(),
        });
        Ok(())
    }

    async fn counted(&self, mut query: Query) -> Result<u64, Error> {
        query.limit = Some(COUNTED_RECORDS_MAX);
        query.offset = 0;
        Ok(self.store().count(Arc::new(query)).await?)
    }
}

/// The query with this condition only, as far as the caller reaches.
fn only(query: &Query, filter: &Filter) -> Query {
    Query {
        filter: filter.clone(),
        order: Vec::new(),
        ..query.clone()
    }
}

/// Dear is what leaves many of the records; reading all in order is 1.
fn cost(left: u64, records: u64) -> f64 {
    if records == 0 {
        return 0.0;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "both are small, and it is an estimate"
    )]
    let share = left as f64 / records as f64;
    let cost = share / SELECTIVE_SHARE;
    (cost * 1000.0).round() / 1000.0
}

/// What all records must pass, by whether an index helps with it.
#[derive(Default)]
struct Conditions {
    indexed: Vec<(Name, Filter)>,
    unindexed: Vec<PlanNote>,
}

impl Conditions {
    fn of(query: &Query) -> Self {
        let mut conditions = Self::default();
        conditions.add(query, &query.filter);
        conditions
    }

    fn add(&mut self, query: &Query, filter: &Filter) {
        let (left, is_sought) = match filter {
            Filter::Always | Filter::Never => return,
            Filter::And(all) => {
                for one in all {
                    self.add(query, one);
                }
                return;
            }
            Filter::Compare { left, .. }
            | Filter::In { left, .. }
            | Filter::InQuery { left, .. } => (Some(left), true),
            Filter::IsNull(left) | Filter::Like { left, .. } | Filter::Includes { left, .. } => {
                (Some(left), false)
            }
            Filter::Or(_) | Filter::Not(_) | Filter::Found { .. } => (None, false),
        };
        let column = match left {
            Some(Expression::Column(column)) => Some(*column),
            _ => None,
        };
        let field = |Column { source, field }: Column| {
            let object = &query.sources[source].object;
            (Arc::clone(object), object.fields[field].clone())
        };
        match column.map(field) {
            Some((object, field)) if is_sought && is_indexed(&object, &field) => {
                self.indexed.push((field.name.clone(), filter.clone()));
            }
            Some((object, field)) => self.unindexed.push(PlanNote {
                description: "Not considering filter for optimization because unindexed".to_owned(),
                fields: vec![field.name.clone()],
                object: object.name.clone(),
            }),
            None => self.unindexed.push(PlanNote {
                description: "Not considering filter for optimization because it is negative, \
                              combined with OR, or about a value worked out"
                    .to_owned(),
                fields: Vec::new(),
                object: query.object().name.clone(),
            }),
        }
    }
}

/// Whether the store keeps an index that begins with the field.
fn is_indexed(object: &Object, field: &Field) -> bool {
    let leads = object
        .indexes
        .iter()
        .filter(|index| index.unless.is_none())
        .filter_map(|index| index.columns.first())
        .any(|(name, _)| *name == field.name);
    let is_reference = field.kind.as_reference().is_some()
        && !["CreatedById", "LastModifiedById"].contains(&&*field.name);
    leads
        || is_reference
        || field.unique
        || field.external_id
        || field.name_field
        || field.kind == Kind::Id
}
