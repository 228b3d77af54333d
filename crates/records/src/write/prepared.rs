//! What is to be known of a change that is worked out, to say what became of it.

use std::sync::Arc;

use headwater_catalogue::{Id, Object};
use headwater_store::{Check, WriteError};

use super::{Precondition, Written};
use crate::caller::Caller;
use crate::change::Condition;
use crate::error::{Error, Verb};
use crate::org::Org;
use crate::refusal;

/// A change that only has to be written; its write set is beside it.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) object: Arc<Object>,
    pub(super) id: Id,
    pub(super) verb: Verb,
    pub(super) conditions: Vec<Condition>,
    pub(super) when: Precondition,
    /// Whether a record of the same values, made meanwhile, is to be changed instead.
    or_changed: bool,
}

impl Prepared {
    pub(super) fn new(object: &Arc<Object>, id: Id, verb: Verb) -> Self {
        Self {
            object: Arc::clone(object),
            id,
            verb,
            conditions: Vec::new(),
            when: Precondition::default(),
            or_changed: false,
        }
    }

    pub(super) fn or_changed(mut self) -> Self {
        self.or_changed = true;
        self
    }

    /// Whether it was not written because something has changed since it was worked out, so that
    /// it is to be worked out again.
    pub(super) fn is_out_of_date(&self, error: &WriteError) -> bool {
        match error {
            WriteError::Unexpected { .. } => true,
            WriteError::Stale { .. } => self.when.match_version.is_none(),
            WriteError::Duplicate { .. } => self.or_changed,
            _ => false,
        }
    }

    pub(super) fn written(&self) -> Written {
        Written {
            id: self.id,
            created: self.verb == Verb::Create,
        }
    }

    /// The checks of its write set.
    pub(super) fn checks(&self) -> Vec<Check> {
        let conditions = self.conditions.iter();
        conditions
            .map(|condition| condition.check.clone())
            .collect()
    }

    /// Why it was not written.
    pub(super) async fn refusal(self, org: &Org, caller: &Caller, error: WriteError) -> Error {
        let (object, id, conditions) = (&self.object, self.id, self.conditions);
        match self.verb {
            Verb::Create | Verb::Read => refusal::of_insert(object, conditions, error),
            Verb::Update => refusal::of_update(org, caller, object, id, conditions, error).await,
            Verb::Delete => refusal::of_delete(org, caller, object, id, error).await,
        }
    }
}
