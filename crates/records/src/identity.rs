//! What a session showed at a moment: its account and contact then and now.
//!
//! A session's links are always those its Messaging User has now. What they were is in the Messaging
//! User's history: the first change after the moment says what stood there until then, and when
//! there is none, what stands there now stood there then.

use std::sync::Arc;

use headwater_catalogue::{Id, Name, Object, Value};
use headwater_soql::resolved::{Column, Comparison, Expression, Filter};
use jiff::Timestamp;

use crate::caller::Caller;
use crate::error::{Error, Problem};
use crate::org::Org;
use crate::relink::Party;
use crate::relink::links::{self, Objects, Reading, place};

/// What a session showed at a moment, and what it shows now.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionIdentity {
    /// The session.
    pub session: Id,
    /// Its name.
    pub session_name: Option<String>,
    /// The Messaging User whose links it shows.
    pub messaging_user: Party,
    /// When the session began.
    pub start: Timestamp,
    /// The moment that was asked about.
    pub as_of: Timestamp,
    /// The account; none when the caller may not see which it is.
    pub account: Option<ThenAndNow>,
    /// The contact; none when the caller may not see which it is.
    pub contact: Option<ThenAndNow>,
}

/// A link at two moments. Names are those the records have now: a renamed account is still the
/// same account.
#[derive(Debug, Clone, PartialEq)]
pub struct ThenAndNow {
    /// What it pointed to at the moment asked about.
    pub then: Option<Party>,
    /// What it points to now.
    pub now: Option<Party>,
}

/// What is read of the session itself.
struct Session {
    id: Id,
    name: Option<String>,
    user: Id,
    start: Timestamp,
}

impl Org {
    /// What a session showed at a moment. A moment to come is answered with what is so now.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such session that the caller may see;
    /// [`Error::Invalid`] when the moment is before the session began.
    pub async fn identity_as_of(
        &self,
        caller: &Caller,
        session: &str,
        as_of: Timestamp,
    ) -> Result<SessionIdentity, Error> {
        let objects = Objects::of(&caller.rights.catalogue)?;
        let session = self.session(caller, session).await?;
        if as_of < session.start {
            return Err(too_early(&session, as_of));
        }
        let users = links::read(self, caller, &objects, &[session.user]).await?;
        let user = users.into_iter().next();
        let (mut account, mut contact) = (None, None);
        if let Some(user) = &user {
            let Objects {
                account_field,
                contact_field,
                ..
            } = objects;
            let of = (caller, &objects, user.id, as_of);
            account = self
                .then_and_now(of, account_field, user.account.clone())
                .await?;
            contact = self
                .then_and_now(of, contact_field, user.contact.clone())
                .await?;
        }
        Ok(SessionIdentity {
            session: session.id,
            session_name: session.name,
            messaging_user: Party {
                id: session.user,
                name: user.and_then(|user| user.name),
            },
            start: session.start,
            as_of,
            account,
            contact,
        })
    }

    async fn session(&self, caller: &Caller, written: &str) -> Result<Session, Error> {
        let unknown = || Error::NotFound(written.to_owned());
        let catalogue = &caller.rights.catalogue;
        let object = catalogue.object("MessagingSession").ok_or_else(unknown)?;
        let id: Id = written.parse().map_err(|_| unknown())?;
        let mut reading = Reading::of(caller, object);
        reading.only_ids(&[id]);
        let name = reading.name_of(0);
        let user = reading.column(0, place(object, "MessagingEndUserId")?);
        let start = reading.column(0, place(object, "StartTime")?);
        let rows = reading.rows(self).await?;
        let row = rows.first().ok_or_else(unknown)?;
        Ok(Session {
            id,
            name: row[name].as_text().map(str::to_owned),
            user: row[user].as_id().ok_or_else(unknown)?,
            start: row[start].as_datetime().ok_or_else(unknown)?,
        })
    }

    /// A link of a Messaging User at a moment and now; none when the caller may not see it.
    async fn then_and_now(
        &self,
        (caller, objects, user, as_of): (&Caller, &Objects, Id, Timestamp),
        field: usize,
        now: Option<Party>,
    ) -> Result<Option<ThenAndNow>, Error> {
        if !caller.rights.on(&objects.user).reads(field) {
            return Ok(None);
        }
        let reference = objects.user.fields[field].kind.as_reference();
        let target = reference.and_then(|r| r.targets.names().first());
        let target = target.and_then(|name| caller.rights.catalogue.object(name));
        let (Some(reference), Some(target)) = (reference, target) else {
            return Ok(None);
        };
        let history = objects.user.history.as_deref();
        let history = history.and_then(|name| caller.rights.catalogue.object(name));
        let relationship = reference.relationship.as_deref();
        let (Some(history), Some(relationship)) = (history, relationship) else {
            return Ok(None);
        };
        let old = self
            .value_until(caller, history, user, relationship, as_of)
            .await?;
        let then = match old {
            None => now.clone(),
            Some(None) => None,
            Some(Some(id)) if Some(id) == now.as_ref().map(|now| now.id) => now.clone(),
            Some(Some(id)) => Some(self.party_then(caller, target, id).await?),
        };
        Ok(Some(ThenAndNow { then, now }))
    }

    /// What a reference held before its first change after a moment; outer none when it has not
    /// changed since.
    async fn value_until(
        &self,
        caller: &Caller,
        history: &Arc<Object>,
        user: Id,
        relationship: &str,
        as_of: Timestamp,
    ) -> Result<Option<Option<Id>>, Error> {
        let column = |name: &str| {
            Ok::<_, Error>(Column {
                source: 0,
                field: place(history, name)?,
            })
        };
        let created = column("CreatedDate")?;
        let mut reading = Reading::of(caller, history);
        for (name, value) in [
            ("MessagingEndUserId", Value::Id(user)),
            ("Field", Value::from(relationship)),
            ("DataType", Value::from("EntityId")),
        ] {
            reading.only(Filter::equal(column(name)?, value));
        }
        reading.only(Filter::Compare {
            left: Expression::Column(created),
            operator: Comparison::Greater,
            right: Value::DateTime(as_of),
        });
        reading.first_by(created);
        let old = reading.column(0, place(history, "OldValue")?);
        let rows = reading.rows(self).await?;
        Ok(rows
            .first()
            .map(|row| row[old].as_text().and_then(|text| text.parse().ok())))
    }

    /// A record that a link pointed to. It may be deleted by now; its name is told to those who
    /// could see it.
    async fn party_then(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        id: Id,
    ) -> Result<Party, Error> {
        let mut reading = Reading::of(caller, object);
        reading.only_ids(&[id]);
        reading.with_deleted();
        let name = reading.name_of(0);
        let rows = reading.rows(self).await?;
        let name = rows
            .first()
            .and_then(|row| row[name].as_text().map(str::to_owned));
        Ok(Party { id, name })
    }
}

fn too_early(session: &Session, as_of: Timestamp) -> Error {
    let name = session
        .name
        .clone()
        .unwrap_or_else(|| session.id.to_string());
    Error::Invalid(vec![Problem::Rule {
        fields: vec![Name::Borrowed("asOf")],
        message: format!(
            "The session {name} began at {}; at {as_of} there was nothing to show yet.",
            session.start
        ),
    }])
}
