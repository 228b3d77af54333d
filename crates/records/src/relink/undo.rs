//! Undoing a relink: what still is as the relink wrote it gets back what it had before, and what
//! has been changed since is left alone and told.

use std::sync::Arc;

use headwater_catalogue::{Id, Name, Object, Value};

use super::journal::{self, Entry, Item};
use super::links::{self, Current, Objects};
use super::{
    ATTEMPTS_MAX, Attempt, Link, Party, RelinkReport, RelinkedUser, check, id_of, not_allowed,
};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::selection::Selection;

const CHANGED_SINCE: &str = "It has been changed since.";
const USER_DELETED: &str = "The Messaging User is deleted.";

impl Org {
    /// Undoes a relink, by a relink of its own. Each link that still is what the relink wrote gets
    /// back what it was before; the others are left alone, and the report says why.
    ///
    /// When there is nothing left to give back nothing is written, and the report has no relink.
    ///
    /// # Errors
    /// Nothing was written. [`Error::CannotUndo`] when it was undone already; else as
    /// [`Org::relink`].
    pub async fn undo_relink(&self, caller: &Caller, id: &str) -> Result<RelinkReport, Error> {
        let objects = Objects::of(&caller.rights.catalogue)?;
        for _ in 0..ATTEMPTS_MAX {
            let entry = Entry::read(self, caller, &objects, id).await?;
            if let Some(by) = entry.undone_by {
                return Err(Error::CannotUndo(format!(
                    "The relink {} was undone already, by the relink {by}.",
                    entry.name
                )));
            }
            // With the server's eyes: an item the caller cannot see must not be skipped silently.
            let items = journal::items(self, &self.system(), &objects, entry.id).await?;
            let undoing = self.undoing(caller, &objects, &items).await?;
            let users = items.iter().map(|item| undoing.applied_to(item)).collect();
            let mut report = self.report(caller, users, None);
            report.rule = Name::Borrowed("Undo");
            report.undo_of = Some(entry.id);
            if report.changed() == 0 {
                // Another undo may have been first between the readings; then it is that which has
                // changed the links since.
                let again = Entry::read(self, caller, &objects, id).await?;
                if again.undone_by.is_none() {
                    return Ok(report);
                }
                continue;
            }
            let checks = undoing.checks(caller, &objects, &report);
            let mut more = vec![journal::mark_undone(&objects, entry.id)];
            let whole = items
                .iter()
                .zip(&report.users)
                .filter(|(_, user)| is_whole(user));
            more.extend(whole.map(|(item, _)| journal::mark_item_undone(&objects, item.id)));
            match self
                .write_relink(caller, &objects, &mut report, checks, more)
                .await?
            {
                Attempt::Done => return Ok(report),
                Attempt::Overtaken => {}
            }
        }
        Err(Error::Busy)
    }

    /// What is so now of what a relink wrote, as far as it can be undone by this caller.
    async fn undoing(
        &self,
        caller: &Caller,
        objects: &Objects,
        items: &[Item],
    ) -> Result<Undoing, Error> {
        let mut fields = Vec::new();
        if items.iter().any(|item| item.account.is_some()) {
            fields.push(objects.account_field);
        }
        if items.iter().any(|item| item.contact.is_some()) {
            fields.push(objects.contact_field);
        }
        self.may_edit_links(caller, objects, &fields).await?;
        let ids: Vec<Id> = items.iter().map(|item| item.user).collect();
        let current = links::read(self, caller, objects, &ids).await?;
        let there = self.not_deleted(objects, &ids).await?;
        let seen = |id: &&Id| current.iter().any(|user| user.id == **id);
        if let Some(hidden) = there.iter().find(|id| !seen(id)) {
            return Err(not_allowed(&objects.user, Some(*hidden)));
        }
        self.may_edit_records(caller, objects, &there).await?;
        let accounts = items.iter().filter_map(|item| item.account.as_ref());
        let contacts = items.iter().filter_map(|item| item.contact.as_ref());
        Ok(Undoing {
            accounts: self.still_there(caller, &objects.account, accounts).await?,
            contacts: self.still_there(caller, &objects.contact, contacts).await?,
            current,
        })
    }

