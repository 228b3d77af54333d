//! `/sobjects/{object}/listviews`.

use headwater_testkit::{ADMIN, AGENT, TestServer};
use serde_json::Value;

use crate::data;

async fn get(server: &TestServer, path: &str) -> Value {
    server.get(path).as_(AGENT).send().await.expect(200)
}

#[tokio::test]
async fn a_list_s_views_are_listed_described_and_answered() {
    let server = TestServer::start().await;
    let channel = server.channel("SMS").await;
    let user = server.messaging_user(channel, "+1", None, None).await;
    server.sessions(channel, user, 2).await;
    let open = server.open_session(channel, user).await;
    let list = get(&server, &data("/sobjects/MessagingSession/listviews")).await;
    assert_eq!(list["sobjectType"], "MessagingSession");
    let views = list["listviews"].as_array().unwrap();
    assert_eq!(list["size"], views.len());
    let named = |name: &str| {
        views
            .iter()
            .find(|view| view["developerName"] == name)
            .unwrap()
    };
    let view = named("open");
    assert!(view["id"].as_str().unwrap().starts_with("00B"));
    assert_eq!(get(&server, view["url"].as_str().unwrap()).await, *view);
    let described = get(&server, view["describeUrl"].as_str().unwrap()).await;
    assert_eq!(
        described["whereCondition"],
        "Status NOT IN ('Ended', 'Error')"
    );
    assert_eq!(described["orderBy"][0]["fieldNameOrPath"], "StartTime");
    assert_eq!(described["columns"][0]["fieldNameOrPath"], "Name");
    // What it says is its query is one.
    let query = server.query(described["query"].as_str().unwrap());
    assert_eq!(query.as_(AGENT).send().await.records().len(), 1);
    let results = get(&server, view["resultsUrl"].as_str().unwrap()).await;
    assert_eq!(results["size"], 1);
    let columns = results["records"][0]["columns"].as_array().unwrap();
    assert_eq!(columns.last().unwrap()["value"], open.to_string());
    assert_eq!(columns[1]["value"], "Active");
    let ended = format!("{}?limit=1", named("ended")["resultsUrl"].as_str().unwrap());
    assert_eq!(get(&server, &ended).await["size"], 1);
}

#[tokio::test]
async fn a_view_that_is_not_there_is_not_found() {
    let server = TestServer::start().await;
    for path in [
        "/sobjects/Account/listviews/00B000000000000AAA",
        "/sobjects/Account/listviews/nothing/results",
        "/sobjects/Nothing/listviews",
    ] {
        server.get(&data(path)).as_(ADMIN).send().await.expect(404);
    }
}
