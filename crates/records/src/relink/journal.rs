//! The records of relinks: what was written, by whom, and what was there before.

use std::sync::Arc;

use headwater_catalogue::{Id, Name, Object, Value};
use headwater_soql::resolved::{Column, Filter};
use headwater_store::Operation;
use jiff::Timestamp;

use super::links::{Objects, Reading, counted, party_in, place};
use super::{Link, Party, RelinkReport, RelinkedUser, value_of};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

/// A `Relink` record.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) rule: Name,
    pub(super) reason: Option<String>,
    pub(super) undo_of: Option<Id>,
    pub(super) undone_by: Option<Id>,
    pub(super) at: Timestamp,
    pub(super) by: Id,
}

/// A `RelinkItem` record.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: Id,
    pub(super) user: Id,
    pub(super) user_name: Option<String>,
    /// Before and after; none when the link was left alone.
    pub(super) account: Option<(Option<Party>, Option<Party>)>,
    /// Before and after; none when the link was left alone.
    pub(super) contact: Option<(Option<Party>, Option<Party>)>,
    sessions: u64,
}

impl Entry {
    /// The relink of this id, if the caller sees it.
    pub(super) async fn read(
        org: &Org,
        caller: &Caller,
        objects: &Objects,
        written: &str,
    ) -> Result<Self, Error> {
        let unknown = || Error::NotFound(written.to_owned());
        let id: Id = written.parse().map_err(|_| unknown())?;
        let object = &objects.relink;
        let mut reading = Reading::of(caller, object);
        reading.only_ids(&[id]);
        let name = reading.column(0, place(object, "Name")?);
        let rule = reading.column(0, place(object, "Rule")?);
        let reason = reading.column(0, place(object, "Reason")?);
        let undo_of = reading.column(0, place(object, "UndoOfId")?);
        let undone_by = reading.column(0, place(object, "UndoneById")?);
        let at = reading.column(0, place(object, "CreatedDate")?);
        let by = reading.column(0, place(object, "CreatedById")?);
        let rows = reading.rows(org).await?;
        let row = rows.first().ok_or_else(unknown)?;
        let text = |column: usize| row[column].as_text().map(str::to_owned);
        Ok(Self {
            id,
            name: text(name).unwrap_or_default(),
            rule: Name::Owned(text(rule).unwrap_or_default()),
            reason: text(reason),
            undo_of: row[undo_of].as_id(),
            undone_by: row[undone_by].as_id(),
            at: row[at].as_datetime().ok_or_else(unknown)?,
            by: row[by].as_id().ok_or_else(unknown)?,
        })
    }
}

/// What a relink did to each Messaging User that this caller sees, in the order it was done.
pub(super) async fn items(
    org: &Org,
    caller: &Caller,
    objects: &Objects,
    relink: Id,
) -> Result<Vec<Item>, Error> {
    let object = &objects.item;
    let mut reading = Reading::of(caller, object);
    let of_relink = Column {
        source: 0,
        field: place(object, "RelinkId")?,
    };
    reading.only(Filter::equal(of_relink, Value::Id(relink)));
    let user = reading.party(place(object, "MessagingEndUserId")?, &objects.user);
    let sessions = reading.column(0, place(object, "SessionsAffected")?);
    let mut link = |changed: &str, before: &str, after: &str, to: &Arc<Object>| {
        let changed = reading.column(0, place(object, changed)?);
        let before = reading.party(place(object, before)?, to);
        Ok::<_, Error>((changed, before, reading.party(place(object, after)?, to)))
    };
    let account = link(
        "AccountChanged",
        "AccountBeforeId",
        "AccountAfterId",
        &objects.account,
    )?;
    let contact = link(
        "ContactChanged",
        "ContactBeforeId",
        "ContactAfterId",
        &objects.contact,
    )?;
    let mut rows = reading.rows(org).await?;
    // Ids are given in order, so this is the order of the relink.
    rows.sort_by_key(|row| row[0].as_id());
    let item = |row: Vec<Value>| {
        let link = |(changed, before, after)| {
            let row: &Vec<Value> = &row;
            let changed: usize = changed;
            row[changed]
                .is_true()
                .then(|| (party_in(row, before), party_in(row, after)))
        };
        let user = party_in(&row, user)?;
        Some(Item {
            id: row[0].as_id()?,
            user: user.id,
            user_name: user.name,
            account: link(account),
            contact: link(contact),
            sessions: counted(&row[sessions]),
        })
    };
    Ok(rows.into_iter().filter_map(item).collect())
}

