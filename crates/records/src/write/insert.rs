//! A new record, with what comes into being together with it.

use std::sync::Arc;

use headwater_catalogue::{Id, Object};
use headwater_store::{Mark, Operation, WriteSet};

use crate::caller::Caller;
use crate::change::{Change, ValidChange};
use crate::draft::Draft;
use crate::error::{Error, Verb};
use crate::org::Org;
use crate::{metadata, refusal, rules, seed};

impl Org {
    pub(super) async fn insert(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        draft: &Draft,
        mark: Option<Mark>,
    ) -> Result<Id, Error> {
        let accepted = self.accept(caller, object, None, draft).await?;
        let parents = self.parents(caller, object, &accepted).await?;
        let id = self.store().next_id(object);
        let mut change = Change::new(caller, object, Verb::Create, id, self.now());
        change.take(&accepted, &parents);
        change.fill_defaults();
        rules::apply(&mut change, &accepted);
        change.require_references();
        change.require_values();
        let ValidChange {
            values, conditions, ..
        } = change.finish()?;
        if metadata::is_metadata(object) {
            return self.create_metadata(caller, object, values).await;
        }
        let mut operations = vec![Operation::Insert {
            object: Arc::clone(object),
            id,
            values,
        }];
        operations.extend(self.companion(object, id)?);
        let checks = conditions.iter().map(|condition| condition.check.clone());
        let set = WriteSet {
            lines: mark.map(|mark| mark.of(id, true)).into_iter().collect(),
            ..self.write_set(caller, checks.collect(), operations)
        };
        match self.apply(set).await {
            Ok(_) => Ok(id),
            Err(error) => Err(refusal::of_insert(object, conditions, error)),
        }
    }

    /// The record that is never without this one: the permission set that a profile's rights are
    /// kept in.
    fn companion(&self, object: &Object, id: Id) -> Result<Option<Operation>, Error> {
        if object.name != "Profile" {
            return Ok(None);
        }
        let catalogue = self.catalogue();
        let Some(sets) = catalogue.object("PermissionSet") else {
            return Ok(None);
        };
        let row = seed::set_of_profile(id);
        Ok(Some(seed::insertion(self.store(), sets, row)?.1))
    }
}
