//! Signing in and out: by name and password, or by a link that holds good once.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::extract::{ConnectInfo, Extension, RawForm, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use headwater_records::LoginError;
use headwater_records::login::{Issued, Secret};
use maud::html;

use crate::console::Console;
use crate::fault::Fault;
use crate::form::{Form, Posted, is_from_elsewhere};
use crate::shell;
use crate::toast::Notice;
use crate::visitor::{COOKIE, cookie};

/// Most characters of the address that one comes back to.
const WAY_BACK_CHARACTERS_MAX: usize = 2_000;

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/login", get(ask).post(sign_in))
        .route("/logout", post(sign_out))
        .route("/secur/frontdoor.jsp", get(by_link))
}

async fn ask(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let to = way_back(form.get("to"));
    if let Some(token) = cookie(&headers, COOKIE)
        && console.org.console_caller(token).await.is_ok()
    {
        return Redirect::to(&to).into_response();
    }
    page("", &to, None)
}

/// The page, again with what went wrong.
fn page(username: &str, to: &str, problem: Option<&str>) -> Response {
    let main = html! {
        form .sheet.form.sign-in method="post" action="/login" {
            h1 { "Sign in" }
            @if let Some(problem) = problem { p .problem role="alert" { (problem) } }
            input type="hidden" name="to" value=(to);
            label for="username" { "Username" }
            input #username name="username" value=(username) autocomplete="username" required
                autocapitalize="none" spellcheck="false" autofocus[username.is_empty()];
            label for="password" { "Password" }
            input #password name="password" type="password" autocomplete="current-password" required
                autofocus[!username.is_empty()];
            div .ways { button .primary { "Sign in" } }
        }
    };
    let status = if problem.is_some() {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::OK
    };
    (status, shell::bare("Sign in", &main)).into_response()
}

async fn sign_in(
    State(console): State<Console>,
    address: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    RawForm(body): RawForm,
) -> Result<Response, Fault> {
    // There is no session yet whose token could be in the form; what keeps other sites from signing
    // somebody in is what the browser says of where the form came from.
    if is_from_elsewhere(&headers) {
        return Err(Fault::foreign_form());
    }
    let form = Form::read(&body);
    let to = way_back(form.get("to"));
    let username = form.get("username").unwrap_or_default().trim();
    let password = Secret::new(form.get("password").unwrap_or_default());
    let address = caller_address(
        &console,
        &headers,
        address.map(|Extension(ConnectInfo(a))| a),
    );
    match console.org.sign_in(username, &password, address).await {
        Ok(issued) => Ok(signed_in(&console, &headers, &issued, &to)),
        Err(error) => refused(error).map(|text| page(username, &to, Some(text))),
    }
}

/// Why somebody is not let in, in words; none of them tells whether there is such a user.
fn refused(error: LoginError) -> Result<&'static str, Fault> {
    match error {
        LoginError::Refused | LoginError::InactiveUser => Ok(
            "Username and password do not fit together, or the user is locked. Try again, or ask an \
             administrator.",
        ),
        LoginError::TooManyAttempts => {
            Ok("There were too many tries. Wait a minute, then try again.")
        }
        LoginError::Busy => Ok("Many are signing in right now. Try again in a moment."),
        LoginError::UnknownGrant => {
            Ok("This link was used already, or is too old. Please sign in.")
        }
        LoginError::Records(error) => Err(error.into()),
        other => {
            tracing::warn!(error = %other, "somebody could not sign in");
            Ok("You cannot sign in here.")
        }
    }
}

/// `/secur/frontdoor.jsp?otp=…`: a link that holds good once; `sid=` takes a session of the API that
/// may open the console.
async fn by_link(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let to = way_back(form.get("startURL").or(form.get("retURL")));
    let found = match (form.filled("otp"), form.filled("sid")) {
        (Some(code), _) => console.org.redeem_login_link(code).await,
        (None, Some(token)) => console.org.sign_in_by_token(token).await,
        (None, None) => return Ok(Redirect::to("/login").into_response()),
    };
    match found {
        Ok(issued) => Ok(signed_in(&console, &headers, &issued, &to)),
        Err(LoginError::Records(error)) => Err(error.into()),
        Err(_) => refused(LoginError::UnknownGrant).map(|text| page("", &to, Some(text))),
    }
}

/// A new session, under a token that was made just now: one that somebody else has put into the
/// browser before is of no use to them.
fn signed_in(console: &Console, headers: &HeaderMap, issued: &Issued, to: &str) -> Response {
    let secure = if is_secure(console, headers) {
        "; Secure"
    } else {
        ""
    };
    let token = issued.access_token.expose();
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax{secure}");
    let mut response = Redirect::to(to).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn sign_out(
    State(console): State<Console>,
    headers: HeaderMap,
    _posted: Posted,
) -> Result<Response, Fault> {
    if let Some(token) = cookie(&headers, COOKIE) {
        match console.org.sign_out(token).await {
            Ok(()) => {}
            Err(LoginError::Records(error)) => return Err(error.into()),
            Err(error) => tracing::debug!(%error, "a session that was over has signed out"),
        }
    }
    let mut response = Redirect::to("/login").into_response();
    let gone = format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    for cookie in [HeaderValue::from_str(&gone).ok(), Some(Notice::TAKEN)]
        .into_iter()
        .flatten()
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Where to go after signing in: a page of this server, and never another's.
fn way_back(to: Option<&str>) -> String {
    let to = to.unwrap_or("/");
    let is_ours = to.starts_with('/')
        && !to.starts_with("//")
        && to.len() <= WAY_BACK_CHARACTERS_MAX
        && !to.contains('\\')
        && to.chars().all(|character| character.is_ascii_graphic())
        && !to.starts_with("/login")
        && !to.starts_with("/secur/");
    if is_ours {
        to.to_owned()
    } else {
        "/".to_owned()
    }
}

/// Who tries to sign in, for counting tries.
fn caller_address(
    console: &Console,
    headers: &HeaderMap,
    peer: Option<SocketAddr>,
) -> Option<IpAddr> {
    let forwarded = headers
        .get("x-forwarded-for")
        .filter(|_| console.settings.forwarded_headers_trusted);
    let forwarded = forwarded.and_then(|value| value.to_str().ok());
    // The last one is what the proxy next to us has seen.
    let last = forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
    last.or(peer.map(|peer| peer.ip()))
}

fn is_secure(console: &Console, headers: &HeaderMap) -> bool {
    let forwarded = headers
        .get("x-forwarded-proto")
        .filter(|_| console.settings.forwarded_headers_trusted);
    console.settings.secure_cookies || forwarded.is_some_and(|scheme| scheme == "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_leads_nowhere_else() {
        assert_eq!(way_back(Some("/r/Case/500?x=1")), "/r/Case/500?x=1");
        for to in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/a\nb",
            "/login?to=/x",
            "",
        ] {
            assert_eq!(way_back(Some(to)), "/", "{to:?}");
        }
    }
}
