//! Searches: words to records, of several objects at once or of one.
//!
//! Records come in this order: those of just the name that was searched for, then all others, the
//! newest first in each. What a caller may not read does not help them find: where some of an
//! object's searched fields are hidden from them, or where an index cannot tell (see
//! [`headwater_soql::search::Search::is_rough`]), each record is looked at again with what they may
//! read of it.

mod checked;
mod ranked;
mod typed;

pub use typed::{SUGGESTED_MAX, Whose};

use std::sync::Arc;

use headwater_catalogue::{Object, SearchClass};
use headwater_soql::resolved::Query;
use headwater_soql::{SoqlError, sosl};

use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::query::{RecordSink, context};
use crate::visibility;

/// Most records that are looked at again for one search of one object.
pub const CHECKED_ROWS_MAX: u64 = 10_000;

/// What a search has found.
#[derive(Debug)]
pub struct SearchAnswer<S> {
    /// The sink, with the records.
    pub sink: S,
    /// What was asked of each object, in the order of the records.
    pub queries: Vec<Arc<Query>>,
    /// Whether the labels of the fields are wanted beside the records: `WITH METADATA`.
    pub labels: bool,
}

/// What a search asks for.
struct Asked {
    queries: Vec<Query>,
    limit: Option<u64>,
    labels: bool,
}

impl Org {
    /// Answers a SOSL search. The sink is told of each object's records before they come.
    ///
    /// # Errors
    /// [`Error::Soql`] when the text is wrong or names what the caller may not see.
    pub async fn search<S: RecordSink>(
        &self,
        caller: &Caller,
        text: &str,
        mut sink: S,
    ) -> Result<SearchAnswer<S>, Error> {
        let Asked {
            queries,
            limit,
            labels,
        } = self.asked(caller, text)?;
        let most = limit.unwrap_or(sosl::SEARCH_ROWS_MAX.into());
        let limits = if limit.is_some() && queries.len() > 1 {
            self.shares(caller, &queries, most).await?
        } else {
            queries
                .iter()
                .map(|query| query.limit.unwrap_or(most))
                .collect()
        };
        let (mut left, mut asked) = (most, Vec::with_capacity(queries.len()));
        for (mut query, limit) in queries.into_iter().zip(limits) {
            query.limit = Some(limit.min(left));
            let (back, given, run) = self.ranked(caller, query, sink).await?;
            sink = back;
            left -= given;
            asked.push(run);
        }
        Ok(SearchAnswer {
            sink,
            queries: asked,
            labels,
        })
    }

    /// What a search's text asks for.
    fn asked(&self, caller: &Caller, text: &str) -> Result<Asked, Error> {
        let refused = |error: SoqlError| Error::Soql {
            kind: error.kind,
            message: error.render(text),
        };
        let statement = sosl::parse(text).map_err(refused)?;
        let context = context(caller, false, self.now());
        let mut queries = sosl::resolve(&statement, &context).map_err(refused)?;
        for query in &mut queries {
            visibility::restrict(caller, query);
        }
        let mut with = statement.with.iter();
        Ok(Asked {
            queries,
            limit: statement.limit.map(|limit| limit.rows.into()),
            labels: with.any(|with| matches!(with, sosl::With::Metadata(_))),
        })
    }

    /// How many records each object may give, so that all together are no more than wanted and none
    /// takes what another has need of.
    async fn shares(
        &self,
        caller: &Caller,
        queries: &[Query],
        most: u64,
    ) -> Result<Vec<u64>, Error> {
        let mut wants = Vec::with_capacity(queries.len());
        for query in queries {
            let mut counted = query.clone();
            counted.limit = Some(query.limit.unwrap_or(most).min(most));
            counted.order.clear();
            wants.push(match ranked::indexed(caller, counted) {
                Some(query) => self.store().count(Arc::new(query)).await?,
                None => 0,
            });
        }
        Ok(shared(&wants, most))
    }
}

/// Divides a number evenly among those who want some of it.
fn shared(wants: &[u64], most: u64) -> Vec<u64> {
    let mut given = vec![0; wants.len()];
    let mut left = most;
    loop {
        let hungry: Vec<usize> = (0..wants.len()).filter(|n| given[*n] < wants[*n]).collect();
        if hungry.is_empty() || left == 0 {
            return given;
        }
        let each = (left / hungry.len() as u64).max(1);
        for n in hungry {
            let more = each.min(wants[n] - given[n]).min(left);
            given[n] += more;
            left -= more;
        }
    }
}

/// The sorts of searched field of an object of which the caller reads every one.
fn seen_classes(caller: &Caller, object: &Object) -> Vec<SearchClass> {
    let fields = object.searched_fields();
    let hidden = |class: SearchClass| {
        let mut of_class = fields.iter().filter(|(_, of)| *of == class);
        of_class.any(|(place, _)| !caller.rights.on(object).reads(*place))
    };
    let mut seen = SearchClass::ALL.to_vec();
    seen.retain(|class| !hidden(*class));
    seen
}

#[cfg(test)]
mod tests {
    use super::shared;

    #[test]
    fn objects_share_what_there_is_room_for() {
        assert_eq!(shared(&[20, 35, 45], 30), [10, 10, 10]);
        assert_eq!(shared(&[5, 35, 45], 50), [5, 23, 22]);
        assert_eq!(shared(&[1, 2], 50), [1, 2]);
        assert_eq!(shared(&[9, 9, 9], 2), [1, 1, 0]);
        assert_eq!(shared(&[], 5), Vec::<u64>::new());
    }
}
