//! Who the user of a token is: the identity URL, and userinfo as OpenID names it.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use headwater_catalogue::{Id, SystemPermission};
use headwater_records::LoginError;
use headwater_records::login::{Person, Session};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::bearer::token_anywhere;
use super::form::Form;
use super::refusal::private;
use crate::answer;
use crate::call::{Call, Version};
use crate::error::Failure;

/// `GET /id/{organization}/{user}`.
pub(super) async fn identity(call: Call) -> Result<Response, Failure> {
    let session = match session(&call).await? {
        Ok(session) => session,
        Err(refused) => return Ok(refused),
    };
    let asked = call.parameter("user").parse::<Id>();
    let organization = call.parameter("organization").parse::<Id>();
    let (Ok(user), Ok(organization)) = (asked, organization) else {
        return Ok(plain(StatusCode::FORBIDDEN, "Bad_Id"));
    };
    if organization != call.state.org.organization() {
        return Ok(plain(StatusCode::FORBIDDEN, "Wrong_Org"));
    }
    if !may_see(&call, &session, user).await? {
        return Ok(plain(StatusCode::FORBIDDEN, "No_Access"));
    }
    let person = match call.state.org.person(user).await {
        Ok(person) => person,
        Err(headwater_records::Error::NotFound(_)) => {
            return Ok(plain(StatusCode::FORBIDDEN, "Bad_Id"));
        }
        Err(error) => return Err(error.into()),
    };
    let version = match call.query("version").as_deref() {
        Some("latest") => Some(Version::NEWEST.to_string()),
        Some(version) => format!("v{version}")
            .parse()
            .ok()
            .map(|version: Version| version.to_string()),
        None => None,
    };
    let body = identity_of(&call, user, &person, version.as_deref());
    Ok(private(answer::json(StatusCode::OK, &body)))
}

/// `GET /services/oauth2/userinfo`.
pub(super) async fn userinfo(call: Call) -> Result<Response, Failure> {
    let session = match session(&call).await? {
        Ok(session) => session,
        Err(refused) => return Ok(refused),
    };
    let person = call.state.org.person(session.user).await?;
    let body = userinfo_of(&call, session.user, &person);
    Ok(private(answer::json(StatusCode::OK, &body)))
}

/// The request's token, wherever it is; else what clients of these endpoints know as the answer.
pub(super) fn token(call: &Call) -> Result<String, &'static str> {
    let in_form = || {
        let form = Form::of_body(&call.body);
        let token = form.get("access_token").or_else(|| form.get("oauth_token"));
        token.map(str::to_owned)
    };
    match token_anywhere(&call.headers, &call.uri) {
        Ok(token) => token.or_else(in_form).ok_or("Missing_OAuth_Token"),
        Err(_) => Err(BAD),
    }
}

/// What a token is told that does not let in.
pub(super) const BAD: &str = "Bad_OAuth_Token";

/// The answer that turns somebody away.
pub(super) fn away(text: &'static str) -> Response {
    plain(StatusCode::FORBIDDEN, text)
}

/// The session of the request's token, or that answer.
async fn session(call: &Call) -> Result<Result<Arc<Session>, Response>, Failure> {
    let token = match token(call) {
        Ok(token) => token,
        Err(text) => return Ok(Err(away(text))),
    };
    let org = &call.state.org;
    match org.session_of_token(&token).await {
        // The user may have been switched off since.
        Ok(session) if session.scopes.let_see_identity() => {
            match org.caller_of_session(&session).await {
                Ok(_) => Ok(Ok(session)),
                Err(LoginError::Records(error)) => Err(error.into()),
                Err(_) => Ok(Err(away(BAD))),
            }
        }
        Err(LoginError::Records(error)) => Err(error.into()),
        Ok(_) | Err(_) => Ok(Err(away(BAD))),
    }
}

