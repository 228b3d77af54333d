//! The links of Messaging Users: read with the caller's eyes, written with the caller's rights.

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Object, Value, ValueType};
use headwater_soql::resolved::{Column, Expression, Filter, Link as Join, Order, Query};
use headwater_store::{Operation, Page, Rows};
use jiff::Timestamp;

use super::{Link, Party, RelinkedUser, value_of};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::visibility::{self, Act};

/// The objects a relink is about, with the places of their fields.
#[derive(Debug)]
pub(crate) struct Objects {
    pub(crate) user: Arc<Object>,
    pub(crate) account: Arc<Object>,
    pub(crate) contact: Arc<Object>,
    pub(crate) relink: Arc<Object>,
    pub(crate) item: Arc<Object>,
    /// `AccountId` of a Messaging User.
    pub(crate) account_field: usize,
    /// `ContactId` of a Messaging User.
    pub(crate) contact_field: usize,
}

impl Objects {
    pub(crate) fn of(catalogue: &Catalogue) -> Result<Self, Error> {
        let object = |name: &str| {
            let found = catalogue.object(name).map(Arc::clone);
            found.ok_or_else(|| Error::UnknownObject(name.to_owned()))
        };
        let user = object("MessagingEndUser")?;
        Ok(Self {
            account_field: place(&user, "AccountId")?,
            contact_field: place(&user, "ContactId")?,
            account: object("Account")?,
            contact: object("Contact")?,
            relink: object("Relink")?,
            item: object("RelinkItem")?,
            user,
        })
    }
}

/// The place of a field that is in the catalogue as long as it is ours.
pub(crate) fn place(object: &Object, field: &str) -> Result<usize, Error> {
    object.position(field).ok_or_else(|| Error::UnknownField {
        object: object.name.clone(),
        field: field.to_owned(),
    })
}

/// A Messaging User's links now.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    pub(crate) id: Id,
    pub(crate) name: Option<String>,
    pub(crate) account: Option<Party>,
    pub(crate) contact: Option<Party>,
    pub(crate) sessions: u64,
    pub(crate) version: Timestamp,
}

/// The Messaging Users of these ids that the caller sees, in no order.
pub(crate) async fn read(
    org: &Org,
    caller: &Caller,
    objects: &Objects,
    ids: &[Id],
) -> Result<Vec<Current>, Error> {
    let mut reading = Reading::of(caller, &objects.user);
    reading.only_ids(ids);
    let name = reading.name_of(0);
    let account = reading.party(objects.account_field, &objects.account);
    let contact = reading.party(objects.contact_field, &objects.contact);
    // The store keeps the count; counting sessions here would cost more the more there are.
    let sessions = reading.column(0, place(&objects.user, "SessionCount")?);
    let version = reading.column(0, place(&objects.user, "SystemModstamp")?);
    let current = |row: Vec<Value>| {
        Some(Current {
            id: row[0].as_id()?,
            name: row[name].as_text().map(str::to_owned),
            account: party_in(&row, account),
            contact: party_in(&row, contact),
            sessions: counted(&row[sessions]),
            version: row[version].as_datetime()?,
        })
    };
    Ok(reading
        .rows(org)
        .await?
        .into_iter()
        .filter_map(current)
        .collect())
}

/// An account or contact, if it is there and the caller sees it.
pub(crate) async fn party(
    org: &Org,
    caller: &Caller,
    object: &Arc<Object>,
    id: Id,
) -> Result<Option<Party>, Error> {
    Ok(parties(org, caller, object, &[id]).await?.pop())
}

/// Those of these accounts or contacts that are there and that the caller sees, in no order.
pub(crate) async fn parties(
    org: &Org,
    caller: &Caller,
    object: &Arc<Object>,
    ids: &[Id],
) -> Result<Vec<Party>, Error> {
    let mut reading = Reading::of(caller, object);
    reading.only_ids(ids);
    let name = reading.name_of(0);
    let party = |row: Vec<Value>| {
        Some(Party {
            id: row[0].as_id()?,
            name: row[name].as_text().map(str::to_owned),
        })
    };
    Ok(reading
        .rows(org)
        .await?
        .into_iter()
        .filter_map(party)
        .collect())
}

