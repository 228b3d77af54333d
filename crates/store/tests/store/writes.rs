//! What a write does, and what it leaves alone when it fails.

use crate::org::{Org, at, catalogue, equal};
use headwater_catalogue::Value;
use headwater_soql::resolved::Filter;
use headwater_store::{Check, Operation, WriteError};

#[test]
fn a_new_record_has_its_system_fields_defaults_and_number() {
    let org = Org::new();
    let person = org.person("p", None);
    let first = org.session(person, 5);
    let second = org.insert("Session", &[("PersonId", person.into())]);
    assert_eq!(
        org.read("Session", first, &["Name"]).unwrap(),
        ["S-0001".into()]
    );
    let fields = [
        "Name",
        "Status",
        "IsUrgent",
        "IsDeleted",
        "CreatedById",
        "Subject",
    ];
    let row = org.read("Session", second, &fields).unwrap();
    let expected = [
        "S-0002".into(),
        "Active".into(),
        false.into(),
        false.into(),
        org.actor.into(),
        Value::Null,
    ];
    assert_eq!(row, expected);
    let fields = [
        "CreatedDate",
        "LastModifiedDate",
        "SystemModstamp",
        "StartTime",
    ];
    let row = org.read("Session", second, &fields).unwrap();
    assert!(
        row.iter().all(|at| *at == row[0] && !at.is_null()),
        "{row:?}"
    );
}

#[test]
fn versions_of_a_row_differ_even_when_the_clock_goes_back() {
    let org = Org::new();
    let account = org.insert("Account", &[("Name", "A".into())]);
    let stamp = || org.read("Account", account, &["SystemModstamp"]).unwrap()[0].as_datetime();
    let before = stamp();
    let mut set = org.set(vec![org.updating(
        "Account",
        account,
        &[("Name", "B".into())],
    )]);
    set.at = at(5);
    org.store.write_blocking(set).unwrap();
    assert!(stamp() > before);
}

#[test]
fn an_update_of_what_has_changed_since_is_refused() {
    let org = Org::new();
    let account = org.insert("Account", &[("Name", "A".into())]);
    let seen = org.read("Account", account, &["SystemModstamp"]).unwrap()[0].as_datetime();
    let with = |seen, expect| {
        let mut operation = org.updating("Account", account, &[("Name", "B".into())]);
        if let Operation::Update {
            seen: s, expect: e, ..
        } = &mut operation
        {
            (*s, *e) = (seen, expect);
        }
        org.write(vec![operation])
    };
    let name = org.object("Account").position("Name").unwrap();
    let unexpected = with(None, vec![(name, "other".into())]).unwrap_err();
    assert!(matches!(unexpected, WriteError::Unexpected { found: Value::Text(a), .. } if a == "A"));
    with(seen, vec![(name, "A".into())]).unwrap();
    assert!(matches!(
        with(seen, vec![]),
        Err(WriteError::Stale { operation: 0, .. })
    ));
}

#[test]
fn all_of_a_write_set_happens_or_nothing() {
    let org = Org::new();
    let (account, good) = org.insertion("Account", &[("Name", "A".into())]);
    let bad = org.updating("Account", org.actor, &[("Name", "B".into())]);
    let error = org.write(vec![good, bad]).unwrap_err();
    let expected = WriteError::NotFound {
        operation: 1,
        deleted: false,
    };
    assert_eq!(error, expected);
    assert_eq!(org.read("Account", account, &["Name"]), None);
    assert_eq!(org.changes(0, 10), []);
}

#[tokio::test]
async fn a_failure_in_a_group_leaves_its_neighbours_alone() {
    let org = Org::new();
    let person = org.person("p", None);
    let mut writes = Vec::new();
    for n in 0..40 {
        // Every second one would be a second open session.
        let status = if n % 2 == 0 { "Ended" } else { "Active" };
        let values = [("PersonId", person.into()), ("Status", status.into())];
        let (id, operation) = org.insertion("Session", &values);
        let store = org.store.clone();
        let set = org.set(vec![operation]);
        writes.push((id, tokio::spawn(async move { store.write(set).await })));
    }
    let mut written = 0;
    for (id, write) in writes {
        let there = org.read("Session", id, &["Id"]).is_some();
        let answer = write.await.unwrap();
        assert!(answer.is_ok() || !there);
        assert_eq!(answer.is_ok(), org.read("Session", id, &["Id"]).is_some());
        written += u64::from(answer.is_ok());
    }
    assert_eq!(written, 21, "twenty that are over and the first open one");
    let count = org.read("Person", person, &["SessionCount"]).unwrap();
    assert_eq!(count, [Value::Integer(21)]);
    let changes = org.changes(0, 100);
    let ids: Vec<i64> = changes.iter().map(|change| change.replay_id).collect();
    assert_eq!(
        ids,
        (1..=22).collect::<Vec<_>>(),
        "the person and its sessions, without a gap"
    );
}

