//! Who the user of a token is.

use headwater_testkit::{ADMIN, AGENT, TestServer};

use crate::access_token;

#[tokio::test]
async fn userinfo_says_who_the_user_is() {
    let server = TestServer::start().await;
    let user = server.user(AGENT).await;
    let organization = server.org().organization();
    let answer = server
        .get("/services/oauth2/userinfo")
        .as_(AGENT)
        .send()
        .await;
    let body = answer.expect(200);
    assert_eq!(body["user_id"], user.as_str());
    assert_eq!(body["organization_id"], organization.as_str());
    assert_eq!(body["preferred_username"], AGENT);
    assert_eq!(body["name"], "Agent");
    assert_eq!(body["email"], AGENT);
    assert_eq!(body["family_name"], "Agent");
    assert_eq!(body["zoneinfo"], "GMT");
    assert_eq!(body["utcOffset"], 0);
    assert_eq!(body["user_type"], "STANDARD");
    assert_eq!(
        body["sub"],
        format!("{}/id/{organization}/{user}", server.url())
    );
    assert_eq!(body["urls"]["custom_domain"], server.url());
}

#[tokio::test]
async fn the_identity_url_says_the_same_with_a_token_in_any_place() {
    let server = TestServer::start().await;
    let (user, organization) = (server.user(AGENT).await, server.org().organization());
    let token = access_token(&server, AGENT).await;
    for path in [
        format!("/id/{organization}/{user}?format=json"),
        format!("/id/{}/{}", organization.short(), user.short()),
    ] {
        let body = server.get(&path).token(&token).send().await.expect(200);
        assert_eq!(body["user_id"], user.as_str());
        assert_eq!(body["username"], AGENT);
        assert_eq!(body["display_name"], "Agent");
        assert_eq!(body["asserted_user"], true);
    }
    let path = format!("/id/{organization}/{user}");
    let body = server
        .get(&path)
        .query("oauth_token", &token)
        .send()
        .await
        .expect(200);
    let rest = body["urls"]["rest"].as_str().unwrap();
    assert_eq!(
        rest,
        format!("{}/services/data/v{{version}}/", server.url())
    );
    let request = server.get(&path).query("version", "latest").token(&token);
    let body = request.send().await.expect(200);
    let rest = body["urls"]["sobjects"].as_str().unwrap();
    assert_eq!(
        rest,
        format!("{}/services/data/v68.0/sobjects/", server.url())
    );
}

#[tokio::test]
async fn others_are_shown_only_to_who_manages_users() {
    let server = TestServer::start().await;
    let admin = server.user(ADMIN).await;
    let agent = server.user(AGENT).await;
    let organization = server.org().organization();
    let path = |user| format!("/id/{organization}/{user}");
    let answer = server.get(&path(admin)).as_(AGENT).send().await;
    answer.expect(403);
    assert_eq!(answer.text, "No_Access");
    server.get(&path(agent)).as_(ADMIN).send().await.expect(200);
}

#[tokio::test]
async fn bad_tokens_and_bad_ids_get_the_words_that_clients_know() {
    let server = TestServer::start().await;
    let (user, organization) = (server.user(AGENT).await, server.org().organization());
    let token = access_token(&server, AGENT).await;
    let path = format!("/id/{organization}/{user}");
    for (path, token, text) in [
        (path.as_str(), None, "Missing_OAuth_Token"),
        (&path, Some("00D!x"), "Bad_OAuth_Token"),
        ("/services/oauth2/userinfo", None, "Missing_OAuth_Token"),
        (
            "/services/oauth2/userinfo",
            Some("00D!x"),
            "Bad_OAuth_Token",
        ),
        (
            &format!("/id/{organization}/x"),
            Some(token.as_str()),
            "Bad_Id",
        ),
        (
            &format!("/id/{user}/{user}"),
            Some(token.as_str()),
            "Wrong_Org",
        ),
    ] {
        let mut request = server.get(path);
        if let Some(token) = token {
            request = request.token(token);
        }
        let answer = request.send().await;
        answer.expect(403);
        assert_eq!(answer.text, text, "{path}");
    }
}

#[tokio::test]
async fn what_is_offered_can_be_looked_up() {
    let server = TestServer::start().await;
    let body = server
        .get("/.well-known/openid-configuration")
        .send()
        .await
        .expect(200);
    let endpoint = format!("{}/services/oauth2/token", server.url());
    assert_eq!(body["token_endpoint"], endpoint);
    assert_eq!(body["code_challenge_methods_supported"][0], "S256");
    server.get("/id/keys").send().await.expect(200);
}