/// The update that gives a Messaging User its new links, if they still are what was read.
pub(crate) fn update(caller: &Caller, objects: &Objects, user: &RelinkedUser) -> Operation {
    let links = [
        (objects.account_field, &user.account),
        (objects.contact_field, &user.contact),
    ];
    let changed = |link: &&Link| link.changed;
    let changed = links
        .into_iter()
        .filter_map(|(field, link)| Some((field, link.as_ref().filter(changed)?)));
    let (values, expect) = changed
        .map(|(field, link)| {
            let after = (field, value_of(link.after.as_ref()));
            (after, (field, value_of(link.before.as_ref())))
        })
        .unzip();
    Operation::Update {
        object: Arc::clone(&objects.user),
        id: user.id,
        values,
        may: visibility::filter(caller, &objects.user, Act::Edit, 0),
        expect,
        seen: None,
    }
}

/// A query by the places of fields, with the names of what references point to.
pub(crate) struct Reading<'a> {
    caller: &'a Caller,
    query: Query,
}

/// The columns of a reference and of the name of what it points to.
pub(crate) type PartyColumns = (usize, usize);

impl<'a> Reading<'a> {
    pub(crate) fn of(caller: &'a Caller, object: &Arc<Object>) -> Self {
        Self {
            caller,
            query: Query::of_object(object),
        }
    }

    pub(crate) fn only_ids(&mut self, ids: &[Id]) {
        let left = Expression::Column(Column {
            source: 0,
            field: 0,
        });
        let values: Vec<Value> = ids.iter().copied().map(Value::Id).collect();
        let filter = if values.is_empty() {
            Filter::Never
        } else {
            Filter::In { left, values }
        };
        self.only(filter);
    }

    pub(crate) fn only(&mut self, filter: Filter) {
        let before = std::mem::replace(&mut self.query.filter, Filter::Always);
        self.query.filter = before.and(filter);
    }

    /// Deleted records too.
    pub(crate) fn with_deleted(&mut self) {
        self.query.include_deleted = true;
    }

    /// Only the first row, the least of this column.
    pub(crate) fn first_by(&mut self, column: Column) {
        self.query.order = vec![Order {
            by: Expression::Column(column),
            descending: false,
            nulls_first: true,
        }];
        self.query.limit = Some(1);
    }

    /// Reads a field of a source; the answer is its place in the rows.
    pub(crate) fn column(&mut self, source: usize, field: usize) -> usize {
        self.query
            .column(Expression::Column(Column { source, field }))
    }

    /// Reads the name of a source's record; always null when the caller may not see names there.
    pub(crate) fn name_of(&mut self, source: usize) -> usize {
        let object = Arc::clone(&self.query.sources[source].object);
        let name = object.fields.iter().position(|field| field.name_field);
        let rights = self.caller.rights.on(&object);
        match name.filter(|place| rights.reads(*place)) {
            Some(field) => self.column(source, field),
            None => self.query.column(Expression::Null(ValueType::Text)),
        }
    }

    /// Reads a reference of the object in FROM and the name of what it points to.
    pub(crate) fn party(&mut self, field: usize, object: &Arc<Object>) -> PartyColumns {
        let id = if self.caller.rights.on(self.query.object()).reads(field) {
            self.column(0, field)
        } else {
            self.query.column(Expression::Null(ValueType::Id))
        };
        let source = self.query.join(Join { source: 0, field }, object);
        (id, self.name_of(source))
    }

    /// The rows that the caller sees.
    pub(crate) async fn rows(mut self, org: &Org) -> Result<Vec<Vec<Value>>, Error> {
        visibility::restrict(self.caller, &mut self.query);
        let query = Arc::new(self.query);
        let selected = org
            .store()
            .select(query, Page::default(), Rows::default())
            .await?;
        Ok(selected.sink.rows)
    }
}

pub(crate) fn party_in(row: &[Value], (id, name): PartyColumns) -> Option<Party> {
    Some(Party {
        id: row[id].as_id()?,
        name: row[name].as_text().map(str::to_owned),
    })
}

pub(crate) fn counted(value: &Value) -> u64 {
    u64::try_from(value.as_integer().unwrap_or(0)).unwrap_or(0)
}
