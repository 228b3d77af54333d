//! Groups, aggregates and functions of `/query`.

use headwater_catalogue::Id;
use headwater_testkit::{ADMIN, AGENT, TestServer};
use serde_json::{Value, json};

use crate::data;

async fn query(server: &TestServer, soql: &str) -> Value {
    let request = server.get(&data("/query")).query("q", soql);
    request.as_(AGENT).send().await.expect(200)
}

/// The groups as they are written, without what they have in common.
async fn groups(server: &TestServer, soql: &str) -> Vec<Value> {
    let answer = query(server, soql).await;
    let records = answer["records"].as_array().expect("records").clone();
    assert_eq!(answer["totalSize"], records.len());
    let bare = |mut record: Value| {
        let attributes = record
            .as_object_mut()
            .expect("a record is an object")
            .remove("attributes");
        assert_eq!(attributes, Some(json!({ "type": "AggregateResult" })));
        record
    };
    records.into_iter().map(bare).collect()
}

async fn opportunity(server: &TestServer, stage: &str, amount: Option<&str>, day: &str) -> Id {
    let fields = [
        ("Name", stage.into()),
        ("StageName", stage.into()),
        ("CloseDate", day.into()),
        (
            "Amount",
            amount.map_or(headwater_records::Input::Null, number),
        ),
    ];
    server.create("Opportunity", &fields).await
}

fn number(digits: &str) -> headwater_records::Input {
    headwater_records::Input::Number(digits.to_owned())
}

#[tokio::test]
async fn an_aggregate_result_has_no_address_and_names_what_has_no_name() {
    let server = TestServer::start().await;
    opportunity(&server, "Prospecting", Some("100"), "2026-01-31").await;
    opportunity(&server, "Prospecting", Some("50.5"), "2026-02-01").await;
    opportunity(&server, "Closed Won", None, "2026-03-01").await;
    let soql = "SELECT StageName, COUNT(Id), SUM(Amount) total, AVG(Amount), MAX(CloseDate) \
                FROM Opportunity GROUP BY StageName ORDER BY COUNT(Id) DESC";
    let request = server.get(&data("/query")).query("q", soql);
    let answer = request.as_(AGENT).send().await;
    assert_eq!(
        answer.text,
        "{\"totalSize\":2,\"done\":true,\"records\":[\
         {\"attributes\":{\"type\":\"AggregateResult\"},\"StageName\":\"Prospecting\",\
         \"expr0\":2,\"total\":150.5,\"expr1\":75.25,\"expr2\":\"2026-02-01\"},\
         {\"attributes\":{\"type\":\"AggregateResult\"},\"StageName\":\"Closed Won\",\
         \"expr0\":1,\"total\":null,\"expr1\":null,\"expr2\":\"2026-03-01\"}]}"
    );
}

#[tokio::test]
async fn aggregates_of_nothing_are_one_row_and_groups_of_nothing_none() {
    let server = TestServer::start().await;
    let all = "SELECT COUNT(Id) n, COUNT_DISTINCT(Name) names, SUM(AnnualRevenue) revenue, \
               MIN(Name) least FROM Account";
    assert_eq!(
        groups(&server, all).await,
        [json!({ "n": 0, "names": 0, "revenue": null, "least": null })]
    );
    let grouped = "SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry";
    assert!(groups(&server, grouped).await.is_empty());
}

#[tokio::test]
async fn sessions_are_counted_by_the_account_of_their_messaging_user() {
    let server = TestServer::start().await;
    let channel = server.channel("text").await;
    let (acme, zeta) = (server.account("Acme").await, server.account("Zeta").await);
    let one = server.messaging_user(channel, "+1", Some(acme), None).await;
    let other = server.messaging_user(channel, "+2", Some(acme), None).await;
    let unlinked = server.messaging_user(channel, "+3", None, None).await;
    server.sessions(channel, one, 3).await;
    server.sessions(channel, other, 2).await;
    server.sessions(channel, unlinked, 1).await;
    let soql = "SELECT EndUserAccount.Name, COUNT(Id) n, COUNT_DISTINCT(MessagingEndUserId) users \
                FROM MessagingSession GROUP BY EndUserAccount.Name ORDER BY COUNT(Id) DESC";
    assert_eq!(
        groups(&server, soql).await,
        [
            json!({ "Name": "Acme", "n": 5, "users": 2 }),
            json!({ "Name": null, "n": 1, "users": 1 }),
        ]
    );
    let relink = json!({ "messagingEndUserIds": [other.as_str()], "accountId": zeta.as_str() });
    let request = server.post("/services/headwater/v1/relinks").json(&relink);
    request.as_(ADMIN).send().await.json();
    assert_eq!(
        groups(&server, soql).await,
        [
            json!({ "Name": "Acme", "n": 3, "users": 1 }),
            json!({ "Name": "Zeta", "n": 2, "users": 1 }),
            json!({ "Name": null, "n": 1, "users": 1 }),
        ]
    );
    let having = "SELECT EndUserAccountId FROM MessagingSession WHERE EndUserAccount.Name != 'Acme' \
                  GROUP BY EndUserAccountId HAVING COUNT(Id) > 1";
    assert_eq!(
        groups(&server, having).await,
        [json!({ "EndUserAccountId": zeta.as_str() })]
    );
}

