//! New values for a record that is there.

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Object, Value};
use headwater_store::{Mark, Operation, WriteSet};

use super::prepared::Prepared;
use super::{Precondition, TRIES_MAX, Version, refuse_metadata};
use crate::caller::Caller;
use crate::change::{Accepted, Change, ValidChange};
use crate::draft::Draft;
use crate::error::{Error, Verb};
use crate::org::Org;
use crate::selection::Selection;
use crate::visibility::{self, Act};
use crate::{metadata, rules};

impl Org {
    pub(super) async fn revise(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        id: Id,
        draft: &Draft,
        when: Precondition,
        mark: Option<Mark>,
    ) -> Result<Version, Error> {
        if self.is_staging() {
            refuse_metadata(object, Verb::Update)?;
        }
        let accepted = self.accept(caller, object, Some(id), draft).await?;
        let parents = self.parents(caller, object, &accepted).await?;
        let _one_at_a_time = if metadata::is_metadata(object) {
            Some(self.metadata_turn().await?)
        } else {
            None
        };
        for _ in 0..TRIES_MAX {
            let (prepared, mut set) = self
                .ready_revision(caller, object, id, (&accepted, &parents), when)
                .await?;
            set.lines.extend(mark.map(|mark| mark.of(id, false)));
            let error = match self.apply(set).await {
                Ok(done) => return Ok(done.outcomes[0].modstamp),
                Err(error) => error,
            };
            if !prepared.is_out_of_date(&error) {
                return Err(prepared.refusal(self, caller, error).await);
            }
        }
        Err(Error::Busy)
    }

    /// New values, ready to be written.
    pub(super) async fn prepare_revision(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        id: Id,
        draft: &Draft,
        when: Precondition,
    ) -> Result<(Prepared, WriteSet), Error> {
        refuse_metadata(object, Verb::Update)?;
        let accepted = self.accept(caller, object, Some(id), draft).await?;
        let parents = self.parents(caller, object, &accepted).await?;
        self.ready_revision(caller, object, id, (&accepted, &parents), when)
            .await
    }

    async fn ready_revision(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        id: Id,
        (accepted, parents): (&Accepted<'_>, &[(usize, Value)]),
        when: Precondition,
    ) -> Result<(Prepared, WriteSet), Error> {
        let seen = self.seen(caller, object, id, when).await?;
        let mut change = self.revision(caller, object, id, accepted, parents).await?;
        let lines = self.lines_of(object, &mut change).await?;
        let catalogue = self.next_catalogue(object, id, &change.values).await?;
        let mut prepared = Prepared::new(object, id, Verb::Update);
        (prepared.conditions, prepared.when) = (change.conditions, when);
        let beside = self.beside_file(object, id, &change.values).await?;
        let mut operations = vec![Operation::Update {
            object: Arc::clone(object),
            id,
            values: change.values,
            may: visibility::filter(caller, object, Act::Edit, 0),
            expect: change.expect,
            seen,
        }];
        operations.extend(beside);
        let set = WriteSet {
            catalogue,
            lines,
            ..self.write_set(caller, prepared.checks(), operations)
        };
        Ok((prepared, set))
    }

    /// What an update comes to with the record as it is now.
    pub(super) async fn revision(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        id: Id,
        accepted: &Accepted<'_>,
        parents: &[(usize, Value)],
    ) -> Result<ValidChange, Error> {
        let to_know = rules::to_know(object, accepted);
        let mut change = Change::new(caller, object, Verb::Update, id, self.now());
        change.know(self.known(object, id, &to_know).await?);
        change.take(accepted, parents);
        rules::apply(&mut change, accepted);
        change.require_references();
        change.require_values();
        change.finish()
    }

    /// The catalogue to move to, when the record stands for an object or a field.
    async fn next_catalogue(
        &self,
        object: &Arc<Object>,
        id: Id,
        values: &[(usize, Value)],
    ) -> Result<Option<Arc<Catalogue>>, Error> {
        if metadata::is_metadata(object) {
            return self.catalogue_after(object, id, values).await;
        }
        Ok(None)
    }

    /// The version that the store must still find, when the request says what it saw.
    async fn seen(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        id: Id,
        when: Precondition,
    ) -> Result<Option<Version>, Error> {
        let Some(since) = when.unmodified_since else {
            return Ok(when.match_version);
        };
        let rows = Selection::of_object(object)
            .fields(&["SystemModstamp", "LastModifiedDate"])?
            .equal("Id", id)?
            .only(visibility::filter(caller, object, Act::See, 0))
            .rows(self.store())
            .await?;
        let row = rows
            .into_iter()
            .next()
            .ok_or_else(|| Error::NotFound(id.to_string()))?;
        let (Some(version), Some(modified)) = (row[1].as_datetime(), row[2].as_datetime()) else {
            return Ok(when.match_version);
        };
        // Requests know whole seconds.
        if modified.as_second() > since.as_second() {
            return Err(Error::Changed { id, now: version });
        }
        Ok(Some(when.match_version.unwrap_or(version)))
    }

    /// What the fields that rules want to know hold now.
    async fn known(
        &self,
        object: &Arc<Object>,
        id: Id,
        places: &[usize],
    ) -> Result<Vec<(usize, Value)>, Error> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<&str> = places
            .iter()
            .map(|place| &*object.fields[*place].name)
            .collect();
        let rows = Selection::of_object(object)
            .fields(&names)?
            .equal("Id", id)?
            .rows(self.store())
            .await?;
        // A record that is not there is told by the write, which knows why.
        let row = rows.into_iter().next().unwrap_or_default();
        Ok(places
            .iter()
            .copied()
            .zip(row.into_iter().skip(1))
            .collect())
    }
}
