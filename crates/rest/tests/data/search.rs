//! `/search`, `/parameterizedSearch` and what lies below them.

use headwater_testkit::{ADMIN, AGENT, TestServer};
use serde_json::{Value, json};

use crate::data;

async fn world() -> TestServer {
    let server = TestServer::start().await;
    for name in ["Acme", "Acme North", "Other"] {
        server.account(name).await;
    }
    let ann = [
        ("FirstName", "Ann".into()),
        ("LastName", "Acme-Lee".into()),
        ("Email", "ann@acme.example".into()),
        ("Phone", "(415) 555-1212".into()),
    ];
    server.create("Contact", &ann).await;
    server
}

async fn search(server: &TestServer, sosl: &str) -> Value {
    let request = server.get(&data("/search/")).query("q", sosl);
    request.as_(AGENT).send().await.expect(200)
}

fn names(answer: &Value) -> Vec<&str> {
    let records = answer["searchRecords"].as_array().into_iter().flatten();
    records
        .map(|record| record["Name"].as_str().unwrap_or_default())
        .collect()
}

#[tokio::test]
async fn records_of_several_objects_come_in_the_order_of_returning() {
    let server = world().await;
    let answer = search(
        &server,
        "FIND {acme} RETURNING Contact(Name, Account.Name), Account(Id, Name)",
    )
    .await;
    assert_eq!(names(&answer), ["Ann Acme-Lee", "Acme", "Acme North"]);
    let first = &answer["searchRecords"][0];
    assert_eq!(first["attributes"]["type"], "Contact");
    let url = first["attributes"]["url"].as_str().unwrap();
    assert!(url.starts_with(&data("/sobjects/Contact/003")), "{url}");
    assert_eq!(first["Account"], Value::Null);
    assert_eq!(answer.as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn without_returning_each_object_gives_its_ids() {
    let server = world().await;
    let answer = search(&server, "FIND {acme AND NOT north}").await;
    let records = answer["searchRecords"].as_array().unwrap();
    let types: Vec<_> = records
        .iter()
        .map(|record| &record["attributes"]["type"])
        .collect();
    assert_eq!(types, ["Account", "Contact"]);
    let keys: Vec<_> = records[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["attributes", "Id"]);
}

#[tokio::test]
async fn before_version_37_the_records_are_the_answer() {
    let server = world().await;
    let sosl = "FIND {north} RETURNING Account(Name)";
    let old = server.get("/services/data/v36.0/search").query("q", sosl);
    let old = old.as_(AGENT).send().await.expect(200);
    assert_eq!(old[0]["Name"], "Acme North");
    let new = server.get("/services/data/v37.0/search").query("q", sosl);
    let new = new.as_(AGENT).send().await.expect(200);
    assert_eq!(new["searchRecords"][0]["Name"], "Acme North");
}

#[tokio::test]
async fn labels_come_when_they_are_asked_for() {
    let server = world().await;
    let answer = search(
        &server,
        "FIND {north} RETURNING Account(Name, Site) WITH METADATA='LABELS'",
    )
    .await;
    let expected = json!({ "entityMetadata": [{
        "entityName": "Account",
        "fieldMetadata": [
            { "name": "Name", "label": "Account Name" },
            { "name": "Site", "label": "Account Site" },
        ],
    }] });
    assert_eq!(answer["metadata"], expected);
}

#[tokio::test]
async fn what_is_wrong_with_a_search_is_said() {
    let server = world().await;
    let refused = async |sosl: &str, code: &str| {
        let request = server.get(&data("/search")).query("q", sosl).as_(AGENT);
        request.send().await.expect_error(400, code)
    };
    let no_term = "No search term found. The search term must be enclosed in braces.";
    let message = refused("FIND acme", "MALFORMED_SEARCH").await;
    assert_eq!(
        message,
        format!("\nFIND acme\n     ^\nERROR at Row:1:Column:6\n{no_term}")
    );
    for (sosl, code, end) in [
        (
            "",
            "MALFORMED_SEARCH",
            "A search string has to be specified",
        ),
        (
            "FIND {a}",
            "MALFORMED_SEARCH",
            "search term must be longer than one character: a",
        ),
        (
            "FIND {acme} LIMIT 2001",
            "MALFORMED_SEARCH",
            "SOSL LIMIT can be at most 2000: 2001",
        ),
        (
            "FIND {acme} RETURNING Nope",
            "INVALID_TYPE",
            "appropriate names.",
        ),
        (
            "FIND {acme} RETURNING Group",
            "INVALID_TYPE",
            "entity type Group does not support search",
        ),
        (
            "FIND {acme} RETURNING Account(Nope)",
            "INVALID_FIELD",
            "appropriate names.",
        ),
        (
            "FIND {acme} RETURNING Account(COUNT())",
            "MALFORMED_SEARCH",
            "a search cannot return COUNT()",
        ),
        (
            "FIND {acme} RETURNING Account((SELECT Id FROM Contacts))",
            "MALFORMED_SEARCH",
            "a search cannot return (SELECT Id FROM Contacts)",
        ),
        (
            "FIND {acme} WITH DIVISION = 'x'",
            "MALFORMED_SEARCH",
            "WITH DIVISION is not supported by this server",
        ),
        (
            "FIND {acme} RETURNING Account(Id OFFSET 2001)",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
    ] {
        let message = refused(sosl, code).await;
        assert!(message.ends_with(end), "{sosl}: {message}");
    }
}

#[tokio::test]
async fn parameters_say_the_same_as_sosl() {
    let server = world().await;
    let path = data("/parameterizedSearch/");
    let get = async |parameters: &str| {
        let request = server.get(&format!("{path}?{parameters}")).as_(AGENT);
        request.send().await.expect(200)
    };
    let post = async |body: Value| {
        let request = server.post(&path).json(&body).as_(AGENT);
        request.send().await.expect(200)
    };
    let by_query = get(
        "q=acme&sobject=Account&Account.fields=id,name&Account.limit=10\
                        &sobject=Contact&fields=Name&in=NAME&overallLimit=5",
    )
    .await;
    assert_eq!(names(&by_query), ["Acme", "Acme North", "Ann Acme-Lee"]);
    let by_body = post(json!({
        "q": "acme",
        "fields": ["Name"],
        "sobjects": [
            { "name": "Account", "fields": ["id", "name"], "where": "Name != 'Other'",
              "orderBy": "Name DESC", "limit": 10 },
            { "name": "Contact" },
        ],
        "in": "ALL",
        "overallLimit": 5,
        "defaultLimit": 3,
        "spellCorrection": false,
    }))
    .await;
    assert_eq!(names(&by_body), ["Acme North", "Acme", "Ann Acme-Lee"]);
    let offset = post(json!({ "q": "acme", "fields": ["Name"], "offset": 1,
                              "sobjects": [{ "name": "Account" }] }))
    .await;
    assert_eq!(names(&offset), ["Acme North"]);
    let plain = get("q=ann%20acme").await;
    assert_eq!(plain["searchRecords"].as_array().unwrap().len(), 1);
    // Braces are braces, and end nothing.
    let braces = get("q=a%7D%20RETURNING%20User&sobject=Account").await;
    assert_eq!(braces["searchRecords"], json!([]));
}

#[tokio::test]
async fn parameters_that_make_no_search_are_refused() {
    let server = world().await;
    let path = data("/parameterizedSearch");
    for parameters in [
        "sobject=Account",
        "q=acme&offset=1",
        "q=acme&overallLimit=x",
        "q=acme&Contact.limit=1",
        "q=acme&in=SOME",
        "q=%22acme",
    ] {
        let request = server.get(&format!("{path}?{parameters}")).as_(AGENT);
        request.send().await.expect_error(400, "MALFORMED_SEARCH");
    }
    let request = server
        .post(&path)
        .body("application/json", "{\"q\":1}")
        .as_(AGENT);
    request.send().await.expect_error(400, "JSON_PARSER_ERROR");
    let request = server.post(&path).body("text/csv", "q").as_(AGENT);
    request
        .send()
        .await
        .expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn suggestions_begin_with_what_is_typed() {
    let server = world().await;
    let suggest = async |parameters: &str| {
        let request = server
            .get(&data(&format!("/search/suggestions?{parameters}")))
            .as_(AGENT);
        request.send().await.expect(200)
    };
    let found = suggest("q=ac&sobject=Account&limit=1").await;
    assert_eq!(found["hasMoreResults"], true);
    assert_eq!(found["autoSuggestResults"].as_array().unwrap().len(), 1);
    let both =
        suggest("q=acme&sobject=Account,Contact&fields=CreatedDate&where=Name%20!%3D%20'Acme'")
            .await;
    let names: Vec<_> = both["autoSuggestResults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["Name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Acme North", "Ann Acme-Lee"]);
    assert_eq!(both["hasMoreResults"], false);
    // Only names are looked into.
    let none = suggest("q=4155551212&sobject=Contact").await;
    assert_eq!(
        none,
        json!({ "autoSuggestResults": [], "hasMoreResults": false })
    );
    for parameters in ["q=a&sobject=Account", "q=acme"] {
        let request = server
            .get(&data(&format!("/search/suggestions?{parameters}")))
            .as_(AGENT);
        request.send().await.expect_error(400, "MALFORMED_SEARCH");
    }
}

#[tokio::test]
async fn what_is_searched_and_shown_can_be_asked() {
    let server = world().await;
    let get =
        async |path: &str, user: &str| server.get(&data(path)).as_(user).send().await.expect(200);
    let order = get("/search/scopeOrder", ADMIN).await;
    let types: Vec<_> = order
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["type"].as_str().unwrap())
        .collect();
    assert!(types.contains(&"Account") && types.contains(&"MessagingEndUser"));
    assert!(!types.contains(&"Group") && !types.contains(&"ConversationEntry"));
    assert_eq!(
        order[0]["url"],
        data(&format!("/sobjects/{}/describe", types[0]))
    );
    let layouts = get("/search/layout?q=account,Contact", AGENT).await;
    assert_eq!(layouts[0]["objectType"], "Account");
    assert_eq!(
        layouts[0]["searchColumns"][0],
        json!({
            "field": "Account.Name", "format": null, "label": "Account Name", "name": "Name",
        })
    );
    assert_eq!(layouts[1]["searchColumns"].as_array().unwrap().len(), 6);
    let request = server.get(&data("/search/layout?q=Nope")).as_(AGENT);
    request.send().await.expect_error(404, "NOT_FOUND");
}
