//! Queries page by page, what changed in a stretch of time, and describe.

use headwater_catalogue::Value;
use headwater_records::{Caller, Error, QueryOptions, SharingModel};
use jiff::SignedDuration;

use crate::world::{BEGINNING, Table, World, all_pages, draft};

const BY_NAME: &str = "SELECT Name FROM Account ORDER BY Name";

async fn accounts(world: &World, many: usize) {
    for n in 0..many {
        world.account(&format!("Account {n:04}")).await;
    }
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_repetition() {
    let world = World::new().await;
    accounts(&world, 450).await;
    let (answers, rows) = all_pages(&world, &world.agent, BY_NAME, 200).await;
    let sizes: Vec<_> = answers
        .iter()
        .map(|answer| answer.sink.rows.len())
        .collect();
    assert_eq!(sizes, [200, 200, 50]);
    assert!(answers.iter().all(|answer| answer.total == 450));
    let expected: Vec<_> = (0..450)
        .map(|n| vec![Value::from(format!("Account {n:04}"))])
        .collect();
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn a_page_can_be_read_again_and_from_any_offset() {
    let world = World::new().await;
    accounts(&world, 450).await;
    let (answers, rows) = all_pages(&world, &world.agent, BY_NAME, 200).await;
    let second = answers[0].locator.clone().unwrap();
    let third = answers[1].locator.clone().unwrap();
    for (locator, from) in [(&second, 200), (&third, 400), (&second, 200)] {
        let again = world
            .org
            .query_more(&world.agent, locator, None, Table::default())
            .await
            .unwrap();
        let until = (from + 200).min(450);
        assert_eq!(again.sink.rows, rows[from..until]);
        assert_eq!(again.done, until == 450);
    }
    let (cursor, _) = second.rsplit_once('-').unwrap();
    let elsewhere = format!("{cursor}-300");
    let found = world
        .org
        .query_more(&world.agent, &elsewhere, None, Table::default())
        .await
        .unwrap();
    assert_eq!(found.sink.rows, rows[300..450]);
}

#[tokio::test]
async fn a_locator_is_its_users_and_lives_a_quarter_of_an_hour_unused() {
    let world = World::new().await;
    accounts(&world, 450).await;
    let options = QueryOptions {
        batch_size: Some(200),
        ..QueryOptions::default()
    };
    let first = world
        .org
        .query(&world.agent, BY_NAME, options, Table::default())
        .await
        .unwrap();
    let locator = first.locator.unwrap();
    let unknown = |answer: Result<_, Error>| {
        matches!(
            answer.map(|_: headwater_records::QueryAnswer<Table>| ()),
            Err(Error::UnknownLocator)
        )
    };
    let others = world
        .org
        .query_more(&world.admin, &locator, None, Table::default())
        .await;
    assert!(unknown(others), "another user's");
    for nonsense in [
        "",
        "x",
        "01gHW0000009999AAA-200",
        "-200",
        "01gHW0000009999AAA-x",
    ] {
        let answer = world
            .org
            .query_more(&world.agent, nonsense, None, Table::default())
            .await;
        assert!(unknown(answer), "{nonsense}");
    }
    world.clock.advance(SignedDuration::from_mins(14));
    world
        .org
        .query_more(&world.agent, &locator, None, Table::default())
        .await
        .unwrap();
    world.clock.advance(SignedDuration::from_mins(14));
    world
        .org
        .query_more(&world.agent, &locator, None, Table::default())
        .await
        .unwrap();
    world.clock.advance(SignedDuration::from_mins(16));
    assert!(unknown(
        world
            .org
            .query_more(&world.agent, &locator, None, Table::default())
            .await
    ));
}

#[tokio::test]
async fn a_locator_outlives_the_process_whether_it_was_used_or_not() {
    let world = World::new().await;
    accounts(&world, 450).await;
    let options = QueryOptions {
        batch_size: Some(200),
        ..QueryOptions::default()
    };
    let mut locators = Vec::new();
    for _ in 0..12 {
        let first = world
            .org
            .query(&world.agent, BY_NAME, options, Table::default());
        locators.push(first.await.unwrap().locator.unwrap());
        world.clock.advance(SignedDuration::from_secs(1));
    }
    world.org.write_cursors().await.unwrap();
    // What was written already has another page now, and one more takes the place of the oldest.
    let more = world
        .org
        .query_more(&world.agent, &locators[11], None, Table::default());
    let third = more.await.unwrap().locator.unwrap();
    let one_more = world
        .org
        .query(&world.agent, BY_NAME, options, Table::default());
    locators.push(one_more.await.unwrap().locator.unwrap());
    let goes = |world: &World, locator: &str| {
        let (org, agent) = (world.org.clone(), world.agent.clone());
        let locator = locator.to_owned();
        async move {
            let page = org.query_more(&agent, &locator, None, Table::default());
            page.await.map(|page| page.sink.rows.len())
        }
    };
    let oldest = goes(&world, &locators[2]).await;
    assert!(matches!(oldest, Err(Error::UnknownLocator)), "{oldest:?}");
    world.org.write_cursors().await.unwrap();
    let world = world.reopened().await;
    for locator in &locators[..3] {
        let gone = goes(&world, locator).await;
        assert!(matches!(gone, Err(Error::UnknownLocator)), "{gone:?}");
    }
    for locator in &locators[3..] {
        assert_eq!(goes(&world, locator).await.unwrap(), 200);
    }
    assert_eq!(goes(&world, &third).await.unwrap(), 50);
}

#[tokio::test]
async fn a_user_has_at_most_ten_cursors() {
    let world = World::new().await;
    accounts(&world, 201).await;
    let options = QueryOptions {
        batch_size: Some(200),
        ..QueryOptions::default()
    };
    let mut locators = Vec::new();
    for _ in 0..11 {
        let first = world
            .org
            .query(&world.agent, BY_NAME, options, Table::default())
            .await
            .unwrap();
        locators.push(first.locator.unwrap());
        world.clock.advance(SignedDuration::from_secs(1));
    }
    let oldest = world
        .org
        .query_more(&world.agent, &locators[0], None, Table::default())
        .await;
    assert!(matches!(oldest, Err(Error::UnknownLocator)));
    for locator in &locators[1..] {
        world
            .org
            .query_more(&world.agent, locator, None, Table::default())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_limit_is_what_the_total_says() {
    let world = World::new().await;
    accounts(&world, 450).await;
    let limited = format!("{BY_NAME} LIMIT 300");
    let (answers, rows) = all_pages(&world, &world.agent, &limited, 200).await;
    assert_eq!((answers.len(), rows.len(), answers[0].total), (2, 300, 300));
    assert_eq!(
        world
            .count(&world.agent, "SELECT COUNT() FROM Account")
            .await,
        450
    );
}

#[tokio::test]
async fn what_was_deleted_shows_only_when_it_is_asked_for() {
    let world = World::new().await;
    let id = world.account("Sample").await;
    world.delete(&world.admin, id).await.unwrap();
    let options = QueryOptions {
        include_deleted: true,
        ..QueryOptions::default()
    };
    let soql = "SELECT Id FROM Account WHERE IsDeleted = true";
    let all = world
        .org
        .query(&world.admin, soql, options, Table::default())
        .await
        .unwrap();
    assert_eq!(all.sink.rows, [[Value::Id(id)]]);
    assert_eq!(
        world
            .count(&world.admin, "SELECT COUNT() FROM Account")
            .await,
        0
    );
}

#[tokio::test]
async fn a_wrong_query_is_shown_with_its_place() {
    let world = World::new().await;
    let refused = world
        .query(&world.admin, "SELECT Nonsense FROM Account")
        .await;
    match refused {
        Err(Error::Soql { message, .. }) => {
            assert!(message.contains("Row:1:Column:8"), "{message}");
            assert!(message.contains("No such column 'Nonsense'"), "{message}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn updated_and_deleted_records_are_listed_by_the_minute() {
    let world = World::new().await;
    let start = world.org.now();
    let (kept, gone) = (world.account("Kept").await, world.account("Gone").await);
    world.clock.advance(SignedDuration::from_mins(2));
    world.delete(&world.admin, gone).await.unwrap();
    world.clock.advance(SignedDuration::from_mins(2));
    let end = world.org.now();
    let updated = world
        .org
        .updated(&world.agent, "Account", start, end)
        .await
        .unwrap();
    assert_eq!(updated.ids, [kept]);
    assert_eq!(updated.latest_covered, end);
    let deleted = world
        .org
        .deleted(&world.agent, "Account", start, end)
        .await
        .unwrap();
    assert_eq!(deleted.records.len(), 1);
    assert_eq!(deleted.records[0].0, gone);
    let month = SignedDuration::from_hours(24 * 31);
    for (start, end) in [(end, end), (end, start), (end - month, end)] {
        let refused = world.org.updated(&world.agent, "Account", start, end).await;
        assert!(matches!(refused, Err(Error::BadInterval(_))));
    }
}

/// What a query of accounts with these last words gives.
async fn seen(world: &World, caller: &Caller, rest: &str) -> Vec<Vec<Value>> {
    let soql = format!("SELECT Name, LastViewedDate, LastReferencedDate FROM Account {rest}");
    let options = QueryOptions::default();
    let answer = world.org.query(caller, &soql, options, Table::default());
    answer.await.unwrap().sink.rows
}

#[tokio::test]
async fn a_record_says_when_its_reader_has_last_seen_it() {
    let world = World::new().await;
    for name in ["First", "Second"] {
        world.account(name).await;
    }
    let (admin, agent) = (&world.admin, &world.agent);
    let row = |name: &str, dates: [Value; 2]| {
        let [viewed, referenced] = dates;
        vec![Value::from(name), viewed, referenced]
    };
    let never = || row("First", [Value::Null, Value::Null]);
    let first = "WHERE Name = 'First'";
    // What a query tells is what was so before it.
    assert_eq!(
        seen(&world, admin, &format!("{first} FOR VIEW")).await,
        [never()]
    );
    let viewed = Value::from(world.org.now());
    world.clock.advance(SignedDuration::from_mins(5));
    let referenced = Value::from(world.org.now());
    seen(&world, admin, &format!("{first} FOR REFERENCE FOR UPDATE")).await;
    let both = [viewed, referenced];
    assert_eq!(
        seen(&world, admin, first).await,
        [row("First", both.clone())]
    );
    assert_eq!(seen(&world, agent, first).await, [never()]);
    let filtered = "WHERE LastViewedDate != NULL ORDER BY LastViewedDate DESC";
    assert_eq!(seen(&world, admin, filtered).await, [row("First", both)]);
    assert!(seen(&world, agent, filtered).await.is_empty());
}

#[tokio::test]
async fn a_record_that_is_no_longer_there_is_not_recent() {
    let world = World::new().await;
    let gone = world.account("Gone").await;
    let kept = world.account("Kept").await;
    seen(&world, &world.admin, "FOR VIEW").await;
    world
        .org
        .delete(&world.admin, "Account", gone.as_str())
        .await
        .unwrap();
    let recent = world.org.recent(&world.admin, None, 5).await.unwrap();
    let ids: Vec<_> = recent.iter().map(|record| record.id).collect();
    assert_eq!(ids, [kept]);
}

#[tokio::test]
async fn a_page_that_is_looked_at_again_is_noted_once() {
    let world = World::new().await;
    let account = world.account("First").await;
    let object = world.admin.rights.catalogue.object("Account").unwrap();
    for _ in 0..2 {
        world
            .org
            .note_viewed(&world.admin, object, account)
            .await
            .unwrap();
        world.clock.advance(SignedDuration::from_mins(1));
    }
    let begun: Value = BEGINNING.parse::<jiff::Timestamp>().unwrap().into();
    let rows = seen(&world, &world.admin, "").await;
    assert_eq!(rows[0][1], begun);
}

#[tokio::test]
async fn recent_records_are_the_callers_own_newest_first() {
    let world = World::new().await;
    let first = world.account("First").await;
    let second = world.account("Second").await;
    world.account("Never looked at").await;
    for name in ["First", "Second", "First"] {
        world.clock.advance(SignedDuration::from_mins(1));
        seen(
            &world,
            &world.admin,
            &format!("WHERE Name = '{name}' FOR VIEW"),
        )
        .await;
    }
    let recent = world
        .org
        .recent(&world.admin, Some("Account"), 5)
        .await
        .unwrap();
    let ids: Vec<_> = recent.iter().map(|record| record.id).collect();
    assert_eq!(ids, [first, second]);
    assert_eq!(recent[0].name.as_deref(), Some("First"));
    assert!(
        world
            .org
            .recent(&world.agent, None, 5)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn describe_says_what_this_caller_may_do() {
    let world = World::new().await;
    let view = world
        .org
        .describe(&world.agent, "messagingsession")
        .unwrap();
    let field = |name: &str| {
        let found = view
            .fields
            .iter()
            .find(|field| view.field(**field).name == name);
        let field = found.unwrap_or_else(|| panic!("{name} is not described"));
        (field.createable, field.updateable)
    };
    assert_eq!(field("EndUserAccountId"), (false, false));
    assert_eq!(field("EndUserContactId"), (false, false));
    assert_eq!(field("CaseId"), (true, true));
    assert_eq!(field("MessagingEndUserId"), (true, false));
    assert!(view.createable && view.updateable && !view.deletable);
    let account = world.org.describe(&world.agent, "Account").unwrap();
    let sessions = account
        .children
        .iter()
        .find(|child| child.object == "MessagingSession");
    assert_eq!(sessions.unwrap().field, "EndUserAccountId");
}

#[tokio::test]
async fn whatever_is_described_can_be_selected_and_read() {
    let world = World::new().await;
    for caller in [&world.admin, &world.agent] {
        for object in world.org.describe_global(caller) {
            let name = &object.object.name;
            let view = world.org.describe(caller, name).unwrap();
            let fields: Vec<_> = view
                .fields
                .iter()
                .map(|field| &*view.field(*field).name)
                .collect();
            let about = object.object.filtered_by.first();
            let about = about.map(|field| format!("WHERE {field} = '001000000000000AAA'"));
            let soql = format!(
                "SELECT {} FROM {name} {} LIMIT 3",
                fields.join(", "),
                about.unwrap_or_default()
            );
            let (rows, _) = world.query(caller, &soql).await.unwrap();
            let Some(id) = rows.first().and_then(|row| row[0].as_id()) else {
                let nobody = headwater_catalogue::Id::new(object.object.prefix, 1 << 40);
                let read = world
                    .org
                    .retrieve(caller, name, nobody.as_str(), None, Table::default())
                    .await;
                assert!(matches!(read, Err(Error::NotFound(_))), "{name}: {read:?}");
                continue;
            };
            let read = world
                .org
                .retrieve(caller, name, id.as_str(), None, Table::default())
                .await
                .unwrap();
            assert_eq!(read.sink.rows[0], rows[0], "{name}");
        }
    }
}

#[tokio::test]
async fn a_week_begins_where_its_user_is_at_home() {
    let world = World::new().await;
    // 2026-03-01 is a Sunday.
    world.account("Made on a Sunday").await;
    world.clock.advance(SignedDuration::from_hours(24));
    let count = async |caller: &Caller| {
        let soql = "SELECT COUNT() FROM Account WHERE CreatedDate = THIS_WEEK";
        world.org.count(caller, soql).await.unwrap()
    };
    assert_eq!(count(&world.agent).await, 1);
    let system = world.org.system();
    let locale = [("LocaleSidKey", "de_DE".into())];
    world
        .update(&system, world.agent.user, &locale)
        .await
        .unwrap();
    let at_home = world.again(&world.agent).await;
    assert_eq!(count(&at_home).await, 0);
}

#[tokio::test]
async fn pages_of_groups_follow_one_another_and_are_read_from_any_offset() {
    let world = World::new().await;
    accounts(&world, 450).await;
    let soql = "SELECT Name, COUNT(Id) FROM Account GROUP BY Name ORDER BY COUNT(Id) DESC";
    let (answers, rows) = all_pages(&world, &world.agent, soql, 200).await;
    let sizes = answers.iter().map(|answer| answer.sink.rows.len());
    assert_eq!(sizes.collect::<Vec<_>>(), [200, 200, 50]);
    assert!(answers.iter().all(|answer| answer.total == 450));
    let expected = (0..450).map(|n| {
        let name = Value::from(format!("Account {n:04}"));
        vec![name, Value::Integer(1)]
    });
    assert_eq!(rows, expected.collect::<Vec<_>>());
    let locator = answers[0].locator.clone().unwrap();
    let (cursor, _) = locator.rsplit_once('-').unwrap();
    for from in [200, 300] {
        let again = world
            .org
            .query_more(
                &world.agent,
                &format!("{cursor}-{from}"),
                None,
                Table::default(),
            )
            .await
            .unwrap();
        assert_eq!(again.sink.rows, rows[from..(from + 200).min(450)]);
    }
}

#[tokio::test]
async fn what_a_caller_does_not_reach_is_in_no_group_of_theirs() {
    let world = World::new().await;
    world
        .org
        .set_sharing(&world.admin, "Account", SharingModel::Private)
        .await
        .unwrap();
    let agent = world.again(&world.agent).await;
    let other = world.user("other", "Support Agent").await;
    let own = draft(&[("Name", "Own".into())]);
    let own = world.org.create(&agent, "Account", own).await.unwrap();
    let contact = draft(&[("LastName", "Doe".into()), ("AccountId", own.into())]);
    world.org.create(&agent, "Contact", contact).await.unwrap();
    let rows = async |caller, soql| world.query(caller, soql).await.unwrap().0;
    let accounts = "SELECT COUNT(Id), MAX(Name) FROM Account";
    let contacts = "SELECT Account.Name, COUNT(Account.Name), COUNT(Id) FROM Contact \
                    GROUP BY Account.Name HAVING COUNT(Id) > 0";
    assert_eq!(
        rows(&agent, accounts).await,
        [[Value::Integer(1), "Own".into()]]
    );
    assert_eq!(
        rows(&other, accounts).await,
        [[Value::Integer(0), Value::Null]]
    );
    assert_eq!(
        rows(&agent, contacts).await,
        [["Own".into(), Value::Integer(1), Value::Integer(1)]]
    );
    assert_eq!(
        rows(&other, contacts).await,
        [[Value::Null, Value::Integer(0), Value::Integer(1)]]
    );
}

#[tokio::test]
async fn pages_that_are_browsed_follow_one_another_in_any_order() {
    let world = World::new().await;
    let account = world.account("Account").await;
    for n in 0..5 {
        let parent = world.account(&format!("Account {}", n % 2)).await;
        let contact = [
            ("LastName", format!("Contact {}", n % 3).into()),
            ("AccountId", parent.into()),
        ];
        world.make("Contact", &contact).await;
        let user = world.end_user(&format!("+{n}"), Some(account)).await;
        world.session(user, "Ended").await;
    }
    let rows = async |soql: &str, rows_max: u64| {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let (org, agent) = (&world.org, &world.agent);
            let page = org.browse(agent, soql, after.as_deref(), rows_max).await;
            let page = page.unwrap_or_else(|error| panic!("{soql} after {after:?}: {error:?}"));
            rows.extend(page.rows().map(|row| row.get("Id").clone()));
            after = page.next;
            if after.is_none() {
                return rows;
            }
        }
    };
    let contacts = [
        "Id",
        "Id DESC",
        "Id, LastName",
        "LastName, Id DESC",
        "LastName DESC, Id, CreatedDate",
        "AccountId DESC",
        "Account.Id",
        "Account.Name, Id",
        "Owner.Name NULLS LAST, Account.Name DESC",
    ];
    let sessions = [
        "Id",
        "Id DESC",
        "StartTime DESC",
        "StartTime DESC, Id DESC",
        "EndUserAccountId, Id",
        "EndUserAccount.Name DESC, StartTime",
    ];
    let of_account = format!("WHERE EndUserAccountId = '{account}'");
    for (from, orders) in [
        ("Contact", &contacts[..]),
        ("Contact WHERE Account.Name LIKE 'Account%'", &contacts[..]),
        ("MessagingSession", &sessions[..]),
        (&*format!("MessagingSession {of_account}"), &sessions[..]),
    ] {
        for order in orders {
            let soql = format!("SELECT Id FROM {from} ORDER BY {order}");
            let whole = rows(&soql, 100).await;
            assert_eq!(whole.len(), 5, "{soql}");
            assert_eq!(rows(&soql, 2).await, whole, "{soql}");
            let limited = format!("{soql} LIMIT 3");
            assert_eq!(rows(&limited, 2).await, whole[..3], "{limited}");
        }
    }
}
