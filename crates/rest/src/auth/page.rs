//! The page to log in on. It is whole without script, and has none.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use headwater_records::login::Scopes;
use quick_xml::escape::escape;
use sha2::{Digest as _, Sha256};

use super::refusal::{Refusal, private};

/// The page's own style, allowed by its hash. Light and dark.
const STYLE: &str = "
:root{color-scheme:light dark;--ground:#f3f5f7;--sheet:#fff;--text:#16212b;--quiet:#56636f;\
--line:#c8d0d8;--accent:#0b5cab;--on-accent:#fff;--bad:#a3151f;--bad-ground:#fdecec}
@media (prefers-color-scheme:dark){:root{--ground:#12181e;--sheet:#1b232b;--text:#e6ebf0;\
--quiet:#9aa7b4;--line:#3a4651;--accent:#5aa9f0;--on-accent:#08131d;--bad:#ffb3b3;\
--bad-ground:#3a1d20}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;\
background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:24rem;background:var(--sheet);border:1px solid var(--line);\
border-radius:.75rem;padding:2rem}
h1{font-size:1.25rem;line-height:1.3;margin:0 0 .25rem}
p{margin:0 0 1rem;color:var(--quiet)}
ul{margin:0 0 1.25rem;padding-left:1.25rem;color:var(--quiet)}
label{display:block;font-weight:600;margin:0 0 .25rem}
input{width:100%;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);\
border-radius:.5rem;padding:.6rem .75rem;margin:0 0 1rem}
button{width:100%;font:inherit;font-weight:600;border:1px solid var(--line);border-radius:.5rem;\
padding:.65rem;margin:.25rem 0 0;cursor:pointer;background:transparent;color:inherit}
button.main{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
input:focus-visible,button:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.problem{color:var(--bad);background:var(--bad-ground);border-radius:.5rem;padding:.75rem}
.target{font-size:.875rem;margin:1.25rem 0 0;overflow-wrap:anywhere}
";

/// What the page shows and sends on.
pub(super) struct LoginPage<'a> {
    pub(super) app_name: &'a str,
    pub(super) client_id: &'a str,
    pub(super) redirect: &'a str,
    pub(super) response_type: &'a str,
    pub(super) scope: &'a str,
    pub(super) state: &'a str,
    pub(super) challenge: &'a str,
    /// Shows that the form came from this page.
    pub(super) token: &'a str,
    pub(super) username: &'a str,
    /// What went wrong the last time.
    pub(super) problem: Option<&'a str>,
    pub(super) scopes: &'a Scopes,
    /// Where the form's answer may send the browser.
    pub(super) form_target: &'a str,
}

impl LoginPage<'_> {
    /// The page as an answer. 403 when something went wrong, so that it shows in logs too.
    pub(super) fn response(&self) -> Response {
        let status = match self.problem {
            Some(_) => StatusCode::FORBIDDEN,
            None => StatusCode::OK,
        };
        page(status, "Log in", &self.body(), self.form_target)
    }

    fn body(&self) -> String {
        let app = escape(self.app_name);
        let mut body = format!(
            "<h1>Log in to continue to {app}</h1>\n<p>{app} asks to use Headwater as you. It will \
             be able to:</p>\n<ul>\n"
        );
        for text in self.scopes.iter().filter_map(meaning) {
            put(&mut body, format_args!("<li>{text}</li>\n"));
        }
        body.push_str("</ul>\n");
        if let Some(problem) = self.problem {
            let problem = escape(problem);
            put(
                &mut body,
                format_args!("<p class=\"problem\" role=\"alert\">{problem}</p>\n"),
            );
        }
        body.push_str("<form method=\"post\" action=\"/services/oauth2/authorize\">\n");
        for (name, value) in [
            ("client_id", self.client_id),
            ("redirect_uri", self.redirect),
            ("response_type", self.response_type),
            ("scope", self.scope),
            ("state", self.state),
            ("code_challenge", self.challenge),
            ("token", self.token),
        ] {
            let value = escape(value);
            put(
                &mut body,
                format_args!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n"),
            );
        }
        let (name_focus, password_focus) = match self.username {
            "" => (" autofocus", ""),
            _ => ("", " autofocus"),
        };
        put(
            &mut body,
            format_args!(
                "<label for=\"username\">User name</label>\n\
                 <input id=\"username\" name=\"username\" value=\"{}\" autocomplete=\"username\" \
                 autocapitalize=\"none\" spellcheck=\"false\" required{name_focus}>\n\
                 <label for=\"password\">Password</label>\n\
                 <input id=\"password\" name=\"password\" type=\"password\" \
                 autocomplete=\"current-password\" required{password_focus}>\n\
                 <button class=\"main\" name=\"answer\" value=\"allow\">Log in and allow</button>\n\
                 <button name=\"answer\" value=\"deny\" formnovalidate>Deny</button>\n</form>\n\
                 <p class=\"target\">You will be sent back to {}</p>\n",
                escape(self.username),
                escape(self.redirect),
            ),
        );
        body
    }
}

