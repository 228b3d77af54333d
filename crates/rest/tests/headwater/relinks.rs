//! `POST relinks` and `GET relinks/{id}`.

use headwater_testkit::ADMIN;
use serde_json::{Value, json};

use crate::world::{RELINKS, World};

#[tokio::test]
async fn a_relink_shows_in_every_session_at_once() {
    let world = World::new().await;
    let user = world.user("+15550100", 3).await;
    let body = json!({
        "messagingEndUserIds": [user.to_string()],
        "accountId": world.right.to_string(),
        "reason": "She called",
    });
    let answer = world.relink(&body).await;
    let report = answer.expect(201);
    assert_eq!(
        answer.header("location"),
        format!("{RELINKS}/{}", report["id"].as_str().unwrap())
    );
    assert_eq!(report["sessionsAffected"], 3);
    assert_eq!(report["changed"], 1);
    let changed = &report["messagingUsers"][0];
    assert_eq!(changed["outcome"], "changed");
    assert_eq!(changed["name"], "+15550100");
    assert_eq!(
        changed["account"]["before"],
        json!({"id": world.wrong.to_string(), "name": "Sample"})
    );
    assert_eq!(
        changed["account"]["after"],
        json!({"id": world.right.to_string(), "name": "Test1"})
    );
    assert_eq!(changed["contact"]["changed"], false);
    assert_eq!(world.shown(user).await, [json!(world.right.to_string())]);
}

#[tokio::test]
async fn an_absent_link_stays_and_a_null_one_is_cleared() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let ids = json!([user.to_string()]);
    let both = json!({
        "messagingEndUserIds": ids,
        "accountId": world.right.to_string(),
        "contactId": world.contact.to_string(),
    });
    world.relink(&both).await.expect(201);
    let report = world
        .relink(&json!({"messagingEndUserIds": ids, "accountId": null}))
        .await
        .expect(201);
    let links = &report["messagingUsers"][0];
    assert_eq!(links["account"]["after"], Value::Null);
    assert_eq!(links["contact"]["after"]["id"], world.contact.to_string());
    assert_eq!(world.shown(user).await, [Value::Null]);
}

#[tokio::test]
async fn a_relink_can_be_looked_at_and_queried_later() {
    let world = World::new().await;
    let user = world.user("+15550100", 2).await;
    let id = world.relinked(&[user]).await;
    let path = format!("{RELINKS}/{id}");
    let report = world.server.get(&path).as_(ADMIN).send().await.expect(200);
    assert_eq!(report["id"], id);
    assert_eq!(report["rule"], "Manual");
    assert_eq!(report["sessionsAffected"], 2);
    assert_eq!(
        report["messagingUsers"][0]["account"]["before"]["name"],
        "Sample"
    );
    assert_eq!(
        report["messagingUsers"][0]["contact"],
        Value::Null,
        "it was left alone"
    );
    let soql = "SELECT RelinkId, AccountBefore.Name, AccountAfter.Name, SessionsAffected, \
                Relink.MessagingEndUserCount, Relink.CreatedBy.Username FROM RelinkItem";
    let rows = world.server.query(soql).as_(ADMIN).send().await.records();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["RelinkId"], id);
    assert_eq!(rows[0]["AccountBefore"]["Name"], "Sample");
    assert_eq!(rows[0]["AccountAfter"]["Name"], "Test1");
    assert_eq!(rows[0]["Relink"]["MessagingEndUserCount"], 1);
    assert_eq!(rows[0]["Relink"]["CreatedBy"]["Username"], ADMIN);
}

#[tokio::test]
async fn a_relink_leaves_rows_in_the_history() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    world.relinked(&[user]).await;
    let soql = format!(
        "SELECT Field, OldValue, NewValue FROM MessagingEndUserHistory \
         WHERE MessagingEndUserId = '{user}' AND Field = 'Account'"
    );
    let rows = world.server.query(&soql).as_(ADMIN).send().await.records();
    let pairs: Vec<_> = rows
        .iter()
        .map(|row| (&row["OldValue"], &row["NewValue"]))
        .collect();
    assert!(
        pairs.contains(&(&json!("Sample"), &json!("Test1"))),
        "{pairs:?}"
    );
    let ids = (
        &json!(world.wrong.to_string()),
        &json!(world.right.to_string()),
    );
    assert!(pairs.contains(&ids), "{pairs:?}");
}

