//! `/services/oauth2/authorize`: a person lets an application in.
//!
//! The page asks for name and password each time; there is no session of the browser's that
//! another page could ride on. A wrong application or callback address shows an error here, as the
//! browser must not be sent to an address nobody vouches for; every other error goes back to the
//! application.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use headwater_records::LoginError;
use headwater_records::login::{App, CodeGrant, Grant, Scopes, Secret};
use url::Url;

use super::form::Form;
use super::page::{self, LoginPage};
use super::refusal::{Refusal, private};
use super::token::{granted, reply};
use crate::call::Call;
use crate::error::Failure;

/// SHA-256 in base64url has this many characters.
const CHALLENGE_CHARACTERS: usize = 43;
const COOKIE: &str = "headwater-login";

/// What an application asks for, checked.
pub(super) struct Request {
    pub(super) app: App,
    pub(super) redirect: String,
    wants_token: bool,
    pub(super) scopes: Scopes,
    state: Option<String>,
    challenge: Option<String>,
}

/// Why the person is not asked.
enum Unaskable {
    /// Shown here.
    Here(Refusal),
    /// Told the application.
    There(Response),
}

/// `GET`: shows the page.
pub(super) async fn show(call: Call) -> Result<Response, Failure> {
    let form = Form::of_query(&call.uri);
    let request = match read(&call, &form).await {
        Ok(request) => request,
        Err(unaskable) => return Ok(unaskable.response()),
    };
    if form.get("prompt") == Some("none") || form.get("immediate") == Some("true") {
        let refusal = Refusal::new("login_required", "the user has to log in");
        return Ok(request.refused(&refusal));
    }
    let hint = form.get("login_hint").unwrap_or_default();
    ask(&call, &form, &request, hint, None).await
}

/// `POST`: the person's answer.
pub(super) async fn answer(call: Call) -> Result<Response, Failure> {
    let form = Form::of_body(&call.body);
    let request = match read(&call, &form).await {
        Ok(request) => request,
        Err(unaskable) => return Ok(unaskable.response()),
    };
    let username = form.get("username").unwrap_or_default().trim();
    if !came_from_our_page(&call, &form).await? {
        let text = "The page was open for too long. Please log in again.";
        return ask(&call, &form, &request, username, Some(text)).await;
    }
    if form.get("answer") == Some("deny") {
        let refusal = Refusal::new("access_denied", "end-user denied authorization");
        return Ok(request.refused(&refusal));
    }
    let password = form.secret("password").unwrap_or_else(|| Secret::new(""));
    let checked = call
        .state
        .org
        .authenticate_from(call.address, username, &password)
        .await;
    let user = match checked {
        Ok(user) => user,
        Err(error) => {
            let text = words(&error.into());
            return ask(&call, &form, &request, username, Some(text)).await;
        }
    };
    Ok(match let_in(&call, &request, user).await {
        Ok(response) => response,
        Err(refusal) => request.refused(&refusal),
    })
}

/// Checks what the application asks for, in the order that decides where an error is told.
async fn read(call: &Call, form: &Form) -> Result<Request, Unaskable> {
    let client = form.require("client_id").map_err(Unaskable::Here)?;
    let app = call.state.org.app(client).await;
    let app = app.map_err(|error| Unaskable::Here(error.into()))?;
    let redirect = match (form.get("redirect_uri"), app.callbacks.as_slice()) {
        (Some(redirect), _) if app.lets_redirect_to(redirect) => redirect.to_owned(),
        (None, [only]) if app.lets_redirect_to(only) => only.clone(),
        _ => return Err(Unaskable::Here(LoginError::WrongRedirect.into())),
    };
    let mut request = Request {
        wants_token: form.get("response_type") == Some("token"),
        scopes: Scopes::default(),
        state: form.get("state").map(str::to_owned),
        challenge: form.get("code_challenge").map(str::to_owned),
        app,
        redirect,
    };
    match request.check(form) {
        Ok(scopes) => {
            request.scopes = scopes;
            Ok(request)
        }
        Err(refusal) => Err(Unaskable::There(request.refused(&refusal))),
    }
}

impl Request {
    fn check(&self, form: &Form) -> Result<Scopes, Refusal> {
        if !self.app.allows_code {
            return Err(Refusal::unauthorized_client("the web server flow"));
        }
        match form.require("response_type")? {
            "code" => self.check_challenge(form)?,
            "token" => {}
            _ => {
                let text = "response_type must be code or token";
                return Err(Refusal::new("unsupported_response_type", text));
            }
        }
        granted(&self.app, form.get("scope"))
    }

    /// A challenge that does not say how it is made is SHA-256: jsforce and Salesforce's command
    /// line send it so.
    fn check_challenge(&self, form: &Form) -> Result<(), Refusal> {
        let method = form.get("code_challenge_method").unwrap_or("S256");
        match &self.challenge {
            None if self.app.needs_challenge() => Err(Refusal::invalid_request(
                "this app must send a code_challenge (PKCE)",
            )),
            None => Ok(()),
            Some(_) if method != "S256" => Err(Refusal::invalid_request(
                "code_challenge_method must be S256",
            )),
            Some(challenge) => {
                let challenge = challenge.trim_end_matches('=');
                let fits = challenge.len() == CHALLENGE_CHARACTERS
                    && URL_SAFE_NO_PAD.decode(challenge).is_ok();
                let text = "code_challenge must be a SHA-256 in base64url";
                fits.then_some(())
                    .ok_or_else(|| Refusal::invalid_request(text))
            }
        }
    }

