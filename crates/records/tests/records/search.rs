//! Searches: which records they find, for whom, and in which order.

use headwater_catalogue::{Id, Value};
use headwater_records::search::Whose;
use headwater_records::{Caller, Error, SharingModel};

use crate::world::{Table, World, draft};

const AGENT: &str = "Support Agent";

/// The first value of each record that a search finds.
async fn search(world: &World, caller: &Caller, text: &str) -> Vec<String> {
    let found = world.org.search(caller, text, Table::default()).await;
    let rows = found.unwrap().sink.rows;
    let first = rows.iter().map(|row| match &row[0] {
        Value::Text(text) => text.clone(),
        Value::Id(id) => id.to_string(),
        other => panic!("{other:?}"),
    });
    first.collect()
}

async fn contact(world: &World, fields: &[(&str, &str)]) -> Id {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, text)| (*name, Value::from(*text)))
        .collect();
    world.make("Contact", &fields).await
}

#[tokio::test]
async fn the_name_itself_comes_first_and_then_the_newest() {
    let world = World::new().await;
    let names = ["Acme", "Acme North", "ACME", "Old Acme", "Acme South"];
    for name in names {
        world.account(name).await;
    }
    let find = async |text: &str| search(&world, &world.agent, text).await;
    let all = ["ACME", "Acme", "Acme South", "Old Acme", "Acme North"];
    assert_eq!(find("FIND {acme} RETURNING Account(Name)").await, all);
    // A part of it is that part, wherever it is cut.
    for offset in 0..5 {
        let text = format!("FIND {{acme}} RETURNING Account(Name LIMIT 2 OFFSET {offset})");
        let end = all.len().min(offset + 2);
        assert_eq!(find(&text).await, all[offset..end], "{text}");
    }
    let by_name = "FIND {acme} RETURNING Account(Name WHERE Name != 'Acme' ORDER BY Name LIMIT 2)";
    assert_eq!(find(by_name).await, ["Acme North", "Acme South"]);
    assert_eq!(find("FIND {acme*} LIMIT 1").await.len(), 1);
}

#[tokio::test]
async fn each_sort_of_field_is_looked_into_by_itself() {
    let world = World::new().await;
    let ann = [
        ("LastName", "Lee"),
        ("FirstName", "Ann"),
        ("Email", "ann.lee@example.com"),
        ("Phone", "+1 (415) 555-1212"),
        ("Description", "Met in Oakland"),
    ];
    contact(&world, &ann).await;
    let found = async |what: &str, fields: &str| {
        let text = format!("FIND {{{what}}} IN {fields} FIELDS RETURNING Contact(LastName)");
        !search(&world, &world.agent, &text).await.is_empty()
    };
    for (what, fields) in [
        ("ann", "NAME EMAIL SIDEBAR ALL"),
        ("example", "EMAIL SIDEBAR ALL"),
        ("\"ann lee example\"", "EMAIL SIDEBAR ALL"),
        ("4155551212", "PHONE SIDEBAR ALL"),
        ("5551212", "PHONE SIDEBAR ALL"),
        ("555\\-1212", "PHONE SIDEBAR ALL"),
        ("1212", "PHONE SIDEBAR ALL"),
        ("oakland", "ALL"),
        ("ann oakland 1212", "ALL"),
        ("o?kl*d", "ALL"),
        ("ann AND NOT bob", "NAME EMAIL SIDEBAR ALL"),
        ("ann AND NOT o?kland", "NAME EMAIL SIDEBAR"),
        ("o?kl*x OR 415555", ""),
    ] {
        for group in ["NAME", "EMAIL", "PHONE", "SIDEBAR", "ALL"] {
            let expected = fields.split(' ').any(|named| named == group);
            assert_eq!(found(what, group).await, expected, "{what} in {group}");
        }
    }
}