#[tokio::test]
async fn a_dry_run_says_what_would_happen_and_writes_nothing() {
    let world = World::new().await;
    let user = world.user("+15550100", 3).await;
    let before = world.last_change();
    let body = json!({
        "messagingEndUserIds": [user.to_string()],
        "accountId": world.right.to_string(),
        "dryRun": true,
    });
    let report = world.relink(&body).await.expect(200);
    assert_eq!(report["id"], Value::Null);
    assert_eq!(report["dryRun"], true);
    assert_eq!(report["sessionsAffected"], 3);
    assert_eq!(world.last_change(), before);
    assert_eq!(world.shown(user).await, [json!(world.wrong.to_string())]);
    assert_eq!(world.count("Relink").await, 0);
}

#[tokio::test]
async fn a_dry_run_refuses_what_the_relink_would_refuse() {
    let world = World::new().await;
    let body = json!({
        "messagingEndUserIds": ["0PAHW0000000zzz"],
        "accountId": world.right.to_string(),
        "dryRun": true,
    });
    let message = world
        .relink(&body)
        .await
        .expect_error(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION");
    assert!(
        message.contains("There is no Messaging User 0PAHW0000000zzz"),
        "{message}"
    );
}

#[tokio::test]
async fn what_is_so_already_is_not_written_again() {
    let world = World::new().await;
    let (done, open) = (
        world.user("+15550100", 5).await,
        world.user("+15550101", 2).await,
    );
    world.relinked(&[done]).await;
    let body = json!({
        "messagingEndUserIds": [done.to_string(), open.to_string()],
        "accountId": world.right.to_string(),
    });
    let report = world.relink(&body).await.expect(201);
    assert_eq!(report["messagingUsers"][0]["outcome"], "unchanged");
    assert_eq!(report["messagingUsers"][1]["outcome"], "changed");
    assert_eq!(
        report["sessionsAffected"], 2,
        "only those of the one that changed"
    );
    let before = world.last_change();
    let report = world.relink(&body).await.expect(200);
    assert_eq!(
        (&report["id"], &report["changed"]),
        (&Value::Null, &json!(0))
    );
    assert_eq!(world.last_change(), before);
}

#[tokio::test]
async fn one_that_is_named_twice_counts_once() {
    let world = World::new().await;
    let user = world.user("+15550100", 4).await;
    let (long, short) = (user.to_string(), user.short().to_owned());
    let body = json!({
        "messagingEndUserIds": [long, short, long],
        "accountId": world.right.to_string(),
    });
    let report = world.relink(&body).await.expect(201);
    assert_eq!(report["messagingUsers"].as_array().unwrap().len(), 1);
    assert_eq!(report["sessionsAffected"], 4);
}

#[tokio::test]
async fn one_bad_id_names_itself_and_nothing_is_written() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let before = world.last_change();
    let cases = [
        (world.wrong.to_string(), "MALFORMED_ID"),
        ("0PA".to_owned(), "MALFORMED_ID"),
        (
            "0PAHW0000000zzz".to_owned(),
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        ),
    ];
    for (bad, code) in cases {
        let body = json!({
            "messagingEndUserIds": [user.to_string(), bad],
            "accountId": world.right.to_string(),
        });
        let message = world.relink(&body).await.expect_error(400, code);
        assert!(message.contains(&bad[..bad.len().min(15)]), "{message}");
    }
    assert_eq!(world.last_change(), before);
}

#[tokio::test]
async fn a_target_that_is_not_there_names_itself() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    world
        .server
        .org()
        .delete(
            &world.server.org().system(),
            "Account",
            world.right.as_str(),
        )
        .await
        .unwrap();
    let body = json!({
        "messagingEndUserIds": [user.to_string()],
        "accountId": world.right.to_string(),
        "contactId": "003HW0000000zzz",
    });
    let errors = world.relink(&body).await.expect(400);
    let messages: Vec<_> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["message"].as_str().unwrap())
        .collect();
    assert!(
        messages[0].contains(&format!("no Account {}", world.right)),
        "{messages:?}"
    );
    assert!(
        messages[1].contains("no Contact 003HW0000000zzz"),
        "{messages:?}"
    );
}