#[tokio::test]
async fn one_that_is_refused_halfway_leaves_its_neighbours_alone() {
    let org = Org::new();
    let mut writes = Vec::new();
    for n in 0..60 {
        let (id, first) = org.insertion("Account", &[("Name", format!("A{n}").into())]);
        // Every third one has a second record that is refused when the first is written already: one that is
        // not there, and one that the database does not take.
        let second = match n % 6 {
            1 => org.updating("Account", org.actor, &[("Name", "B".into())]),
            4 => org.insertion("Person", &[]).1,
            _ => {
                org.insertion("Account", &[("Name", format!("B{n}").into())])
                    .1
            }
        };
        let store = org.store.clone();
        let set = org.set(vec![first, second]);
        writes.push((n, id, tokio::spawn(async move { store.write(set).await })));
    }
    for (n, id, write) in writes {
        let answer = write.await.unwrap();
        assert_eq!(answer.is_ok(), n % 3 != 1, "{n}: {answer:?}");
        assert_eq!(org.read("Account", id, &["Id"]).is_some(), n % 3 != 1);
    }
    let changes = org.changes(0, 200);
    let ids: Vec<i64> = changes.iter().map(|change| change.replay_id).collect();
    assert_eq!(ids, (1..=80).collect::<Vec<_>>(), "without a gap");
    assert_eq!(org.store.check_integrity().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn what_the_database_itself_refuses_leaves_the_neighbours_alone() {
    let org = Org::new();
    let mut writes = Vec::new();
    for n in 0..20 {
        // Every second one lacks what its table cannot do without.
        let (id, operation) = if n % 2 == 0 {
            org.insertion("Account", &[("Name", "A".into())])
        } else {
            org.insertion("Person", &[])
        };
        let store = org.store.clone();
        let set = org.set(vec![operation]);
        writes.push((n, id, tokio::spawn(async move { store.write(set).await })));
    }
    for (n, id, write) in writes {
        let answer = write.await.unwrap();
        assert_eq!(answer.is_ok(), n % 2 == 0, "{answer:?}");
        assert_eq!(org.read("Account", id, &["Id"]).is_some(), n % 2 == 0);
    }
    assert_eq!(org.store.check_integrity().unwrap(), Vec::<String>::new());
}

#[test]
fn a_check_wants_a_record_that_is_there_and_seen() {
    let org = Org::new();
    let account = org.insert("Account", &[("Name", "A".into())]);
    let gone = org.insert("Account", &[("Name", "B".into())]);
    org.delete("Account", gone).unwrap();
    let object = org.object("Account");
    let check = |id, visible: Filter| {
        let (_, operation) = org.insertion("Account", &[("Name", "C".into())]);
        let mut set = org.set(vec![operation]);
        let object = std::sync::Arc::clone(&object);
        set.checks.push(Check {
            object,
            id,
            visible,
        });
        org.store.write_blocking(set).map(|_| ())
    };
    let missing = |hidden| Err(WriteError::Missing { check: 0, hidden });
    assert_eq!(check(account, Filter::Always), Ok(()));
    assert_eq!(check(account, equal(&object, "Name", "a")), Ok(()));
    assert_eq!(check(account, equal(&object, "Name", "x")), missing(true));
    assert_eq!(check(gone, Filter::Always), missing(false));
    assert_eq!(check(org.actor, Filter::Always), missing(false));
}

#[test]
fn a_caller_changes_only_what_it_may() {
    let org = Org::new();
    let account = org.insert("Account", &[("Name", "A".into())]);
    let object = org.object("Account");
    let mut operation = org.updating("Account", account, &[("Name", "B".into())]);
    if let Operation::Update { may, .. } = &mut operation {
        *may = equal(&object, "CreatedById", account);
    }
    let refused = Err(WriteError::Refused { operation: 0 });
    assert_eq!(org.write(vec![operation]).map(|_| ()), refused);
    let id = account;
    let may = Filter::Never;
    assert_eq!(
        org.write(vec![Operation::Delete { object, id, may }])
            .map(|_| ()),
        refused
    );
    assert_eq!(
        org.read("Account", account, &["Name"]).unwrap(),
        ["A".into()]
    );
}

#[test]
fn a_duplicate_names_the_fields_and_the_record_that_is_there() {
    let org = Org::new();
    let first = org.person("+49 171", None);
    let values = [("Channel", "SMS".into()), ("Key", "+49 171".into())];
    let (_, operation) = org.insertion("Person", &values);
    let person = org.object("Person");
    let place = |name: &str| person.position(name).unwrap();
    let duplicate = WriteError::Duplicate {
        operation: 0,
        fields: vec![place("Channel"), place("Key")],
        existing: Some(first),
    };
    assert_eq!(org.write(vec![operation.clone()]).unwrap_err(), duplicate);
    // What lies in the recycle bin is in nobody's way.
    org.delete("Person", first).unwrap();
    org.write(vec![operation]).unwrap();
}

#[test]
fn unique_text_may_ask_for_its_case() {
    let org = Org::new();
    org.insert("Account", &[("Name", "A".into()), ("Number", "x1".into())]);
    org.insert("Account", &[("Name", "A".into()), ("Number", "X1".into())]);
    org.insert("Account", &[("Name", "A".into())]);
    org.insert("Account", &[("Name", "A".into())]);
    let (_, operation) = org.insertion("Account", &[("Name", "A".into()), ("Number", "x1".into())]);
    assert!(matches!(
        org.write(vec![operation]),
        Err(WriteError::Duplicate { .. })
    ));
}

#[test]
fn a_person_has_at_most_one_open_session() {
    let org = Org::new();
    let person = org.person("p", None);
    let open = org.insert("Session", &[("PersonId", person.into())]);
    let (_, another) = org.insertion("Session", &[("PersonId", person.into())]);
    let error = org.write(vec![another.clone()]).unwrap_err();
    assert!(matches!(error, WriteError::Duplicate { existing: Some(id), .. } if id == open));
    org.update("Session", open, &[("Status", "Ended".into())]);
    org.write(vec![another]).unwrap();
}

#[test]
fn a_reference_to_nothing_is_refused_by_the_database_itself() {
    let org = Org::new();
    let nobody = org.store.next_id(&org.object("Person"));
    let (_, operation) = org.insertion("Session", &[("PersonId", nobody.into())]);
    assert_eq!(
        org.write(vec![operation]).unwrap_err(),
        WriteError::Dangling { operation: 0 }
    );
}

#[test]
fn nothing_acknowledged_is_lost_and_no_id_is_given_twice() {
    let mut org = Org::new();
    let mut known = Vec::new();
    for round in 0..3 {
        for n in 0..5 {
            known.push(org.insert("Account", &[("Name", format!("{round}-{n}").into())]));
        }
        org = org.reopened(catalogue());
    }
    for id in &known {
        assert!(org.read("Account", *id, &["Name"]).is_some());
    }
    let mut different = known.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), known.len());
    assert_eq!(org.changes(0, 100).last().unwrap().replay_id, 15);
}

#[test]
fn more_ids_are_reserved_while_they_are_given_out() {
    let home = crate::org::home();
    let options = headwater_store::Options {
        ids_reserved: 8,
        durable: false,
        ..headwater_store::Options::default()
    };
    let store = crate::org::open_with(&home, catalogue(), options).unwrap();
    let object = std::sync::Arc::clone(store.catalogue().object("Account").unwrap());
    let ids: std::collections::HashSet<_> = (0..500).map(|_| store.next_id(&object)).collect();
    assert_eq!(ids.len(), 500);
}

#[test]
fn a_closed_store_refuses_writes() {
    let org = Org::new();
    let (_, operation) = org.insertion("Account", &[("Name", "A".into())]);
    org.store.close();
    assert_eq!(org.write(vec![operation]).unwrap_err(), WriteError::Closed);
}