    /// Those of these Messaging Users that are there, for whoever.
    async fn not_deleted(&self, objects: &Objects, ids: &[Id]) -> Result<Vec<Id>, Error> {
        let asked = ids.iter().copied().map(Value::Id).collect();
        let there = Selection::of_object(&objects.user).any_of("Id", asked)?;
        let rows = there.rows(self.store()).await?;
        Ok(rows.iter().filter_map(|row| row[0].as_id()).collect())
    }

    /// Those of the targets before that can be pointed to again.
    async fn still_there<'a>(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        links: impl Iterator<Item = &'a (Option<Party>, Option<Party>)>,
    ) -> Result<Vec<Party>, Error> {
        let mut ids: Vec<Id> = links
            .filter_map(|(before, _)| id_of(before.as_ref()))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        links::parties(self, caller, object, &ids).await
    }
}

/// What is so now of what a relink wrote.
struct Undoing {
    current: Vec<Current>,
    accounts: Vec<Party>,
    contacts: Vec<Party>,
}

impl Undoing {
    fn applied_to(&self, item: &Item) -> RelinkedUser {
        let Some(user) = self.current.iter().find(|user| user.id == item.user) else {
            return RelinkedUser {
                id: item.user,
                name: None,
                account: None,
                contact: None,
                sessions: 0,
                left: Some(USER_DELETED.to_owned()),
            };
        };
        let account = item.account.as_ref();
        let contact = item.contact.as_ref();
        RelinkedUser {
            id: user.id,
            name: user.name.clone(),
            account: Some(restored(
                account,
                user.account.as_ref(),
                &self.accounts,
                "account",
            )),
            contact: Some(restored(
                contact,
                user.contact.as_ref(),
                &self.contacts,
                "contact",
            )),
            sessions: user.sessions,
            left: None,
        }
    }

    /// That what links are given back is still there when the write happens.
    fn checks(
        &self,
        caller: &Caller,
        objects: &Objects,
        report: &RelinkReport,
    ) -> Vec<headwater_store::Check> {
        let sides = [
            (&objects.account, &self.accounts),
            (&objects.contact, &self.contacts),
        ];
        let pointed_to = |party: &&Party| {
            let links = report
                .users
                .iter()
                .flat_map(|user| [&user.account, &user.contact]);
            let mut changed = links.flatten().filter(|link| link.changed);
            changed.any(|link| id_of(link.after.as_ref()) == Some(party.id))
        };
        let checks = sides.into_iter().flat_map(|(object, parties)| {
            let parties = parties.iter().filter(pointed_to);
            parties
                .map(|party| check(caller, object, party.id))
                .collect::<Vec<_>>()
        });
        checks.collect()
    }
}

/// The link that gives back what it was before, if it can.
fn restored(
    written: Option<&(Option<Party>, Option<Party>)>,
    current: Option<&Party>,
    there: &[Party],
    what: &str,
) -> Link {
    let left = |why: Option<String>| Link {
        left: why,
        ..Link::still(current.cloned())
    };
    let Some((before, after)) = written else {
        return left(None);
    };
    if id_of(current) != id_of(after.as_ref()) {
        return left(Some(CHANGED_SINCE.to_owned()));
    }
    let wanted = id_of(before.as_ref());
    let before = wanted
        .and_then(|id| there.iter().find(|party| party.id == id))
        .cloned();
    if wanted.is_some() && before.is_none() {
        let why = format!("The {what} before it is deleted, or you may not see it.");
        return left(Some(why));
    }
    Link::between(current.cloned(), before)
}

/// Whether all that a relink did to a Messaging User is undone.
fn is_whole(user: &RelinkedUser) -> bool {
    let links = [&user.account, &user.contact];
    user.left.is_none() && links.into_iter().flatten().all(|link| link.left.is_none())
}