/// What went wrong before there is anywhere to send the browser.
pub(super) fn error(refusal: &Refusal) -> Response {
    let body = format!(
        "<h1>You cannot log in here</h1>\n<p class=\"problem\" role=\"alert\">{}</p>\n\
         <p>The application that sent you here asked in a way that is not allowed. Its makers \
         can tell what <code>error={}</code> means.</p>\n",
        escape(refusal.description.as_str()),
        escape(refusal.error),
    );
    page(refusal.status, "Cannot log in", &body, "")
}

fn page(status: StatusCode, title: &str, body: &str, form_target: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <title>{title} · Headwater</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         {body}</main>\n</body>\n</html>\n"
    );
    let mut response = private(Response::new(Body::from(html)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: HeaderValue| headers.insert(name, value);
    put(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html;charset=UTF-8"),
    );
    put(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    put(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    put(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    if let Ok(policy) = HeaderValue::from_str(&policy(form_target)) {
        put(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Nothing but the page itself and its form.
fn policy(form_target: &str) -> String {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self' {form_target}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    policy.replace(" ;", ";")
}

/// What a scope lets an application do, for people.
fn meaning(scope: &str) -> Option<&'static str> {
    Some(match scope {
        "full" => "do everything you can do",
        "api" => "see and change the data you can, through the API",
        "web" | "lightning" | "content" | "visualforce" => "open Headwater in a browser as you",
        "id" | "openid" => "see who you are",
        "profile" => "see your profile",
        "email" => "see your mail address",
        "address" => "see your address",
        "phone" => "see your phone number",
        "refresh_token" | "offline_access" => "do so at any time, until you revoke it",
        _ => return None,
    })
}

fn put(text: &mut String, more: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> LoginPage<'static> {
        LoginPage {
            app_name: "<b>App</b>",
            client_id: "a\"b",
            redirect: "https://app.example/cb",
            response_type: "code",
            scope: "api",
            state: "\"><script>alert(1)</script>",
            challenge: "",
            token: "t",
            username: "agent@headwater.example",
            problem: Some("<i>no</i>"),
            scopes: Box::leak(Box::new(Scopes::parse("api id"))),
            form_target: "https://app.example",
        }
    }

    #[test]
    fn nothing_a_client_sends_becomes_markup() {
        let body = page().body();
        for markup in ["<b>", "<script", "<i>", "a\"b"] {
            assert!(!body.contains(markup), "{markup} in {body}");
        }
    }

    #[test]
    fn the_policy_lets_in_no_script_and_lets_the_form_reach_the_app() {
        let response = page().response();
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(policy.contains("; form-action 'self' https://app.example; "));
        assert!(!policy.contains("unsafe") && !policy.contains("script"));
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
    }
}