#[tokio::test]
async fn a_session_is_not_found_by_what_it_inherits() {
    let world = World::new().await;
    let account = world.account("Acme").await;
    let user = world.end_user("whatsapp:+14155551212", Some(account)).await;
    let session = world.session(user, "Ended").await;
    let all = async |text: &str| search(&world, &world.agent, text).await;
    assert_eq!(all("FIND {acme}").await, [account.to_string()]);
    let found = all("FIND {5551212} RETURNING MessagingEndUser, MessagingSession").await;
    assert_eq!(found, [user.to_string()]);
    let number = world.read(&world.agent, session, "Name").unwrap();
    let number = number.as_text().unwrap();
    assert_eq!(
        all(&format!("FIND {{{number}}}")).await,
        [session.to_string()]
    );
}

#[tokio::test]
async fn a_hidden_field_finds_nothing_and_hides_nothing() {
    let world = World::new().await;
    contact(
        &world,
        &[
            ("LastName", "Lee"),
            ("Phone", "5551212"),
            ("Title", "Pilot"),
        ],
    )
    .await;
    world.hide_field(AGENT, "Contact.Phone").await;
    let agent = world.again(&world.agent).await;
    for (text, for_admin, for_agent) in [
        ("FIND {5551212} RETURNING Contact(LastName)", 1, 0),
        ("FIND {pilot} RETURNING Contact(LastName)", 1, 1),
        (
            "FIND {lee AND NOT 5551212} RETURNING Contact(LastName)",
            0,
            1,
        ),
        ("FIND {lee OR 5551212} RETURNING Contact(LastName)", 1, 1),
        (
            "FIND {lee} IN PHONE FIELDS RETURNING Contact(LastName)",
            0,
            0,
        ),
        ("FIND {lee} RETURNING Contact(LastName) LIMIT 5", 1, 1),
    ] {
        assert_eq!(
            search(&world, &world.admin, text).await.len(),
            for_admin,
            "{text}"
        );
        assert_eq!(
            search(&world, &agent, text).await.len(),
            for_agent,
            "{text}"
        );
    }
    let hidden = "FIND {lee} RETURNING Contact(Phone)";
    let refused = world.org.search(&agent, hidden, Table::default()).await;
    assert!(matches!(refused, Err(Error::Soql { .. })));
}