async fn may_see(call: &Call, session: &Session, user: Id) -> Result<bool, Failure> {
    if session.user == user {
        return Ok(true);
    }
    let caller = call.state.org.caller_of_session(session).await;
    Ok(caller
        .map_err(super::bearer::refused)?
        .rights
        .has(SystemPermission::ManageUsers))
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let text = HeaderValue::from_static("text/plain;charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    private(response)
}

fn userinfo_of(call: &Call, user: Id, person: &Person) -> Value {
    let base = &call.base_url();
    let organization = call.state.org.organization();
    json!({
        "sub": format!("{base}/id/{organization}/{user}"),
        "user_id": user.as_str(),
        "organization_id": organization.as_str(),
        "preferred_username": person.username,
        "nickname": person.nickname.as_ref().unwrap_or(&person.username),
        "name": person.name,
        "email": person.email,
        "email_verified": true,
        "given_name": person.first_name,
        "family_name": person.last_name,
        "zoneinfo": person.time_zone,
        "photos": photos(base, user),
        "profile": format!("{base}/{user}"),
        "picture": format!("{base}/profilephoto/{user}/F"),
        "address": address(person),
        "urls": urls(call, user, None),
        "active": person.is_active,
        "user_type": user_type(person),
        "language": person.language,
        "locale": person.locale,
        "utcOffset": utc_offset_milliseconds(person, call.state.org.now()),
        "updated_at": instant(person.modified),
        "is_app_installed": true,
    })
}

fn identity_of(call: &Call, user: Id, person: &Person, version: Option<&str>) -> Value {
    let base = &call.base_url();
    let organization = call.state.org.organization();
    json!({
        "id": format!("{base}/id/{organization}/{user}"),
        "asserted_user": true,
        "user_id": user.as_str(),
        "organization_id": organization.as_str(),
        "username": person.username,
        "nick_name": person.nickname.as_ref().unwrap_or(&person.username),
        "display_name": person.name,
        "email": person.email,
        "email_verified": true,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "timezone": person.time_zone,
        "photos": photos(base, user),
        "addr_street": person.street,
        "addr_city": person.city,
        "addr_state": person.state,
        "addr_country": person.country,
        "addr_zip": person.postal_code,
        "mobile_phone": person.mobile_phone,
        "mobile_phone_verified": false,
        "is_lightning_login_user": false,
        "status": { "created_date": null, "body": null },
        "urls": urls(call, user, version),
        "active": person.is_active,
        "user_type": user_type(person),
        "language": person.language,
        "locale": person.locale,
        "utcOffset": utc_offset_milliseconds(person, call.state.org.now()),
        "last_modified_date": instant(person.modified),
        "is_app_installed": true,
    })
}

/// Where everything is. Without a version the addresses keep a place for one.
fn urls(call: &Call, user: Id, version: Option<&str>) -> Value {
    let base = &call.base_url();
    let organization = call.state.org.organization();
    let organization = organization.short();
    let version = version.unwrap_or("{version}");
    let soap = |door: &str| format!("{base}/services/Soap/{door}/{version}/{organization}");
    let rest = |path: &str| format!("{base}/services/data/v{version}/{path}");
    json!({
        "enterprise": soap("c"),
        "metadata": soap("m"),
        "partner": soap("u"),
        "rest": rest(""),
        "sobjects": rest("sobjects/"),
        "search": rest("search/"),
        "query": rest("query/"),
        "recent": rest("recent/"),
        "tooling_soap": soap("T"),
        "tooling_rest": rest("tooling/"),
        "profile": format!("{base}/{user}"),
        "feeds": rest("chatter/feeds"),
        "groups": rest("chatter/groups"),
        "users": rest("chatter/users"),
        "feed_items": rest("chatter/feed-items"),
        "feed_elements": rest("chatter/feed-elements"),
        "custom_domain": base,
    })
}

fn photos(base: &str, user: Id) -> Value {
    json!({
        "picture": format!("{base}/profilephoto/{user}/F"),
        "thumbnail": format!("{base}/profilephoto/{user}/T"),
    })
}

fn address(person: &Person) -> Value {
    let mut address = serde_json::Map::new();
    for (name, value) in [
        ("street_address", &person.street),
        ("locality", &person.city),
        ("region", &person.state),
        ("postal_code", &person.postal_code),
        ("country", &person.country),
    ] {
        if let Some(value) = value {
            address.insert(name.to_owned(), json!(value));
        }
    }
    Value::Object(address)
}

/// OpenID's claim is in capitals where the record's picklist is not.
fn user_type(person: &Person) -> String {
    person.user_type.to_uppercase()
}

/// Salesforce gives the zone's standard offset, whatever the season.
fn utc_offset_milliseconds(person: &Person, now: Timestamp) -> i64 {
    let Ok(zone) = jiff::tz::TimeZone::get(&person.time_zone) else {
        return 0;
    };
    let info = zone.to_offset_info(now);
    let seconds = i64::from(info.offset().seconds());
    let summer = if info.dst().is_dst() { 3600 } else { 0 };
    (seconds - summer) * 1000
}

fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
