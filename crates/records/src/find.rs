//! Records by what their fields hold: external ids in addresses, parents in bodies.

use std::sync::Arc;

use headwater_catalogue::{Field, Id, Object};
use headwater_soql::resolved::{Column, Filter};

use crate::caller::Caller;
use crate::describe::visible_object;
use crate::draft::Input;
use crate::error::Error;
use crate::org::Org;
use crate::refusal;
use crate::selection::Selection;
use crate::validate;
use crate::visibility::{self, Act};

/// Most records that an answer about an ambiguous value lists.
const AMBIGUOUS_MAX: u64 = 200;

impl Org {
    /// The record that holds this value in an external id or other field to look up by.
    ///
    /// # Errors
    /// [`Error::NotAnExternalId`], [`Error::NotFound`], [`Error::SeveralFound`].
    pub async fn find(
        &self,
        caller: &Caller,
        object: &str,
        field: &str,
        value: &str,
    ) -> Result<Id, Error> {
        let object = visible_object(caller, object)?;
        let place = look_up_place(caller, object, field)
            .ok_or_else(|| Error::NotAnExternalId(field.to_owned()))?;
        self.find_at(caller, object, place, value).await
    }

    /// The record a reference means that names it by a field of the parent.
    pub(crate) async fn parent(
        &self,
        caller: &Caller,
        object: &Object,
        place: usize,
        by: &str,
        value: &str,
    ) -> Result<Id, Error> {
        let catalogue = &caller.rights.catalogue;
        let targets = object.fields[place].kind.as_reference();
        let targets = targets
            .into_iter()
            .flat_map(|reference| reference.targets.names());
        let mut looked_in = None;
        for target in targets.filter_map(|name| catalogue.object(name)) {
            let Some(place) = look_up_place(caller, target, by) else {
                continue;
            };
            match self.find_at(caller, target, place, value).await {
                Err(Error::NotFound(_)) => looked_in = Some(target),
                found => return found,
            }
        }
        Err(match looked_in {
            Some(target) => refusal::no_such_parent(object, place, target, by, value),
            None => Error::NotAnExternalId(by.to_owned()),
        })
    }

    async fn find_at(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        place: usize,
        value: &str,
    ) -> Result<Id, Error> {
        let not_found = || Error::NotFound(value.to_owned());
        let field = &object.fields[place];
        let input = Input::Text(value.to_owned());
        // What cannot be a value of the field is the value of no record.
        let wanted = validate::value(&caller.rights.catalogue, field, &input)
            .ok()
            .filter(|wanted| !wanted.is_null())
            .ok_or_else(not_found)?;
        let column = Column {
            source: 0,
            field: place,
        };
        let rows = Selection::of_object(object)
            .only(Filter::equal(column, wanted))
            .only(visibility::filter(caller, object, Act::See, 0))
            .limit(AMBIGUOUS_MAX)
            .rows(self.store())
            .await?;
        let mut ids: Vec<Id> = rows
            .iter()
            .filter_map(|row| refusal::first_id(row))
            .collect();
        match ids.len() {
            0 => Err(not_found()),
            1 => Ok(ids.remove(0)),
            _ => Err(Error::SeveralFound {
                object: object.name.clone(),
                field: field.name.clone(),
                value: value.to_owned(),
                ids,
            }),
        }
    }
}

/// The place of a field that records may be found by, if the caller may read it.
fn look_up_place(caller: &Caller, object: &Object, field: &str) -> Option<usize> {
    let finds = |field: &Field| (field.external_id || field.id_lookup) && field.is_column();
    object
        .position(field)
        .filter(|place| finds(&object.fields[*place]) && caller.rights.on(object).reads(*place))
}