#[tokio::test]
async fn a_search_finds_what_its_caller_reaches() {
    let world = World::new().await;
    let sharing = SharingModel::Private;
    world
        .org
        .set_sharing(&world.admin, "Account", sharing)
        .await
        .unwrap();
    world.account("Acme").await;
    let agent = world.again(&world.agent).await;
    let own = draft(&[("Name", "Acme own".into())]);
    world.org.create(&agent, "Account", own).await.unwrap();
    let admin = world.again(&world.admin).await;
    let text = "FIND {acme} RETURNING Account(Name)";
    assert_eq!(search(&world, &agent, text).await, ["Acme own"]);
    assert_eq!(search(&world, &admin, text).await, ["Acme", "Acme own"]);
    for right in ["Delete", "Edit", "Create", "Read"] {
        let right = format!("Permissions{right}");
        world
            .set_object_right(AGENT, "Account", &right, false)
            .await;
    }
    let agent = world.again(&agent).await;
    assert_eq!(
        search(&world, &agent, "FIND {acme}").await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn objects_share_the_records_of_a_search_evenly() {
    let world = World::new().await;
    for n in 0..6 {
        world.account(&format!("Acme {n}")).await;
        if n < 2 {
            contact(&world, &[("LastName", &format!("Acme {n}"))]).await;
        }
    }
    let text = "FIND {acme} RETURNING Account(Name), Contact(Name), Lead(Name) LIMIT 5";
    let found = search(&world, &world.agent, text).await;
    assert_eq!(found, ["Acme 5", "Acme 4", "Acme 3", "Acme 1", "Acme 0"]);
    let own = "FIND {acme} RETURNING Account(Name LIMIT 1), Contact(Name) LIMIT 5";
    assert_eq!(search(&world, &world.agent, own).await.len(), 3);
}

#[tokio::test]
async fn somebody_who_types_finds_by_the_beginnings_of_words() {
    let world = World::new().await;
    let account = world.account("Blue Sky Travel").await;
    world.account("Skyline").await;
    let user = world.end_user("+49 (170) 555-1234", Some(account)).await;
    let session = world.session(user, "Active").await;
    let names = async |typed: &str| {
        let soql = "SELECT Id, Name FROM Account";
        let found = world
            .org
            .look_up(&world.agent, soql, typed, 8)
            .await
            .unwrap();
        found
            .rows()
            .map(|row| row.text("Name").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("sky").await, ["Skyline", "Blue Sky Travel"]);
    assert_eq!(names("tra bl").await, ["Blue Sky Travel"]);
    assert_eq!(names("skyline").await, ["Skyline"]);
    assert_eq!(names("ky").await, Vec::<String>::new());
    assert_eq!(names("...").await, Vec::<String>::new());
    let soql = "SELECT Id FROM MessagingSession WHERE Status = 'Active' ORDER BY StartTime DESC";
    for typed in ["5551234", "170 555", "+49 (170) 555-1234", "551234"] {
        let words = (typed, Whose::Of("MessagingEndUserId"));
        let listed = world
            .org
            .browse_words(&world.agent, soql, words, None, 10)
            .await
            .unwrap();
        let ids: Vec<_> = listed.rows().map(|row| row.id("Id")).collect();
        assert_eq!(ids, [Some(session)], "{typed}");
    }
    let own = ("5551234", Whose::Own);
    assert!(
        world
            .org
            .browse_words(&world.agent, soql, own, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn pages_of_what_somebody_types_follow_one_another_in_any_order() {
    let world = World::new().await;
    for n in 0..5 {
        let account = world.account(&format!("Blue Sky {}", n % 2)).await;
        let phone = format!("+49 170 555123{n}");
        let user = world.end_user(&phone, Some(account)).await;
        world.session(user, "Ended").await;
    }
    let ids = async |soql: &str, words: (&str, Whose<'_>), rows_max: u64| {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let (org, agent) = (&world.org, &world.agent);
            let page = org.browse_words(agent, soql, words, after.as_deref(), rows_max);
            let page = page.await;
            let page = page.unwrap_or_else(|error| panic!("{soql} after {after:?}: {error:?}"));
            ids.extend(page.rows().filter_map(|row| row.id("Id")));
            after = page.next;
            if after.is_none() {
                return ids;
            }
        }
    };
    let accounts = ("Account", ("blue", Whose::Own));
    let sessions = ("MessagingSession", ("170", Whose::Of("MessagingEndUserId")));
    for (object, words) in [accounts, sessions] {
        for order in [
            "Id",
            "Id DESC",
            "Name, Id DESC",
            "Id, Name",
            "Name DESC",
            "CreatedDate",
        ] {
            let soql = format!("SELECT Id FROM {object} ORDER BY {order}");
            let whole = ids(&soql, words, 100).await;
            assert_eq!(whole.len(), 5, "{soql}");
            assert_eq!(ids(&soql, words, 2).await, whole, "{soql}");
        }
    }
}

#[tokio::test]
async fn what_is_made_at_run_time_is_searched_at_once_and_after_a_restart() {
    let world = World::new().await;
    let trips = headwater_records::CustomObjectSpec {
        name: "Trip".to_owned(),
        label: "Trip".to_owned(),
        ..headwater_records::CustomObjectSpec::default()
    };
    world
        .org
        .create_custom_object(&world.admin, trips)
        .await
        .unwrap();
    let admin = world.again(&world.admin).await;
    let trip = draft(&[("Name", "To Oslo".into())]);
    let trip = world.org.create(&admin, "Trip__c", trip).await.unwrap();
    let find = "FIND {oslo} RETURNING Trip__c";
    assert_eq!(search(&world, &admin, find).await, [trip.to_string()]);
    let world = world.reopened().await;
    let admin = world.again(&world.admin).await;
    assert_eq!(search(&world, &admin, find).await, [trip.to_string()]);
    assert_eq!(
        world.org.store().check_integrity().unwrap(),
        Vec::<String>::new()
    );
}