#[tokio::test]
async fn subtotals_have_nulls_for_keys_and_say_so() {
    let server = TestServer::start().await;
    for (status, origin) in [("New", "Web"), ("New", "Phone"), ("Closed", "Web")] {
        let fields = [("Status", status.into()), ("Origin", origin.into())];
        server.create("Case", &fields).await;
    }
    let soql = "SELECT Status, Origin, GROUPING(Status) s, GROUPING(Origin) o, COUNT(Id) n \
                FROM Case GROUP BY ROLLUP(Status, Origin) \
                ORDER BY GROUPING(Status), Status, GROUPING(Origin), Origin";
    let row = |status: Option<&str>, origin: Option<&str>, s: u8, o: u8, n: u8| json!({ "Status": status, "Origin": origin, "s": s, "o": o, "n": n });
    assert_eq!(
        groups(&server, soql).await,
        [
            row(Some("Closed"), Some("Web"), 0, 0, 1),
            row(Some("Closed"), None, 0, 1, 1),
            row(Some("New"), Some("Phone"), 0, 0, 1),
            row(Some("New"), Some("Web"), 0, 0, 1),
            row(Some("New"), None, 0, 1, 2),
            row(None, None, 1, 1, 3),
        ]
    );
    let cube = "SELECT COUNT(Id) n FROM Case GROUP BY CUBE(Status, Origin) \
                HAVING GROUPING(Status) = 1 ORDER BY COUNT(Id) LIMIT 2 OFFSET 1";
    assert_eq!(
        groups(&server, cube).await,
        [json!({ "n": 2 }), json!({ "n": 3 })]
    );
}

