//! The recycle bin: what comes back from it, what does not, and what goes for good.

use std::sync::Arc;

use futures_executor::block_on;
use headwater_catalogue::{Catalogue, Field, Id, OnDelete, Value};
use headwater_soql::resolved::Filter;
use headwater_store::{ChangeKind, Committed, Operation, RecycledPage, WriteError};

use crate::org::{Org, at, objects};

fn undelete(org: &Org, name: &str, id: Id) -> Result<Committed, WriteError> {
    let (object, may) = (org.object(name), Filter::Always);
    org.write(vec![Operation::Undelete { object, id, may }])
}

fn erase(org: &Org, name: &str, id: Id) -> Result<Committed, WriteError> {
    let (object, may) = (org.object(name), Filter::Always);
    org.write(vec![Operation::Erase { object, id, may }])
}

fn is_deleted(org: &Org, name: &str, id: Id) -> Option<bool> {
    let row = org.read(name, id, &["IsDeleted"])?;
    Some(row[0] == Value::Boolean(true))
}

fn account(org: &Org, name: &str) -> Id {
    org.insert("Account", &[("Name", name.into())])
}

fn entry(org: &Org, session: Id) -> Id {
    org.insert(
        "Entry",
        &[("SessionId", session.into()), ("Actor", "Agent".into())],
    )
}

fn bin(org: &Org) -> Vec<Id> {
    let page = RecycledPage {
        actor: None,
        after: None,
        limit: 100,
    };
    let rows = block_on(org.store.recycled(&page)).unwrap();
    rows.iter().map(|row| row.record).collect()
}

fn sound(org: &Org) {
    assert_eq!(org.store.check_integrity().unwrap(), Vec::<String>::new());
}

#[test]
fn a_record_comes_back_with_what_went_with_it_and_its_history() {
    let org = Org::new();
    let person = org.person("p", None);
    let session = org.session(person, 50);
    let entries = [entry(&org, session), entry(&org, session)];
    let alone = entry(&org, session);
    org.delete("Entry", alone).unwrap();
    let history = org.history("SessionHistory", "SessionId", session);
    org.delete("Session", session).unwrap();
    assert_eq!(bin(&org), [session, alone], "an entry went with another");
    assert_eq!(
        org.read("Person", person, &["SessionCount"]).unwrap(),
        [Value::Integer(0)]
    );
    let before = org.changes(0, 100).len();
    undelete(&org, "Session", session).unwrap();
    assert_eq!(is_deleted(&org, "Session", session), Some(false));
    for entry in entries {
        assert_eq!(is_deleted(&org, "Entry", entry), Some(false));
    }
    // It was deleted by itself, before.
    assert_eq!(is_deleted(&org, "Entry", alone), Some(true));
    assert_eq!(bin(&org), [alone]);
    assert_eq!(org.history("SessionHistory", "SessionId", session), history);
    assert_eq!(
        org.read("Person", person, &["SessionCount", "LatestStart"])
            .unwrap(),
        [Value::Integer(1), Value::DateTime(at(50))]
    );
    let told: Vec<_> = org.changes(0, 100)[before..]
        .iter()
        .map(|change| (change.kind, change.record))
        .collect();
    let back = |id| (ChangeKind::Undelete, id);
    assert_eq!(told, [back(session), back(entries[0]), back(entries[1])]);
    let fields = &org.changes(0, 100)[before].fields;
    assert!(fields.iter().any(|(name, _)| name == "PersonId"));
    sound(&org);
}

#[test]
fn what_was_cleared_is_filled_again_unless_it_has_another_value_by_now() {
    let org = Org::new();
    let goes = account(&org, "Goes");
    let other = account(&org, "Other");
    let (kept, given) = (org.person("a", Some(goes)), org.person("b", Some(goes)));
    let gone = org.person("c", Some(goes));
    org.delete("Account", goes).unwrap();
    let account_of = |id| org.read("Person", id, &["AccountId"]).unwrap().remove(0);
    assert_eq!(account_of(kept), Value::Null);
    org.update("Person", given, &[("AccountId", other.into())]);
    org.delete("Person", gone).unwrap();
    undelete(&org, "Account", goes).unwrap();
    assert_eq!(account_of(kept), goes.into());
    assert_eq!(account_of(given), other.into());
    assert_eq!(account_of(gone), goes.into());
    // The history says both, as of any change.
    let history = org.history("PersonHistory", "PersonId", kept);
    let of_account = history.iter().filter(|row| row[1] == "EntityId");
    let moves: Vec<_> = of_account.map(|row| (&*row[2], &*row[3])).collect();
    assert_eq!(moves, [(goes.as_str(), "-"), ("-", goes.as_str())]);
    // What was noted of it is forgotten: deleted again, it takes only what refers to it now.
    org.update("Person", kept, &[("AccountId", Value::Null)]);
    org.delete("Account", goes).unwrap();
    undelete(&org, "Account", goes).unwrap();
    assert_eq!(account_of(kept), Value::Null);
    sound(&org);
}

