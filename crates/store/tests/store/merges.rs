//! Merging records: nothing is left behind, and all that follows from a change follows.

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Field, Id, Value};
use headwater_soql::resolved::{Filter, Query};
use headwater_store::{ChangeKind, Check, Committed, Operation, WriteError, moved_by_merge};

use crate::org::{Org, at, equal, objects, sessions_of_account};

/// The catalogue of these tests, in which accounts and persons merge.
fn merging() -> Org {
    let mut objects = objects();
    for (name, master) in [("Account", "Account"), ("Person", "Person")] {
        let object = objects.iter_mut().find(|object| object.name == name);
        let fields = object.unwrap().fields.to_mut();
        fields.insert(0, Field::reference("MasterRecordId", master));
    }
    Org::with(Arc::new(Catalogue::new(objects).unwrap()))
}

fn operation(org: &Org, name: &str, survivor: Id, merged: &[Id]) -> Operation {
    Operation::Merge {
        object: org.object(name),
        survivor,
        merged: merged.to_vec(),
        may: Filter::Always,
        reason: Some("Twice the same".to_owned()),
    }
}

fn merge(org: &Org, name: &str, survivor: Id, merged: &[Id]) -> Result<Committed, WriteError> {
    org.write(vec![operation(org, name, survivor, merged)])
}

fn moved(committed: &Committed) -> Vec<(&str, u64)> {
    let moved = committed.outcomes[0].moved.iter();
    moved
        .map(|(object, count)| (&*object.name, *count))
        .collect()
}

fn account(org: &Org, name: &str) -> Id {
    org.insert("Account", &[("Name", name.into())])
}

#[test]
fn whatever_refers_to_a_merged_record_refers_to_the_survivor() {
    let org = merging();
    let (stays, goes, also) = (account(&org, "A"), account(&org, "B"), account(&org, "C"));
    let person = org.person("p", Some(goes));
    let other = org.person("q", Some(also));
    let session = org.session(person, 5);
    // A case forbids deleting its account, and a merge all the same.
    let case = org.insert("Case", &[("AccountId", goes.into())]);
    let below = org.insert(
        "Account",
        &[("Name", "D".into()), ("ParentId", also.into())],
    );
    let stamp = |id| org.read("Session", id, &["SystemModstamp"]);
    let before = (stamp(session), org.store.statistics().unwrap().last_change);
    let committed = merge(&org, "Account", stays, &[goes, also]).unwrap();
    assert_eq!(
        moved(&committed),
        [("Account", 1), ("Person", 2), ("Case", 1)]
    );
    for (object, id, field) in [
        ("Person", person, "AccountId"),
        ("Person", other, "AccountId"),
        ("Case", case, "AccountId"),
        ("Account", below, "ParentId"),
    ] {
        assert_eq!(org.read(object, id, &[field]).unwrap(), [stays.into()]);
    }
    for gone in [goes, also] {
        let row = org.read("Account", gone, &["IsDeleted", "MasterRecordId"]);
        assert_eq!(row.unwrap(), [true.into(), stays.into()]);
    }
    let shown = sessions_of_account(&org.store.catalogue(), stays);
    assert_eq!(org.store.read_rows_blocking(&shown).unwrap().len(), 1);
    assert_eq!(
        stamp(session),
        before.0,
        "the session itself is not written"
    );
    let log = org.changes(before.1, 100);
    assert!(log.iter().all(|change| change.object != "Session"));
    assert!(log.iter().all(|change| change.transaction == before.1 + 1));
}

#[test]
fn both_ids_are_in_the_log_and_in_the_history() {
    let org = merging();
    let (stays, goes) = (org.person("p", None), org.person("q", None));
    let before = org.store.statistics().unwrap().last_change;
    merge(&org, "Person", stays, &[goes]).unwrap();
    let log = org.changes(before, 100);
    let entries: Vec<_> = log.iter().map(|c| (c.kind, c.record, &*c.fields)).collect();
    let master = [("MasterRecordId".to_owned(), Value::Id(stays))];
    let expected: [(_, _, &[_]); 2] = [
        (ChangeKind::Update, goes, &master),
        (ChangeKind::Delete, goes, &[]),
    ];
    assert_eq!(entries, expected);
    let history = org.history("PersonHistory", "PersonId", stays);
    let last = ["personMerged", "Text", goes.as_str(), "Twice the same"];
    assert_eq!(history.last().unwrap(), &last);
}

#[test]
fn what_is_moved_has_its_history_and_counts() {
    let org = merging();
    let (old, new) = (account(&org, "B"), account(&org, "A"));
    let person = org.person("p", Some(old));
    merge(&org, "Account", new, &[old]).unwrap();
    let history = org.history("PersonHistory", "PersonId", person);
    assert_eq!(history[1], ["Account", "Text", "B", "A"]);
    assert_eq!(
        history[2],
        ["Account", "EntityId", old.as_str(), new.as_str()]
    );

    let twin = org.person("q", None);
    org.session(person, 5);
    org.session(twin, 9);
    merge(&org, "Person", person, &[twin]).unwrap();
    let counts = org.read("Person", person, &["SessionCount", "LatestStart"]);
    assert_eq!(counts.unwrap(), [Value::Integer(2), at(9).into()]);
}