#[tokio::test]
async fn bodies_that_are_not_a_relink_are_refused_with_what_to_do() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let before = world.last_change();
    let account = world.right.to_string();
    let cases = [
        (
            json!({"accountId": account}),
            "missing field `messagingEndUserIds`",
        ),
        (
            json!({"messagingEndUserIds": [], "accountId": account}),
            "Required fields are missing",
        ),
        (
            json!({"messagingEndUserIds": [user.to_string()]}),
            "accountId, contactId or both",
        ),
        (
            json!({"messagingEndUserIds": [user.to_string()], "acountId": account}),
            "unknown field `acountId`",
        ),
        (
            json!({"messagingEndUserIds": [user.to_string()], "accountId": 1}),
            "invalid type",
        ),
        (
            json!({"messagingEndUserIds": user.to_string(), "accountId": account}),
            "invalid type",
        ),
        (
            json!({"messagingEndUserIds": [user.to_string()], "accountId": ""}),
            "id value of incorrect type",
        ),
        (
            json!({"messagingEndUserIds": [user.to_string()], "accountId": account, "reason": "x".repeat(256)}),
            "max length=255",
        ),
        (
            json!({"messagingEndUserIds": [user.to_string()], "accountId": account, "dryRun": "yes"}),
            "invalid type",
        ),
    ];
    for (body, expected) in cases {
        let answer = world.relink(&body).await;
        let errors = answer.expect(400);
        let message = errors[0]["message"].as_str().unwrap();
        assert!(message.contains(expected), "{body}: {message}");
    }
    for text in [
        "",
        "[]",
        "{",
        "null",
        "\"x\"",
        "{\"messagingEndUserIds\":[\"\u{0}\"]}",
    ] {
        let request = world.server.post(RELINKS).as_(ADMIN);
        let answer = request.body("application/json", text).send().await;
        answer.expect_error(400, "JSON_PARSER_ERROR");
    }
    assert_eq!(world.last_change(), before);
}

#[tokio::test]
async fn too_many_messaging_users_are_refused_by_the_named_limit() {
    let world = World::new().await;
    let ids: Vec<_> = (0..201).map(|n| format!("0PAHW0000000{n:03}")).collect();
    let body = json!({"messagingEndUserIds": ids, "accountId": world.right.to_string()});
    let message = world
        .relink(&body)
        .await
        .expect_error(400, "LIMIT_EXCEEDED");
    assert!(
        message.contains("more than 200 Messaging Users"),
        "{message}"
    );
    let nonsense = vec!["x".repeat(1_000); 1_000];
    let body = json!({"messagingEndUserIds": nonsense, "accountId": world.right.to_string()});
    let answer = world.relink(&body).await;
    answer.expect_error(400, "LIMIT_EXCEEDED");
    assert!(answer.text.len() < 1_000, "{}", answer.text);
}

#[tokio::test]
async fn a_relink_of_200_messaging_users_is_one_write() {
    let world = World::new().await;
    let mut users = Vec::new();
    for n in 0..200 {
        users.push(world.user(&format!("+1555{n:04}"), 0).await);
    }
    let before = world.last_change();
    world.relinked(&users).await;
    let changes = world
        .server
        .org()
        .store()
        .changes(before, 1_000)
        .await
        .unwrap();
    assert!(
        changes
            .iter()
            .all(|change| change.transaction == changes[0].transaction)
    );
    assert_eq!(
        world
            .count(&format!(
                "MessagingEndUser WHERE AccountId = '{}'",
                world.right
            ))
            .await,
        200
    );
}

#[tokio::test]
async fn what_is_expected_must_still_be_so() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let body = |expected: Value| {
        json!({
            "messagingEndUserIds": [user.to_string()],
            "accountId": world.right.to_string(),
            "expected": [{"messagingEndUserId": user.to_string(), "accountId": expected}],
        })
    };
    for wrong in [Value::Null, json!(world.right.to_string())] {
        let answer = world.relink(&body(wrong)).await;
        assert!(
            answer
                .expect_error(412, "PRECONDITION_FAILED")
                .contains(user.as_str())
        );
    }
    assert_eq!(world.shown(user).await, [json!(world.wrong.to_string())]);
    world
        .relink(&body(json!(world.wrong.to_string())))
        .await
        .expect(201);
}