    /// Back to the application, with what it is to know. Tokens travel in the fragment, which
    /// browsers do not send on.
    fn redirected(&self, parameters: &[(&str, &str)]) -> Response {
        let state = self.state.as_deref().map(|state| ("state", state));
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parameters.iter().copied().chain(state));
        let mark = match (self.wants_token, self.redirect.contains('?')) {
            (true, _) => '#',
            (false, true) => '&',
            (false, false) => '?',
        };
        let address = format!("{}{mark}{}", self.redirect, query.finish());
        let mut response = private(Response::new(Body::empty()));
        match HeaderValue::from_str(&address) {
            Ok(address) => {
                *response.status_mut() = StatusCode::FOUND;
                response.headers_mut().insert(header::LOCATION, address);
                let policy = HeaderValue::from_static("no-referrer");
                response
                    .headers_mut()
                    .insert(header::REFERRER_POLICY, policy);
                response
            }
            Err(_) => page::error(&LoginError::WrongRedirect.into()),
        }
    }

    fn refused(&self, refusal: &Refusal) -> Response {
        self.redirected(&[
            ("error", refusal.error),
            ("error_description", &refusal.description),
        ])
    }

    /// Where the page's form may lead: browsers apply the page's policy to the redirect too.
    fn form_target(&self) -> String {
        match Url::parse(&self.redirect) {
            Ok(url) if url.origin().is_tuple() => url.origin().ascii_serialization(),
            Ok(url) => format!("{}:", url.scheme()),
            Err(_) => String::new(),
        }
    }
}

impl Unaskable {
    fn response(self) -> Response {
        match self {
            Self::Here(refusal) => page::error(&refusal),
            Self::There(response) => response,
        }
    }
}

async fn let_in(
    call: &Call,
    request: &Request,
    user: headwater_catalogue::Id,
) -> Result<Response, Refusal> {
    let org = &call.state.org;
    if !request.wants_token {
        let grant = CodeGrant {
            user,
            app: request.app.clone(),
            scopes: request.scopes.clone(),
            redirect: request.redirect.clone(),
            challenge: request.challenge.clone(),
        };
        let code = org.issue_code(&grant).await?;
        return Ok(request.redirected(&[("code", code.expose())]));
    }
    let grant = Grant {
        user,
        app: Some(request.app.clone()),
        scopes: request.scopes.clone().without_refresh(),
    };
    let issued = org.issue_token(&grant).await?;
    let reply = reply(call, &issued, None).await?;
    let texts: Vec<(&str, String)> = reply
        .iter()
        .map(|(name, value)| {
            (
                name.as_str(),
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            )
        })
        .collect();
    let parameters: Vec<(&str, &str)> = texts.iter().map(|(n, v)| (*n, v.as_str())).collect();
    Ok(request.redirected(&parameters))
}

/// Shows the page, with what went wrong the last time.
async fn ask(
    call: &Call,
    form: &Form,
    request: &Request,
    username: &str,
    problem: Option<&str>,
) -> Result<Response, Failure> {
    let org = &call.state.org;
    let cookie = match cookie_of(call) {
        Some(cookie) => cookie,
        None => Secret::random(org.randomness(), 32).expose().to_owned(),
    };
    let token = org.form_token(&cookie).await?;
    let page = LoginPage {
        app_name: &request.app.name,
        client_id: &request.app.client_id,
        redirect: &request.redirect,
        response_type: if request.wants_token { "token" } else { "code" },
        scope: form.get("scope").unwrap_or_default(),
        state: request.state.as_deref().unwrap_or_default(),
        challenge: request.challenge.as_deref().unwrap_or_default(),
        token: &token,
        username,
        problem,
        scopes: &request.scopes,
        form_target: &request.form_target(),
    };
    let mut response = page.response();
    let secure = if call.base_url().starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!(
        "{COOKIE}={cookie}; Path=/services/oauth2; Max-Age=3600; HttpOnly; SameSite=Lax{secure}"
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Whether the form was on a page that this browser got from us: its token belongs to the value in
/// the browser's cookie.
async fn came_from_our_page(call: &Call, form: &Form) -> Result<bool, Failure> {
    let (Some(cookie), Some(token)) = (cookie_of(call), form.get("token")) else {
        return Ok(false);
    };
    Ok(call.state.org.is_form_token(&cookie, token).await?)
}

fn cookie_of(call: &Call) -> Option<String> {
    let cookies = call.headers.get_all(header::COOKIE).into_iter();
    let mut pairs = cookies
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let is_fit = |value: &str| {
        let fit = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        value.len() == 32 && value.chars().all(fit)
    };
    pairs
        .find(|(name, value)| *name == COOKIE && is_fit(value))
        .map(|(_, value)| value.to_owned())
}

/// What went wrong, for people.
fn words(refusal: &Refusal) -> &'static str {
    match refusal.error {
        "invalid_grant" => {
            "Please check your user name and password. If you still can't log in, contact your \
             administrator."
        }
        "inactive_user" => "Your user is not active. Contact your administrator.",
        "rate_limit_exceeded" => "There were too many failed logins. Try again in a minute.",
        _ => "Logging in does not work at the moment. Please try again.",
    }
}