#[test]
fn records_that_refer_to_one_another_do_not_end_up_referring_to_themselves() {
    let org = merging();
    let goes = account(&org, "B");
    let stays = org.insert(
        "Account",
        &[("Name", "A".into()), ("ParentId", goes.into())],
    );
    let also = org.insert(
        "Account",
        &[("Name", "C".into()), ("ParentId", goes.into())],
    );
    let committed = merge(&org, "Account", stays, &[goes, also]).unwrap();
    assert_eq!(moved(&committed), [], "nobody else referred to them");
    assert_eq!(
        org.read("Account", stays, &["ParentId"]).unwrap(),
        [Value::Null]
    );
    assert_eq!(
        org.read("Account", also, &["ParentId", "IsDeleted"])
            .unwrap(),
        [stays.into(), true.into()]
    );
}

#[test]
fn a_merge_that_cannot_be_leaves_everything_alone() {
    let org = merging();
    let (stays, goes) = (account(&org, "A"), account(&org, "B"));
    let deleted = account(&org, "C");
    org.delete("Account", deleted).unwrap();
    let person = org.person("p", Some(goes));
    let unknown = org.store.next_id(&org.object("Account"));
    let before = org.store.statistics().unwrap().last_change;
    let dangling = WriteError::Dangling { operation: 0 };
    let not_found = |deleted| WriteError::NotFound {
        operation: 0,
        deleted,
    };
    for (survivor, merged, error) in [
        (stays, [goes, stays], dangling.clone()),
        (unknown, [goes, goes], dangling.clone()),
        (deleted, [goes, goes], dangling),
        (stays, [goes, unknown], not_found(false)),
        (stays, [goes, deleted], not_found(true)),
        (stays, [goes, goes], not_found(true)),
    ] {
        assert_eq!(
            merge(&org, "Account", survivor, &merged).unwrap_err(),
            error
        );
    }
    let mut refused = operation(&org, "Account", stays, &[goes]);
    if let Operation::Merge { may, object, .. } = &mut refused {
        *may = equal(object, "Name", "another");
    }
    let error = org.write(vec![refused]).unwrap_err();
    assert_eq!(error, WriteError::Refused { operation: 0 });
    // Two persons with an open session each would be one with two.
    let twin = org.person("q", None);
    for person in [person, twin] {
        org.insert("Session", &[("PersonId", person.into())]);
    }
    let error = merge(&org, "Person", person, &[twin]).unwrap_err();
    assert!(matches!(error, WriteError::Duplicate { .. }), "{error:?}");
    assert_eq!(
        org.read("Person", person, &["AccountId"]).unwrap(),
        [goes.into()]
    );
    assert_eq!(
        org.read("Account", goes, &["IsDeleted"]).unwrap(),
        [false.into()]
    );
    assert_eq!(org.store.statistics().unwrap().last_change, before + 3);
}

#[test]
fn values_freed_by_the_merge_may_go_to_the_survivor_with_it() {
    let org = merging();
    let stays = account(&org, "A");
    let goes = org.insert("Account", &[("Name", "B".into()), ("Number", "7".into())]);
    let values = [("Number", "7".into())];
    let merge = operation(&org, "Account", stays, &[goes]);
    org.write(vec![merge, org.updating("Account", stays, &values)])
        .unwrap();
    assert_eq!(
        org.read("Account", stays, &["Number"]).unwrap(),
        ["7".into()]
    );
}

#[test]
fn the_references_that_a_merge_moves_are_all_but_the_history_s() {
    let org = merging();
    let catalogue = org.store.catalogue();
    let of = |name: &str| {
        let moved = moved_by_merge(&org.object(name), &catalogue);
        let named = moved.into_iter().map(|(object, fields)| {
            let names = fields.iter().map(|place| &*object.fields[*place].name);
            format!("{}: {}", object.name, names.collect::<Vec<_>>().join(" "))
        });
        named.collect::<Vec<_>>()
    };
    assert_eq!(
        of("Account"),
        [
            "Account: MasterRecordId ParentId",
            "Person: AccountId",
            "Case: AccountId"
        ]
    );
    assert_eq!(
        of("Person"),
        ["Person: MasterRecordId", "Session: PersonId", "Look: ById"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_that_is_made_meanwhile_is_left_behind() {
    let org = merging();
    let (stays, goes) = (account(&org, "A"), account(&org, "B"));
    let check = Check {
        object: org.object("Account"),
        id: goes,
        visible: Filter::Always,
    };
    let mut writes = Vec::new();
    for n in 0..60 {
        let set = if n == 30 {
            org.set(vec![operation(&org, "Account", stays, &[goes])])
        } else {
            let key = n.to_string();
            let values = [
                ("Last", key.as_str().into()),
                ("Channel", "sms".into()),
                ("Key", key.as_str().into()),
                ("AccountId", goes.into()),
            ];
            let mut set = org.set(vec![org.insertion("Person", &values).1]);
            set.checks.push(check.clone());
            set
        };
        let store = org.store.clone();
        writes.push(tokio::spawn(async move { store.write(set).await }));
    }
    let mut written = 0;
    for (n, write) in writes.into_iter().enumerate() {
        match write.await.unwrap() {
            Ok(_) if n == 30 => {}
            Ok(_) => written += 1,
            Err(error) => assert!(matches!(error, WriteError::Missing { .. }), "{error:?}"),
        }
    }
    let person = org.object("Person");
    let of = |account: Id| {
        let mut query = Query::of_object(&person);
        query.filter = equal(&person, "AccountId", account);
        org.store.count_blocking(&query).unwrap()
    };
    assert_eq!((of(goes), of(stays)), (0, written));
}
