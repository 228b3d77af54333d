//! Records are found by their words, on every engine the same ones, and by none that they have no
//! more.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_executor::block_on;
use headwater_catalogue::{Catalogue, Field, Id, SearchClass, Value};
use headwater_soql::resolved::{Column, Expression, Filter, Order, Query};
use headwater_soql::search::{FieldGroup, Search, Term, Word};
use headwater_soql::sosl;
use headwater_store::{Page, Rows};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::org::{Org, at, catalogue, objects};

fn search(text: &str, group: FieldGroup) -> Arc<Search> {
    let statement = format!("FIND {{{text}}}");
    let statement = sosl::parse(&statement).unwrap();
    Arc::new(Search {
        term: sosl::term(&statement.find).unwrap(),
        classes: group.classes().to_vec(),
        exact: None,
    })
}

fn query(org: &Org, object: &str, search: &Arc<Search>) -> Query {
    let mut query = Query::of_object(&org.object(object));
    query.filter = Filter::Found {
        source: 0,
        search: Arc::clone(search),
    };
    query
}

fn newest_first() -> Vec<Order> {
    let by = Expression::Column(Column {
        source: 0,
        field: 0,
    });
    vec![Order {
        by,
        descending: true,
        nulls_first: true,
    }]
}

fn ids(org: &Org, query: &Query) -> Vec<Id> {
    let rows = org.store.read_rows_blocking(query).unwrap();
    rows.iter().map(|row| row[0].as_id().unwrap()).collect()
}

fn found(org: &Org, text: &str) -> Vec<Id> {
    ids(org, &query(org, "Account", &search(text, FieldGroup::All)))
}

fn account(org: &Org, name: &str) -> Id {
    org.insert("Account", &[("Name", name.into())])
}

fn is_whole(org: &Org) {
    assert_eq!(org.store.check_integrity().unwrap(), Vec::<String>::new());
}

#[test]
fn a_record_is_found_by_each_word_without_case_and_accents() {
    let org = Org::new();
    let muller = account(&org, "Café MÜLLER & Söhne, 東京");
    account(&org, "Miller");
    for text in [
        "muller",
        "Müller",
        "cafe",
        "sohne",
        "東京",
        "MUL*",
        "\"müller söhne\"",
    ] {
        assert_eq!(found(&org, text), [muller], "{text}");
    }
    for text in [
        "mull",
        "\"sohne muller\"",
        "muller miller",
        "京東",
        "muller AND NOT caf*",
    ] {
        assert_eq!(found(&org, text), [], "{text}");
    }
    assert_eq!(found(&org, "muller OR miller").len(), 2);
    is_whole(&org);
}

#[test]
fn words_follow_what_the_record_says() {
    let org = Org::new();
    let id = account(&org, "Before");
    org.update("Account", id, &[("Number", "N-1".into())]);
    assert_eq!(found(&org, "before"), [id]);
    assert_eq!(found(&org, "\"n 1\""), [id]);
    org.update("Account", id, &[("Name", "After".into())]);
    assert_eq!(found(&org, "before"), []);
    assert_eq!(found(&org, "after n"), [id]);
    org.delete("Account", id).unwrap();
    assert_eq!(found(&org, "after"), []);
    let mut deleted = query(&org, "Account", &search("after", FieldGroup::All));
    deleted.include_deleted = true;
    assert_eq!(ids(&org, &deleted), [id]);
    is_whole(&org);
}

#[test]
fn what_is_gone_for_good_is_in_no_index() {
    let org = Org::new();
    let user = org.insert("User", &[("Name", "Ann Lee".into())]);
    let search = search("lee", FieldGroup::Name);
    assert_eq!(ids(&org, &query(&org, "User", &search)), [user]);
    org.delete("User", user).unwrap();
    assert_eq!(ids(&org, &query(&org, "User", &search)), []);
    is_whole(&org);
}

#[test]
fn a_write_that_fails_leaves_no_words() {
    let org = Org::new();
    let one = [("Name", "One".into()), ("Number", "7".into())];
    org.insert("Account", &one);
    let (_, first) = org.insertion("Account", &[("Name", "Twice".into())]);
    let (_, second) = org.insertion(
        "Account",
        &[("Name", "Twice".into()), ("Number", "7".into())],
    );
    org.write(vec![first, second]).unwrap_err();
    assert_eq!(found(&org, "twice"), []);
    is_whole(&org);
}

