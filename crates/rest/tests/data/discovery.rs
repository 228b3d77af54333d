//! `/services/data` and `/services/data/vNN.0`.

use headwater_testkit::{AGENT, TestServer};

use crate::data;

#[tokio::test]
async fn the_versions_are_listed_to_everybody_oldest_first() {
    let server = TestServer::start().await;
    let versions = server.get("/services/data/").send().await.expect(200);
    let versions = versions.as_array().unwrap();
    assert_eq!(versions.len(), 49);
    assert_eq!(versions[0]["version"], "20.0");
    let newest = versions.last().unwrap();
    assert_eq!(newest["label"], "Winter '27");
    assert_eq!(newest["url"], "/services/data/v68.0");
}

#[tokio::test]
async fn a_version_lists_its_resources_and_the_absolute_identity() {
    let server = TestServer::start().await;
    let answer = server.get(&data("")).as_(AGENT).send().await;
    let resources = answer.expect(200);
    assert_eq!(resources["sobjects"], "/services/data/v68.0/sobjects");
    let user = server.user(AGENT).await;
    let organization = server.org().organization();
    let identity = format!("{}/id/{organization}/{user}", server.url());
    assert_eq!(resources["identity"], identity);
}

#[tokio::test]
async fn versions_from_20_to_68_answer_and_no_others() {
    let server = TestServer::start().await;
    for (version, status) in [
        ("v20.0", 200),
        ("v42.0", 200),
        ("V68.0", 200),
        ("v19.0", 404),
        ("v69.0", 404),
        ("v58.5", 404),
        ("latest", 404),
    ] {
        let path = format!("/services/data/{version}/limits");
        let answer = server.get(&path).as_(AGENT).send().await;
        assert_eq!(answer.status, status, "{version}");
    }
}