#[test]
fn a_record_does_not_come_back_before_the_one_it_belongs_to() {
    let org = Org::new();
    let parent = account(&org, "A");
    let case = org.insert("Case", &[("AccountId", parent.into())]);
    org.delete("Case", case).unwrap();
    org.delete("Account", parent).unwrap();
    let object = org.object("Case");
    let refused = WriteError::ParentDeleted {
        operation: 0,
        field: object.position("AccountId").unwrap(),
        object,
        parent,
    };
    assert_eq!(undelete(&org, "Case", case).unwrap_err(), refused);
    assert_eq!(is_deleted(&org, "Case", case), Some(true));
    undelete(&org, "Account", parent).unwrap();
    undelete(&org, "Case", case).unwrap();
    assert_eq!(
        undelete(&org, "Case", case).unwrap_err(),
        WriteError::NotDeleted { operation: 0 }
    );
}

#[test]
fn a_reference_to_what_is_deleted_meanwhile_is_empty_until_that_comes_back() {
    let org = Org::new();
    let other = account(&org, "A");
    let person = org.person("p", Some(other));
    org.delete("Person", person).unwrap();
    org.delete("Account", other).unwrap();
    undelete(&org, "Person", person).unwrap();
    let account_of = |id| org.read("Person", id, &["AccountId"]).unwrap().remove(0);
    assert_eq!(account_of(person), Value::Null);
    undelete(&org, "Account", other).unwrap();
    assert_eq!(account_of(person), other.into());
}

#[test]
fn a_unique_value_that_was_taken_since_keeps_a_record_in_the_bin() {
    let org = Org::new();
    let person = org.person("p", None);
    let open = org.insert("Session", &[("PersonId", person.into())]);
    org.delete("Session", open).unwrap();
    let another = org.insert("Session", &[("PersonId", person.into())]);
    let error = undelete(&org, "Session", open).unwrap_err();
    assert!(
        matches!(error, WriteError::Taken { existing: Some(id), .. } if id == another),
        "{error:?}"
    );
    assert_eq!(bin(&org), [open]);
    org.update("Session", another, &[("Status", "Ended".into())]);
    undelete(&org, "Session", open).unwrap();
    sound(&org);
}

#[test]
fn a_caller_brings_back_and_erases_only_what_it_may() {
    let org = Org::new();
    let id = account(&org, "A");
    org.delete("Account", id).unwrap();
    let (object, may) = (org.object("Account"), Filter::Never);
    let refused = WriteError::Refused { operation: 0 };
    let (o, m) = (Arc::clone(&object), may.clone());
    let operation = Operation::Undelete {
        object: o,
        id,
        may: m,
    };
    assert_eq!(org.write(vec![operation]).unwrap_err(), refused);
    let operation = Operation::Erase { object, id, may };
    assert_eq!(org.write(vec![operation]).unwrap_err(), refused);
    let unknown = org.store.next_id(&org.object("Account"));
    let not_found = WriteError::NotFound {
        operation: 0,
        deleted: false,
    };
    assert_eq!(undelete(&org, "Account", unknown).unwrap_err(), not_found);
    assert_eq!(erase(&org, "Account", unknown).unwrap_err(), not_found);
}

#[test]
fn a_merged_record_that_comes_back_is_merged_no_more_and_gets_nothing_back() {
    let mut objects = objects();
    let object = objects.iter_mut().find(|object| object.name == "Account");
    let fields = object.unwrap().fields.to_mut();
    fields.insert(0, Field::reference("MasterRecordId", "Account"));
    let org = Org::with(Arc::new(Catalogue::new(objects).unwrap()));
    let (stays, goes) = (account(&org, "A"), account(&org, "B"));
    let person = org.person("p", Some(goes));
    let operation = Operation::Merge {
        object: org.object("Account"),
        survivor: stays,
        merged: vec![goes],
        may: Filter::Always,
        reason: None,
    };
    org.write(vec![operation]).unwrap();
    undelete(&org, "Account", goes).unwrap();
    let master = org.read("Account", goes, &["MasterRecordId"]).unwrap();
    assert_eq!(master, [Value::Null]);
    let account_of = org.read("Person", person, &["AccountId"]).unwrap();
    assert_eq!(account_of, [Value::from(stays)]);
}

