//! The access inspector: what another user may do with a record's fields, the first rule that says
//! no, and what would lift it.

use std::sync::Arc;

use headwater_catalogue::{Access, Id, Object, SystemPermission};

use super::remedy::Remedies;
use super::sentence::{self, Circumstances};
use super::{Explanation, Rule, rule};
use crate::caller::Caller;
use crate::error::{Error, Verb};
use crate::org::Org;
use crate::selection::Selection;
use crate::visibility::Act;

/// Whoever holds one of these may ask what others may do.
const LETS_INSPECT: [SystemPermission; 2] =
    [SystemPermission::ViewSetup, SystemPermission::ManageUsers];

impl Org {
    /// [`Org::explain_object`] as another user gets it, with the fields they do not see among the
    /// others. The user is named by id or user name. Takes the right to view setup or to manage
    /// users, and of a record the right to see it.
    ///
    /// # Errors
    /// [`Error::NotPermitted`]; when there is no such active user, no such object, or the caller
    /// does not see the record.
    pub async fn inspect(
        &self,
        caller: &Caller,
        user: &str,
        object: &str,
        record: Option<&str>,
    ) -> Result<Vec<Explanation>, Error> {
        if !LETS_INSPECT.iter().any(|one| caller.rights.has(*one)) {
            return Err(Error::NotPermitted(SystemPermission::ViewSetup.field()));
        }
        let user = self.user_named(user).await?;
        let catalogue = &user.rights.catalogue;
        let object = catalogue
            .object(object)
            .filter(|object| object.access != Access::Internal)
            .ok_or_else(|| Error::UnknownObject(object.to_owned()))?;
        let record = match record {
            Some(written) => Some(self.visible_record(caller, object, written).await?),
            None => None,
        };
        let fields = object.fields.iter().enumerate();
        let places = fields
            .filter(|(_, field)| !field.internal)
            .map(|(at, _)| at);
        let places: Vec<usize> = places.collect();
        let found = self
            .circumstances_of(caller, &user, object, &places, record)
            .await?;
        let remedies = Remedies::read(self, &user).await?;
        let (sees, edits) = match record {
            Some(id) => (
                self.reaches(&user, object, id, Act::See).await?,
                self.reaches(&user, object, id, Act::Edit).await?,
            ),
            None => (true, true),
        };
        let explained = places.into_iter().map(|place| {
            let hidden = rule::hidden(&user, object, place);
            let unseen = match hidden {
                Some(Rule::ObjectHidden) => hidden,
                _ if !sees => Some(Rule::RecordHidden),
                other => other,
            };
            let first = unseen
                .or_else(|| rule::first(&user, object, place, Verb::Update))
                .or((!edits).then_some(Rule::RecordAccess));
            let field = &object.fields[place];
            let createable =
                hidden.is_none() && rule::first(&user, object, place, Verb::Create).is_none();
            Explanation {
                object: object.name.clone(),
                field: field.name.clone(),
                label: field.label.clone(),
                visible: unseen.is_none(),
                record,
                editable: first.is_none(),
                createable,
                lock: first.map(|rule| {
                    let lock = sentence::lock(&user, object, place, Verb::Update, rule, &found);
                    let remedy = lock
                        .granted_by
                        .is_some()
                        .then(|| remedies.of(&user, object, place, rule));
                    super::Lock {
                        remedy: remedy.flatten(),
                        ..lock
                    }
                }),
            }
        });
        Ok(explained.collect())
    }

    /// An active user by id or user name.
    async fn user_named(&self, name: &str) -> Result<Caller, Error> {
        let unknown = || Error::NotFound(name.to_owned());
        if let Ok(id) = name.parse::<Id>() {
            return self.caller(id).await;
        }
        let rows = Selection::of(&self.catalogue(), "User")?
            .equal("Username", name)?
            .rows(self.store())
            .await?;
        let id = rows.first().and_then(|row| row.first()?.as_id());
        self.caller(id.ok_or_else(unknown)?).await
    }

    /// The circumstances as the user has them. Names of records that whoever asks does not see
    /// stay out of the sentences.
    async fn circumstances_of(
        &self,
        caller: &Caller,
        user: &Caller,
        object: &Arc<Object>,
        places: &[usize],
        record: Option<Id>,
    ) -> Result<Circumstances, Error> {
        let mut found = self.circumstances(user, object, places, record).await?;
        found.about = Some(Arc::clone(&user.name));
        let seen = self.circumstances(caller, object, places, record).await?;
        found.origins.name_as(&seen.origins);
        Ok(found)
    }
}