#[tokio::test]
async fn many_groups_come_in_pages() {
    let server = TestServer::start().await;
    for n in 0..230 {
        server.account(&format!("Account {:03}", n % 225)).await;
    }
    let soql = "SELECT Name, COUNT(Id) n FROM Account GROUP BY Name ORDER BY COUNT(Id) DESC";
    let request = server.get(&data("/query")).query("q", soql).as_(AGENT);
    let first = request.header("Sforce-Query-Options", "batchSize=200");
    let first = first.send().await.expect(200);
    assert_eq!(
        (&first["totalSize"], &first["done"]),
        (&json!(225), &json!(false))
    );
    let next = first["nextRecordsUrl"].as_str().unwrap();
    // What comes meanwhile does not shift what follows.
    server.account("Account").await;
    let second = server.get(next).as_(AGENT).send().await.expect(200);
    assert_eq!(
        (&second["totalSize"], &second["done"]),
        (&json!(225), &json!(true))
    );
    let both = [&first, &second].map(|page| page["records"].as_array().unwrap().clone());
    let names: Vec<Value> = both
        .concat()
        .into_iter()
        .map(|record| record["Name"].clone())
        .collect();
    let expected = (0..225).map(|n| json!(format!("Account {n:03}")));
    assert_eq!(names, expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn days_and_hours_are_those_of_the_callers_clock() {
    let server = TestServer::start().await;
    let agent = server.user(AGENT).await;
    let path = data(&format!("/sobjects/User/{agent}"));
    let zone = json!({ "TimeZoneSidKey": "America/New_York" });
    let request = server.patch(&path).json(&zone);
    request.as_(ADMIN).send().await.expect(204);
    let channel = server.channel("text").await;
    let user = server.messaging_user(channel, "+1", None, None).await;
    // Half past midnight in UTC, in winter and in summer; and noon.
    for start in [
        "2026-01-10T00:30:00Z",
        "2025-07-10T00:30:00Z",
        "2026-01-10T12:00:00Z",
    ] {
        let fields = [
            ("MessagingChannelId", channel.into()),
            ("MessagingEndUserId", user.into()),
            ("Status", "Ended".into()),
            (
                "StartTime",
                start.parse::<jiff::Timestamp>().unwrap().into(),
            ),
        ];
        server.create("MessagingSession", &fields).await;
    }
    let hour = "HOUR_IN_DAY(convertTimezone(StartTime))";
    let day = "DAY_ONLY(convertTimezone(StartTime))";
    let soql = format!(
        "SELECT {day} day, {hour} hour, COUNT(Id) n FROM MessagingSession \
         GROUP BY {day}, {hour} ORDER BY {day}, {hour}"
    );
    assert_eq!(
        groups(&server, &soql).await,
        [
            json!({ "day": "2025-07-09", "hour": 20, "n": 1 }),
            json!({ "day": "2026-01-09", "hour": 19, "n": 1 }),
            json!({ "day": "2026-01-10", "hour": 7, "n": 1 }),
        ]
    );
    let years = "SELECT CALENDAR_YEAR(StartTime), COUNT(Id) FROM MessagingSession \
                 WHERE HOUR_IN_DAY(convertTimezone(StartTime)) > 12 \
                 GROUP BY CALENDAR_YEAR(StartTime) HAVING CALENDAR_YEAR(StartTime) >= 2026";
    assert_eq!(
        groups(&server, years).await,
        [json!({ "expr0": 2026, "expr1": 1 })]
    );
}

#[tokio::test]
async fn labels_and_texts_for_people_take_the_place_of_values() {
    let server = TestServer::start().await;
    let channel = server.channel("text").await;
    let user = server.messaging_user(channel, "+1", None, None).await;
    server.sessions(channel, user, 1).await;
    opportunity(&server, "Closed Won", Some("1234567.5"), "2026-03-01").await;
    let soql = "SELECT toLabel(Origin), Origin raw FROM MessagingSession";
    let request = server.get(&data("/query")).query("q", soql).as_(AGENT);
    request.send().await.expect_error(400, "MALFORMED_QUERY");
    let soql = "SELECT toLabel(Origin), FORMAT(StartTime) at FROM MessagingSession \
                WHERE toLabel(Origin) = 'inbound initiated' ORDER BY toLabel(Origin)";
    let answer = query(&server, soql).await;
    assert_eq!(answer["records"][0]["Origin"], "Inbound Initiated");
    assert_eq!(answer["records"][0]["at"], "1/15/2026, 11:00 AM");
    let soql = "SELECT toLabel(Origin), COUNT(Id) n FROM MessagingSession GROUP BY Origin";
    assert_eq!(
        groups(&server, soql).await,
        [json!({ "Origin": "Inbound Initiated", "n": 1 })]
    );
    let soql = "SELECT FORMAT(SUM(Amount)) total, FORMAT(MIN(CloseDate)) earliest FROM Opportunity";
    assert_eq!(
        groups(&server, soql).await,
        [json!({ "total": "$1,234,567.50", "earliest": "3/1/2026" })]
    );
}

#[tokio::test]
async fn picklists_have_their_own_least_and_greatest() {
    let server = TestServer::start().await;
    for stage in ["Qualification", "Closed Lost", "Needs Analysis"] {
        opportunity(&server, stage, None, "2026-03-01").await;
    }
    let soql = "SELECT MIN(StageName) least, MAX(StageName) greatest FROM Opportunity";
    assert_eq!(
        groups(&server, soql).await,
        [json!({ "least": "Qualification", "greatest": "Closed Lost" })]
    );
}

#[tokio::test]
async fn accounts_near_a_place_come_nearest_first() {
    let server = TestServer::start().await;
    for (name, latitude, longitude) in [
        ("Potsdam", "52.4", "13.06"),
        ("Berlin", "52.52", "13.405"),
        ("Munich", "48.137", "11.575"),
    ] {
        let fields = [
            ("Name", name.into()),
            ("BillingLatitude", number(latitude)),
            ("BillingLongitude", number(longitude)),
        ];
        server.create("Account", &fields).await;
    }
    server.account("Nowhere").await;
    let distance = "DISTANCE(BillingAddress, GEOLOCATION(52.5, 13.4), 'km')";
    let soql =
        format!("SELECT Name FROM Account WHERE {distance} < 50 ORDER BY {distance} NULLS LAST");
    let answer = query(&server, &soql).await;
    let names = answer["records"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|record| record["Name"].clone()).collect();
    assert_eq!(names, ["Berlin", "Potsdam"]);
}

#[tokio::test]
async fn columns_of_groups_tell_how_they_are_made() {
    let server = TestServer::start().await;
    let soql = "SELECT StageName, AVG(Amount), COUNT(Id) n FROM Opportunity GROUP BY StageName";
    let request = server
        .get(&data("/query"))
        .query("q", soql)
        .query("columns", "true");
    let columns = request.as_(AGENT).send().await.expect(200);
    assert_eq!(
        (&columns["groupBy"], &columns["idSelected"]),
        (&json!(true), &json!(false))
    );
    let metadata = columns["columnMetadata"].as_array().unwrap();
    let shown = |column: &Value| {
        let key = |key: &str| column[key].clone();
        (key("columnName"), key("aggregate"), key("displayName"))
    };
    let shown: Vec<_> = metadata.iter().map(shown).collect();
    assert_eq!(
        shown,
        [
            (json!("StageName"), json!(false), json!("StageName")),
            (json!("expr0"), json!(true), json!("avg(Amount)")),
            (json!("n"), json!(true), json!("count(Id)")),
        ]
    );
    assert_eq!(metadata[1]["numberType"], true);
}

#[tokio::test]
async fn what_is_neither_grouped_nor_aggregated_is_pointed_at() {
    let server = TestServer::start().await;
    let soql = "SELECT Name, COUNT(Id) FROM Account";
    let request = server.get(&data("/query")).query("q", soql).as_(AGENT);
    let message = request.send().await.expect_error(400, "MALFORMED_QUERY");
    assert_eq!(
        message,
        "\nSELECT Name, COUNT(Id) FROM Account\n       ^\nERROR at Row:1:Column:8\n\
         Field must be grouped or aggregated: Name"
    );
}