impl Item {
    /// The item as a relink's report tells it.
    pub(super) fn told(self) -> RelinkedUser {
        let link = |link: Option<(Option<Party>, Option<Party>)>| {
            let (before, after) = link?;
            Some(Link {
                changed: true,
                ..Link::between(before, after)
            })
        };
        RelinkedUser {
            id: self.user,
            name: self.user_name,
            account: link(self.account),
            contact: link(self.contact),
            sessions: self.sessions,
            left: None,
        }
    }
}

/// The `Relink` record and its items, for what a report says has changed.
pub(super) fn records(
    org: &Org,
    objects: &Objects,
    relink: Id,
    report: &RelinkReport,
) -> Vec<Operation> {
    let mut operations = vec![Operation::Insert {
        object: Arc::clone(&objects.relink),
        id: relink,
        values: placed(
            &objects.relink,
            [
                ("Reason", Value::from(report.reason.clone())),
                ("Rule", Value::from(&*report.rule)),
                ("MessagingEndUserCount", number(report.changed() as u64)),
                ("SessionsAffected", number(report.sessions())),
                ("UndoOfId", Value::from(report.undo_of)),
            ],
        ),
    }];
    let changed = report.users.iter().filter(|user| user.changed());
    operations.extend(changed.map(|user| Operation::Insert {
        object: Arc::clone(&objects.item),
        id: org.store().next_id(&objects.item),
        values: item(&objects.item, relink, user),
    }));
    operations
}

/// Fills the id of the new relink into updates that name it.
pub(super) fn undone(
    mut operations: Vec<Operation>,
    objects: &Objects,
    relink: Id,
) -> Vec<Operation> {
    for operation in &mut operations {
        if let Operation::Update { object, values, .. } = operation
            && object.name == objects.relink.name
        {
            *values = placed(object, [("UndoneById", Value::Id(relink))]);
        }
    }
    operations
}

/// That a relink is undone, if it is not undone already.
pub(super) fn mark_undone(objects: &Objects, relink: Id) -> Operation {
    Operation::Update {
        object: Arc::clone(&objects.relink),
        id: relink,
        values: Vec::new(),
        may: Filter::Always,
        expect: placed(&objects.relink, [("UndoneById", Value::Null)]),
        seen: None,
    }
}

/// That an item is undone.
pub(super) fn mark_item_undone(objects: &Objects, item: Id) -> Operation {
    Operation::Update {
        object: Arc::clone(&objects.item),
        id: item,
        values: placed(&objects.item, [("Undone", Value::Boolean(true))]),
        may: Filter::Always,
        expect: Vec::new(),
        seen: None,
    }
}

fn item(object: &Object, relink: Id, user: &RelinkedUser) -> Vec<(usize, Value)> {
    let account = user.account.as_ref().filter(|link| link.changed);
    let contact = user.contact.as_ref().filter(|link| link.changed);
    let before = |link: Option<&Link>| value_of(link.and_then(|link| link.before.as_ref()));
    let after = |link: Option<&Link>| value_of(link.and_then(|link| link.after.as_ref()));
    placed(
        object,
        [
            ("RelinkId", Value::Id(relink)),
            ("MessagingEndUserId", Value::Id(user.id)),
            ("AccountChanged", Value::Boolean(account.is_some())),
            ("AccountBeforeId", before(account)),
            ("AccountAfterId", after(account)),
            ("ContactChanged", Value::Boolean(contact.is_some())),
            ("ContactBeforeId", before(contact)),
            ("ContactAfterId", after(contact)),
            ("SessionsAffected", number(user.sessions)),
        ],
    )
}

/// Values by the place of their field.
fn placed<const N: usize>(object: &Object, values: [(&str, Value); N]) -> Vec<(usize, Value)> {
    let place = |(name, value)| Some((object.position(name)?, value));
    values.into_iter().filter_map(place).collect()
}

fn number(count: u64) -> Value {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}
