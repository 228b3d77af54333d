//! Several writes in one transaction, and writes that wait for one another.

use futures_executor::block_on;
use headwater_catalogue::{Id, Value};
use headwater_soql::resolved::{Filter, Query};
use headwater_store::{Check, Page, ReadError, Rows, Store, WriteError, WriteSet};

use crate::org::{Org, column};

fn account(org: &Org, name: &str) -> (Id, WriteSet) {
    let (id, operation) = org.insertion("Account", &[("Name", name.into())]);
    (id, org.set(vec![operation]))
}

/// A new person of an account, who needs that one to be there.
fn person(org: &Org, key: &str, account: Id) -> WriteSet {
    let values = [
        ("AccountId", account.into()),
        ("Channel", "c".into()),
        ("Key", key.into()),
    ];
    let (_, operation) = org.insertion("Person", &values);
    let check = Check {
        object: org.object("Account"),
        id: account,
        visible: Filter::Always,
    };
    WriteSet {
        checks: vec![check],
        ..org.set(vec![operation])
    }
}

/// The names of all accounts, as a handle on the store reads them.
fn names(org: &Org, store: &Store) -> Vec<String> {
    let object = org.object("Account");
    let mut query = Query::of_object(&object);
    query.columns = vec![column(&object, "Name")];
    let page = Page {
        after: None,
        rows_max: Some(50),
    };
    let selected = block_on(store.select(query.into(), page, Rows::default())).unwrap();
    let texts = selected.sink.rows.iter().map(|row| row[0].as_text());
    let mut names: Vec<String> = texts.flatten().map(str::to_owned).collect();
    names.sort();
    names
}

#[test]
fn one_that_is_refused_leaves_the_others_alone_or_takes_them_along() {
    let org = Org::new();
    let nowhere = account(&org, "never").0;
    for all_or_none in [true, false] {
        let before = org.changes(0, 100).len();
        let (first, set) = account(&org, "A");
        let sets = vec![
            set,
            person(&org, "a", nowhere),
            // It refers to what the first has made.
            person(&org, "b", first),
            person(&org, "b", first),
        ];
        let answers = block_on(org.store.write_each(sets, all_or_none)).unwrap();
        assert!(
            matches!(answers[1], Err(WriteError::Missing { .. })),
            "{answers:?}"
        );
        assert!(
            matches!(answers[3], Err(WriteError::Duplicate { .. })),
            "{answers:?}"
        );
        let changes = org.changes(0, 100).len() - before;
        if all_or_none {
            assert_eq!(answers[0].as_ref().err(), Some(&WriteError::Undone));
            assert_eq!((changes, names(&org, &org.store).len()), (0, 0));
        } else {
            let replay_ids: Vec<i64> = answers.iter().flatten().map(|one| one.replay_id).collect();
            assert_eq!(replay_ids.len(), 2, "{answers:?}");
            assert_eq!(
                (changes, names(&org, &org.store)),
                (2, vec!["A".to_owned()])
            );
        }
    }
}

#[test]
fn what_was_found_there_is_looked_for_again_once_it_was_touched() {
    let org = Org::new();
    let going = org.insert("Account", &[("Name", "Going".into())]);
    let staying = org.insert("Account", &[("Name", "Staying".into())]);
    let (_, twice) = org.insertion("Person", &[("Channel", "c".into()), ("Key", "b".into())]);
    let sets = vec![
        person(&org, "a", going),
        person(&org, "b", staying),
        person(&org, "c", going),
        org.set(vec![org.deletion("Account", going)]),
        person(&org, "d", going),
        // Refused as a whole: the account is there as before.
        org.set(vec![org.deletion("Account", staying), twice]),
        person(&org, "e", staying),
        org.set(vec![org.deletion("Account", staying)]),
        person(&org, "f", staying),
    ];
    let answers = block_on(org.store.write_each(sets, false)).unwrap();
    let refused: Vec<usize> = (0..answers.len())
        .filter(|place| answers[*place].is_err())
        .collect();
    assert_eq!(refused, [4, 5, 8], "{answers:?}");
    for place in [4, 8] {
        let is_missing = matches!(
            answers[place],
            Err(WriteError::Missing { hidden: false, .. })
        );
        assert!(is_missing, "{answers:?}");
    }
    let query = Query::of_object(&org.object("Person"));
    assert_eq!(block_on(org.store.count(query.into())).unwrap(), 4);
}

