//! `/services/oauth2/singleaccess`: from an access token to a link that opens the console once, for
//! a client that sends its user to the browser.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::Id;
use headwater_records::LoginError;
use serde_json::json;
use url::{Url, form_urlencoded};

use super::form::Form;
use super::identity::{BAD, away, token};
use super::refusal::{Refusal, answered, private};
use crate::answer;
use crate::call::Call;
use crate::error::Failure;

/// `POST`, or `GET` as Salesforce's command line asks. `redirect_uri` says where the person lands.
pub(super) async fn single_access(call: Call) -> Result<Response, Failure> {
    let token = match token(&call) {
        Ok(token) => token,
        Err(text) => return Ok(away(text)),
    };
    Ok(match call.state.org.console_caller(&token).await {
        Ok((caller, _)) => answered(link(&call, caller.user).await),
        Err(LoginError::UnknownToken) => away(BAD),
        Err(error) => Refusal::from(error).response(),
    })
}

async fn link(call: &Call, user: Id) -> Result<Response, Refusal> {
    let form = Form::of(call)?;
    let start = match form.get("redirect_uri") {
        None => None,
        Some(redirect) => {
            let text = "redirect_uri must be a path of this server";
            let path = path_here(&call.base_url(), redirect);
            Some(path.ok_or_else(|| Refusal::invalid_request(text))?)
        }
    };
    let code = call.state.org.login_link(user).await?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("otp", code.expose());
    if let Some(start) = start {
        query.append_pair("startURL", &start);
    }
    let query = query.finish();
    let link = format!("{}/secur/frontdoor.jsp?{query}", call.base_url());
    let body = json!({ "frontdoor_uri": link });
    Ok(private(answer::json(StatusCode::OK, &body)))
}

/// The path that an address leads to, if it leads to this server: nobody is to be sent elsewhere by
/// a link that looks like ours.
fn path_here(base_url: &str, address: &str) -> Option<String> {
    let base = Url::parse(base_url).ok()?;
    let whole = base.join(address).ok()?;
    if whole.origin() != base.origin() || !whole.username().is_empty() {
        return None;
    }
    let mut path = whole.path().to_owned();
    // What browsers would take for the address of another host.
    if path.starts_with("//") {
        return None;
    }
    for (mark, part) in [('?', whole.query()), ('#', whole.fragment())] {
        if let Some(part) = part {
            path.push(mark);
            path.push_str(part);
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_a_path_of_this_server_however_it_is_written() {
        for (address, path) in [
            ("/r/Account/001/view", "/r/Account/001/view"),
            ("lightning/setup?a=b#c", "/lightning/setup?a=b#c"),
            ("http://127.0.0.1:8080/x", "/x"),
            ("", "/"),
        ] {
            let found = path_here("http://127.0.0.1:8080", address);
            assert_eq!(found.as_deref(), Some(path), "{address}");
        }
    }

    #[test]
    fn a_start_elsewhere_is_refused() {
        for address in [
            "https://evil.example/",
            "//evil.example/",
            "\\\\evil.example/",
            "/\\evil.example/",
            "http://127.0.0.1:8080//evil.example",
            "http://me@127.0.0.1:8080/",
            "javascript:alert(1)",
            "http://127.0.0.1:80/",
        ] {
            assert_eq!(
                path_here("http://127.0.0.1:8080", address),
                None,
                "{address}"
            );
        }
    }
}
