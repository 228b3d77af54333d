//! A new record, with what comes into being together with it.

use std::sync::Arc;

use headwater_catalogue::{Id, Object};
use headwater_store::{Line, Mark, Operation, WriteSet};

use super::prepared::Prepared;
use super::refuse_metadata;
use crate::caller::Caller;
use crate::change::{Change, ValidChange};
use crate::draft::Draft;
use crate::error::{Error, Verb};
use crate::org::Org;
use crate::{metadata, rules, seed};

impl Org {
    pub(super) async fn insert(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        draft: &Draft,
        mark: Option<Mark>,
    ) -> Result<Id, Error> {
        if metadata::is_metadata(object) && !self.is_staging() {
            let (_, change) = self.new_record(caller, object, draft).await?;
            return self.create_metadata(caller, object, change.values).await;
        }
        let (prepared, mut set) = self.prepare_insert(caller, object, draft).await?;
        set.lines
            .extend(mark.map(|mark| mark.of(prepared.id, true)));
        match self.apply(set).await {
            Ok(_) => Ok(prepared.id),
            Err(error) => Err(prepared.refusal(self, caller, error).await),
        }
    }

    /// A new record, ready to be written.
    pub(super) async fn prepare_insert(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        draft: &Draft,
    ) -> Result<(Prepared, WriteSet), Error> {
        refuse_metadata(object, Verb::Create)?;
        let (id, mut change) = self.new_record(caller, object, draft).await?;
        let lines = self.lines_of(&mut change).await?;
        let mut prepared = Prepared::new(object, id, Verb::Create);
        prepared.conditions = change.conditions;
        let mut operations = vec![Operation::Insert {
            object: Arc::clone(object),
            id,
            values: change.values,
        }];
        operations.extend(self.companion(object, id)?);
        let mut set = self.write_set(caller, prepared.checks(), operations);
        set.lines = lines;
        Ok((prepared, set))
    }

    /// The lines of a change's files, of which there are seldom any.
    pub(super) async fn lines_of(&self, change: &mut ValidChange) -> Result<Vec<Line>, Error> {
        if change.contents.is_empty() {
            return Ok(Vec::new());
        }
        Box::pin(self.keep_contents(change)).await
    }

    /// What a new record comes to, and its id.
    async fn new_record(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        draft: &Draft,
    ) -> Result<(Id, ValidChange), Error> {
        let accepted = self.accept(caller, object, None, draft).await?;
        let parents = self.parents(caller, object, &accepted).await?;
        let id = self.store().next_id(object);
        let mut change = Change::new(caller, object, Verb::Create, id, self.now());
        change.take(&accepted, &parents);
        change.fill_defaults();
        rules::apply(&mut change, &accepted);
        change.require_references();
        change.require_values();
        Ok((id, change.finish()?))
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