#[tokio::test]
async fn the_cost_does_not_depend_on_the_number_of_sessions() {
    let world = World::new().await;
    let mut costs = Vec::new();
    for (address, sessions) in [("+15550100", 1), ("+15550101", 400)] {
        let user = world.user(address, sessions).await;
        let before = world.last_change();
        world.relinked(&[user]).await;
        let changes = world
            .server
            .org()
            .store()
            .changes(before, 1_000)
            .await
            .unwrap();
        let objects: Vec<_> = changes.into_iter().map(|change| change.object).collect();
        assert!(
            !objects.contains(&"MessagingSession".to_owned()),
            "{objects:?}"
        );
        costs.push(objects);
        assert_eq!(world.shown(user).await, [json!(world.right.to_string())]);
    }
    assert_eq!(costs[0], costs[1]);
}

#[tokio::test]
async fn two_relinks_at_once_both_happen_and_the_last_one_stands() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let body = |account: headwater_catalogue::Id| json!({"messagingEndUserIds": [user.to_string()], "accountId": account.to_string()});
    let other = world.server.account("Other").await;
    let (to_right, to_other) = (body(world.right), body(other));
    let (one, two) = tokio::join!(world.relink(&to_right), world.relink(&to_other));
    let (one, two) = (one.expect(201), two.expect(201));
    let after = |report: &Value| report["messagingUsers"][0]["account"]["after"]["id"].clone();
    let before = |report: &Value| report["messagingUsers"][0]["account"]["before"]["id"].clone();
    // Whichever was second saw what the first had written.
    assert!(
        before(&one) == after(&two) || before(&two) == after(&one),
        "{one}\n{two}"
    );
}

#[tokio::test]
async fn many_relinks_of_one_messaging_user_at_once_all_happen() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let mut bodies = Vec::new();
    for n in 0..24 {
        let account = world.server.account(&format!("Account {n}")).await;
        bodies.push(json!({
            "messagingEndUserIds": [user.to_string()],
            "accountId": account.to_string(),
        }));
    }
    let all = answered_together(&world, &bodies).await;
    let mut befores: Vec<_> = all.iter().map(|report| side(report, "before")).collect();
    let mut afters: Vec<_> = all.iter().map(|report| side(report, "after")).collect();
    // They make one chain: each begins where another ended, but for the first and the last.
    befores.sort_unstable();
    afters.sort_unstable();
    befores.dedup();
    assert_eq!((befores.len(), afters.len()), (24, 24));
    assert_eq!(world.count("Relink").await, 24);
}

async fn answered_together(world: &World, bodies: &[Value]) -> Vec<Value> {
    let mut answers: Vec<_> = bodies
        .iter()
        .map(|body| Box::pin(world.relink(body)))
        .collect();
    let mut reports: Vec<Option<Value>> = vec![None; answers.len()];
    std::future::poll_fn(|context| {
        for (answer, report) in answers.iter_mut().zip(&mut reports) {
            if report.is_none()
                && let std::task::Poll::Ready(done) = answer.as_mut().poll(context)
            {
                *report = Some(done.expect(201));
            }
        }
        if reports.iter().all(Option::is_some) {
            return std::task::Poll::Ready(());
        }
        std::task::Poll::Pending
    })
    .await;
    reports.into_iter().flatten().collect()
}

/// The account before or after in a report of one Messaging User.
fn side(report: &Value, side: &str) -> String {
    let link = &report["messagingUsers"][0]["account"];
    link[side]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_unknown_relink_is_not_found() {
    let world = World::new().await;
    for id in ["HW1HW0000000zzz", "nonsense", "001HW0000000001"] {
        let answer = world
            .server
            .get(&format!("{RELINKS}/{id}"))
            .as_(ADMIN)
            .send()
            .await;
        answer.expect_error(404, "NOT_FOUND");
    }
}