#[test]
fn of_several_writes_together_each_that_is_done_has_its_words() {
    let org = Org::new();
    let (kept, first) = org.insertion("Account", &[("Name", "Kept".into())]);
    let (_, second) = org.insertion(
        "Account",
        &[("Name", "Taken".into()), ("Number", "7".into())],
    );
    let (_, twice) = org.insertion(
        "Account",
        &[("Name", "Refused".into()), ("Number", "7".into())],
    );
    let renamed = org.updating("Account", kept, &[("Name", "Renamed".into())]);
    let sets = [vec![first], vec![second], vec![twice], vec![renamed]];
    let sets = sets.map(|operations| org.set(operations)).to_vec();
    let answers = block_on(org.store.write_each(sets, false)).unwrap();
    let done: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(done, [true, true, false, true]);
    assert_eq!(found(&org, "renamed"), [kept]);
    assert_eq!(found(&org, "taken").len(), 1);
    assert_eq!(found(&org, "refused OR kept"), []);
    is_whole(&org);
}

#[test]
fn words_that_wait_are_found_by_their_own_handle_alone() {
    let org = Org::new();
    account(&org, "Here before");
    let staging = org.store.staging(&[]);
    let (id, operation) = org.insertion("Account", &[("Name", "Waits here".into())]);
    block_on(staging.write(org.set(vec![operation]))).unwrap();
    let wanted = Arc::new(query(&org, "Account", &search("here", FieldGroup::All)));
    assert_eq!(block_on(staging.count(Arc::clone(&wanted))).unwrap(), 2);
    assert_eq!(block_on(org.store.count(wanted)).unwrap(), 1);
    block_on(staging.commit_staged()).unwrap();
    assert_eq!(found(&org, "waits"), [id]);
    is_whole(&org);
}

#[test]
fn the_newest_come_first_and_pages_go_on_after_the_last() {
    let org = Org::new();
    let mut all: Vec<Id> = (0..25)
        .map(|n| account(&org, &format!("Same {n}")))
        .collect();
    account(&org, "Other");
    all.sort_unstable();
    all.reverse();
    let mut query = query(&org, "Account", &search("same", FieldGroup::All));
    query.order = newest_first();
    assert_eq!(ids(&org, &query), all);
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = Page {
            after,
            rows_max: Some(10),
        };
        let selected = org
            .store
            .select_blocking(&query, &page, Rows::default())
            .unwrap();
        seen.extend(selected.sink.rows.iter().map(|row| row[0].as_id().unwrap()));
        after = selected.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, all);
    query.limit = Some(3);
    query.offset = 2;
    assert_eq!(ids(&org, &query), all[2..5]);
    assert_eq!(org.store.count_blocking(&query).unwrap(), 3);
}

#[test]
fn a_search_goes_with_other_conditions_and_stands_among_choices() {
    let org = Org::new();
    let [ann, bob, eve] = ["Ann Lee", "Bob Lee", "Eve"].map(|name| account(&org, name));
    let object = org.object("Account");
    let named = |name: &str| {
        let field = object.position("Name").unwrap();
        Filter::equal(Column { source: 0, field }, name.into())
    };
    let lee = query(&org, "Account", &search("lee", FieldGroup::All));
    let with = |filter: Filter| Query {
        filter,
        order: newest_first(),
        ..lee.clone()
    };
    let both = with(lee.filter.clone().and(named("ann lee")));
    assert_eq!(ids(&org, &both), [ann]);
    let either = with(lee.filter.clone().or(named("eve")));
    assert_eq!(ids(&org, &either), [eve, bob, ann]);
    let without = with(Filter::Not(Box::new(lee.filter.clone())));
    assert_eq!(ids(&org, &without), [eve]);
    // Those who refer to what is found.
    let person = org.person("p", Some(bob));
    org.person("q", Some(eve));
    let mut of_found = Query::of_object(&org.object("Person"));
    let field = of_found.object().position("AccountId").unwrap();
    of_found.filter = Filter::InQuery {
        left: Expression::Column(Column { source: 0, field }),
        query: Box::new(lee),
        by_row: false,
    };
    assert_eq!(ids(&org, &of_found), [person]);
}

fn filled(org: Org) -> Org {
    org.store.fill_search_blocking().unwrap();
    org
}

fn unsearched() -> Arc<Catalogue> {
    let mut objects = objects();
    for object in &mut objects {
        object.calls.search = false;
    }
    Arc::new(Catalogue::new(objects).unwrap())
}

