//! A new record, with what comes into being together with it.

use std::sync::Arc;

use headwater_catalogue::{Id, Object};
use headwater_store::{Line, Mark, Operation, WriteSet};

use super::prepared::Prepared;
use super::{TRIES_MAX, refuse_metadata};
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
        for _ in 0..TRIES_MAX {
            let (prepared, mut set) = self.prepare_insert(caller, object, draft).await?;
            set.lines
                .extend(mark.map(|mark| mark.of(prepared.id, true)));
            match self.apply(set).await {
                Ok(_) => return Ok(prepared.id),
                // Another version of the same file came between.
                Err(error) if prepared.is_out_of_date(&error) => {}
                Err(error) => return Err(prepared.refusal(self, caller, error).await),
            }
        }
        Err(Error::Busy)
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
        let lines = self.lines_of(object, &mut change).await?;
        let mut prepared = Prepared::new(object, id, Verb::Create);
        prepared.conditions = change.conditions;
        let mut operations = change.before;
        operations.push(Operation::Insert {
            object: Arc::clone(object),
            id,
            values: change.values,
        });
        operations.extend(change.after);
        operations.extend(self.companion(object, id)?);
        let mut set = self.write_set(caller, prepared.checks(), operations);
        set.lines = lines;
        Ok((prepared, set))
    }

    /// The lines of a change's files, of which there are seldom any.
    pub(super) async fn lines_of(
        &self,
        object: &Object,
        change: &mut ValidChange,
    ) -> Result<Vec<Line>, Error> {
        if change.contents.is_empty() {
            return Ok(Vec::new());
        }
        Box::pin(self.keep_contents(object, change)).await
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
        let file = self.file_of(&mut change, &accepted).await?;
        rules::apply(&mut change, &accepted);
        change.require_references();
        change.require_values();
        let mut change = change.finish()?;
        if let Some(file) = file {
            self.write_with_file(object, id, &mut change, &file)?;
        }
        Ok((id, change))
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