#[test]
fn what_is_erased_is_gone_with_all_that_went_with_it() {
    let org = Org::new();
    let parent = account(&org, "A");
    let person = org.person("p", Some(parent));
    let session = org.session(person, 5);
    let gone = entry(&org, session);
    org.delete("Session", session).unwrap();
    erase(&org, "Session", session).unwrap();
    assert_eq!(org.read("Session", session, &["Id"]), None);
    assert_eq!(org.read("Entry", gone, &["Id"]), None);
    // Past the bin: what refers to it and must, goes; what forbids it, forbids it.
    let session = org.session(person, 6);
    let error = erase(&org, "Person", person).unwrap_err();
    assert!(matches!(error, WriteError::Restricted { .. }), "{error:?}");
    let gone = entry(&org, session);
    erase(&org, "Session", session).unwrap();
    assert_eq!(org.read("Entry", gone, &["Id"]), None);
    erase(&org, "Account", parent).unwrap();
    let account_of = org.read("Person", person, &["AccountId"]).unwrap();
    assert_eq!(account_of, [Value::Null]);
    assert_eq!(bin(&org), []);
    assert_eq!(
        org.history("SessionHistory", "SessionId", session),
        Vec::<Vec<String>>::new()
    );
    sound(&org);
}

#[test]
fn what_belongs_to_an_erased_record_by_its_delete_goes_though_it_need_not_refer_to_it() {
    let mut objects = objects();
    let object = objects.iter_mut().find(|object| object.name == "Case");
    let fields = object.unwrap().fields.to_mut();
    fields[1] = Field::reference("AccountId", "Account").on_delete(OnDelete::Cascade);
    let org = Org::with(Arc::new(Catalogue::new(objects).unwrap()));
    let parent = account(&org, "A");
    let refers = || org.insert("Case", &[("AccountId", parent.into())]);
    let (with, alone) = (refers(), refers());
    org.delete("Case", alone).unwrap();
    org.delete("Account", parent).unwrap();
    erase(&org, "Account", parent).unwrap();
    assert_eq!(org.read("Case", with, &["Id"]), None);
    // It was deleted by itself, and may come back without its account.
    undelete(&org, "Case", alone).unwrap();
    let account_of = org.read("Case", alone, &["AccountId"]).unwrap();
    assert_eq!(account_of, [Value::Null]);
    sound(&org);
}

#[test]
fn the_bin_is_read_by_who_deleted_and_when_a_page_at_a_time() {
    let mut org = Org::new();
    let ids: Vec<_> = (0..4).map(|n| account(&org, &format!("{n}"))).collect();
    org.delete("Account", ids[0]).unwrap();
    org.delete("Account", ids[1]).unwrap();
    let first = org.actor;
    org.actor = ids[3];
    org.delete("Account", ids[2]).unwrap();
    let page = |actor, after, limit| {
        let page = RecycledPage {
            actor,
            after,
            limit,
        };
        block_on(org.store.recycled(&page)).unwrap()
    };
    let ids_of =
        |rows: &[headwater_store::Recycled]| rows.iter().map(|row| row.record).collect::<Vec<_>>();
    assert_eq!(ids_of(&page(Some(first), None, 9)), [ids[1], ids[0]]);
    assert_eq!(ids_of(&page(Some(ids[3]), None, 9)), [ids[2]]);
    let top = page(None, None, 2);
    assert_eq!(ids_of(&top), [ids[2], ids[1]]);
    let after = Some((top[1].at, top[1].record));
    assert_eq!(ids_of(&page(None, after, 2)), [ids[0]]);
    assert_eq!(top[0].object, "Account");
    let older = block_on(org.store.recycled_before(top[1].at, None, 9)).unwrap();
    assert_eq!(ids_of(&older), [ids[0]]);
    let (later, oldest) = (
        top[0].at + jiff::SignedDuration::from_secs(1),
        older.first(),
    );
    let next = block_on(org.store.recycled_before(later, oldest, 9)).unwrap();
    assert_eq!(ids_of(&next), [ids[1], ids[2]]);
    let one = block_on(org.store.recycled_record(ids[1]))
        .unwrap()
        .unwrap();
    assert_eq!(one.actor, first);
    assert_eq!(block_on(org.store.recycled_record(ids[3])).unwrap(), None);
}