#[test]
fn records_that_were_there_before_are_found_after_the_next_start() {
    let org = Org::with(unsearched());
    let mut names = (0..12).map(|n| format!("Old {n}"));
    let old: Vec<Id> = names.by_ref().map(|name| account(&org, &name)).collect();
    let org = filled(org.reopened(catalogue()));
    assert_eq!(found(&org, "old").len(), old.len());
    is_whole(&org);
    // A field that is searched from now on, and one that is not any more.
    let mut changed = objects();
    for object in &mut changed {
        for field in object.fields.to_mut() {
            if object.name == "Account" && field.name == "Name" {
                *field = field.clone().unsearched();
            }
        }
        if object.name == "Account" {
            object
                .fields
                .to_mut()
                .push(Field::text("Code__c", 10).editable());
        }
    }
    let org = filled(org.reopened(Arc::new(Catalogue::new(changed).unwrap())));
    assert_eq!(found(&org, "old"), []);
    org.update("Account", old[3], &[("Code__c", "zz-9".into())]);
    assert_eq!(found(&org, "zz"), [old[3]]);
    let org = filled(org.reopened(catalogue()));
    assert_eq!(found(&org, "old").len(), old.len());
    org.store.renew_search_blocking().unwrap();
    assert_eq!(found(&org, "old").len(), old.len());
    is_whole(&org);
}

#[test]
fn sessions_are_found_by_their_number_without_zeros() {
    let org = Org::new();
    let person = org.person("p", None);
    let session = org.session(person, 1);
    let number = org.read("Session", session, &["Name"]).unwrap();
    let number = number[0]
        .as_text()
        .unwrap()
        .trim_start_matches("S-")
        .to_owned();
    let short = number.trim_start_matches('0').to_owned();
    for text in [format!("S-{number}"), number, format!("{short} OR nothing")] {
        let found = ids(
            &org,
            &query(&org, "Session", &search(&text, FieldGroup::Name)),
        );
        assert_eq!(found, [session], "{text}");
    }
    assert!(at(1) < org.now());
}

const WORDS: &[&str] = &[
    "ann",
    "Ánna",
    "lee",
    "Lee-Ann",
    "x1",
    "555-12",
    "東京",
    "ο’ΔΟΣ",
];

fn texts() -> impl Strategy<Value = Vec<(String, String)>> {
    let text = || vec(select(WORDS), 0..4).prop_map(|words| words.join(" "));
    vec((text(), text()), 1..12)
}

fn word() -> impl Strategy<Value = Word> {
    let words: Vec<String> = WORDS
        .iter()
        .flat_map(|text| headwater_soql::search::words::words(text))
        .collect();
    let short = |text: &String| text.chars().take(1).collect::<String>();
    prop_oneof![
        4 => select(words.clone()).prop_map(Word::Whole),
        2 => select(words.clone()).prop_map(move |text| Word::Beginning(short(&text))),
        1 => select(words).prop_map(move |text| Word::Pattern(format!("{}*n?", short(&text)))),
    ]
}

fn wanted() -> impl Strategy<Value = Term> {
    let leaf = vec(word(), 1..3).prop_map(Term::Phrase);
    leaf.prop_recursive(3, 8, 3, |inner| {
        let unwanted = inner.clone().prop_map(|one| Term::Not(Box::new(one)));
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Term::And),
            vec(inner.clone(), 2..4).prop_map(Term::Or),
            (inner, unwanted).prop_map(|(one, other)| Term::And(vec![one, other])),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn an_index_finds_what_a_look_at_every_record_finds(
        texts in texts(),
        terms in vec((wanted(), select(FieldGroup::ALL.to_vec())), 12),
    ) {
        let org = Org::new();
        let written: Vec<(Id, (String, String))> = texts
            .into_iter()
            .map(|(name, number)| {
                // The numbers of accounts differ.
                let number = format!("{number} {}", org.now());
                let values = [("Name", Value::from(&*name)), ("Number", Value::from(&*number))];
                (org.insert("Account", &values), (name, number))
            })
            .collect();
        for (term, group) in terms {
            let classes = group.classes().to_vec();
            let search = Arc::new(Search { term, classes, exact: None });
            let found: BTreeSet<Id> = ids(&org, &query(&org, "Account", &search)).into_iter().collect();
            let looked_at = written.iter().filter(|(_, (name, number))| {
                search.finds([(SearchClass::Name, &**name), (SearchClass::Other, &**number)])
            });
            let expected: BTreeSet<Id> = looked_at.map(|(id, _)| *id).collect();
            if search.is_rough() {
                prop_assert!(found.is_superset(&expected), "{search:?}");
            } else {
                prop_assert_eq!(&found, &expected, "{:?}", search);
            }
        }
    }
}