#[test]
fn a_trial_leaves_nothing() {
    let org = Org::new();
    let (first, set) = account(&org, "A");
    let sets = vec![set, person(&org, "a", first)];
    let answers = block_on(org.store.try_each(sets)).unwrap();
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert!(names(&org, &org.store).is_empty());
    assert!(org.changes(0, 100).is_empty());
}

#[test]
fn writes_that_wait_are_seen_by_their_own_handle_alone_until_they_are_committed() {
    let org = Org::new();
    org.insert("Account", &[("Name", "Before".into())]);
    let staging = org.store.staging(&[]);
    let (id, set) = account(&org, "Waits");
    block_on(staging.write(set)).unwrap();
    block_on(staging.write(person(&org, "a", id))).unwrap();
    assert_eq!(names(&org, &staging), ["Before", "Waits"]);
    assert_eq!(names(&org, &org.store), ["Before"]);
    let query = Query::of_object(&org.object("Person"));
    assert_eq!(block_on(staging.count(query.into())).unwrap(), 1);
    let rename = org.updating("Account", id, &[("Name", "Renamed".into())]);
    block_on(staging.write(org.set(vec![rename]))).unwrap();
    assert_eq!(names(&org, &staging), ["Before", "Renamed"]);
    block_on(staging.commit_staged()).unwrap();
    assert_eq!(names(&org, &org.store), ["Before", "Renamed"]);
    assert_eq!(org.changes(0, 100).len(), 4);
}

#[test]
fn a_number_that_was_read_is_the_one_that_is_kept() {
    let org = Org::new();
    let staging = org.store.staging(&[]);
    let who = org.person("p", None);
    let (id, operation) = org.insertion("Session", &[("PersonId", who.into())]);
    block_on(staging.write(org.set(vec![operation]))).unwrap();
    let object = org.object("Session");
    let mut query = Query::of_object(&object);
    query.columns = vec![column(&object, "Name")];
    let plan = staging.plan_by_id(&query);
    let read = |row: &headwater_store::Row<'_>| row.get(0).to_value();
    let seen = block_on(staging.read_by_id(&plan, id, read))
        .unwrap()
        .unwrap();
    // Others take numbers meanwhile.
    let other = org.session(org.person("q", None), 5);
    block_on(staging.commit_staged()).unwrap();
    let name = |id| org.read("Session", id, &["Name"]).unwrap().remove(0);
    assert_eq!(name(id), seen);
    assert_ne!(name(other), seen);
    assert_ne!(seen, Value::Null);
}

#[test]
fn what_is_refused_is_found_at_the_next_read_or_the_end_and_then_where_it_comes() {
    let org = Org::new();
    let nowhere = account(&org, "never").0;
    let run = |tried: &[usize], reads: bool| {
        let staging = org.store.staging(tried);
        block_on(staging.write(account(&org, "A").1)).unwrap();
        let written = block_on(staging.write(person(&org, "a", nowhere)));
        if reads {
            let query = Query::of_object(&org.object("Account"));
            let read = block_on(staging.count(query.into()));
            assert!(matches!(read, Err(ReadError::Unavailable(_))), "{read:?}");
            assert_eq!(staging.refused_at(), Some(1));
        }
        (
            written.map(drop),
            block_on(staging.commit_staged()),
            staging.refused_at(),
        )
    };
    for reads in [false, true] {
        let (written, committed, refused) = run(&[], reads);
        assert_eq!((written, refused), (Ok(()), Some(1)));
        assert!(matches!(
            committed,
            Err(WriteError::Earlier { place: 1, .. })
        ));
    }
    let (written, committed, refused) = run(&[1], false);
    assert!(
        matches!(written, Err(WriteError::Missing { .. })),
        "{written:?}"
    );
    assert_eq!((committed, refused), (Ok(()), None));
    assert_eq!(names(&org, &org.store), ["A"]);
}
