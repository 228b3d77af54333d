//! How somebody wants the console to look: kept in their browser, so that it holds before they sign
//! in as well.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::form::Posted;
use crate::shell::Page;
use crate::toast::Notice;
use crate::visitor::{Visitor, cookie};

const COOKIE: &str = "headwater-look";

/// A year: longer is cut short by browsers anyway.
const KEPT_SECONDS: u32 = 365 * 24 * 3600;

/// How the console looks and listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Preferences {
    /// One of [`THEMES`].
    pub(crate) theme: &'static str,
    /// One of [`DENSITIES`].
    pub(crate) density: &'static str,
    /// One of [`KEYS`].
    pub(crate) keys: &'static str,
}

const THEMES: &[(&str, &str)] = &[
    ("auto", "As the system has it"),
    ("light", "Light"),
    ("dark", "Dark"),
];
const DENSITIES: &[(&str, &str)] = &[("comfortable", "Comfortable"), ("compact", "Compact")];
const KEYS: &[(&str, &str)] = &[
    ("on", "On: one key does one thing, such as E to edit"),
    ("off", "Off: only keys held with Ctrl or ⌘"),
];

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: "auto",
            density: "comfortable",
            keys: "on",
        }
    }
}

impl Preferences {
    /// Those that the browser keeps; the default for what it does not say.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let usual = Self::default();
        let mut parts = cookie(headers, COOKIE).unwrap_or_default().split('.');
        let mut next = |choices: &'static [(&'static str, &'static str)], usual| {
            let given = parts.next().unwrap_or_default();
            chosen(choices, given).unwrap_or(usual)
        };
        Self {
            theme: next(THEMES, usual.theme),
            density: next(DENSITIES, usual.density),
            keys: next(KEYS, usual.keys),
        }
    }

    fn cookie(self) -> String {
        let Self {
            theme,
            density,
            keys,
        } = self;
        format!("{COOKIE}={theme}.{density}.{keys}; Path=/; Max-Age={KEPT_SECONDS}; SameSite=Lax")
    }
}

fn chosen(choices: &'static [(&'static str, &'static str)], given: &str) -> Option<&'static str> {
    let mut choices = choices.iter();
    choices
        .find(|(value, _)| *value == given)
        .map(|(value, _)| *value)
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/preferences", get(show).post(keep))
}

async fn show(State(console): State<Console>, visitor: Visitor) -> Result<Response, Fault> {
    let kept = visitor.preferences;
    let main = html! {
        header .page-head { h1 { "Preferences" } }
        form .sheet.form method="post" action="/preferences" {
            (visitor.token_field())
            (choice("theme", "Theme", THEMES, kept.theme))
            (choice("density", "Density", DENSITIES, kept.density))
            (choice("keys", "Keyboard shortcuts", KEYS, kept.keys))
            div .ways { button .primary { "Save" } }
        }
    };
    Page::new(visitor, "Preferences", main).show(&console).await
}

fn choice(name: &str, label: &str, choices: &[(&str, &str)], kept: &str) -> Markup {
    html! {
        fieldset .choices {
            legend { (label) }
            @for (value, words) in choices {
                label { input type="radio" name=(name) value=(value) checked[*value == kept]; (words) }
            }
        }
    }
}

async fn keep(Posted { form, visitor }: Posted) -> Response {
    let kept = visitor.preferences;
    let preferences = Preferences {
        theme: chosen(THEMES, form.get("theme").unwrap_or_default()).unwrap_or(kept.theme),
        density: chosen(DENSITIES, form.get("density").unwrap_or_default()).unwrap_or(kept.density),
        keys: chosen(KEYS, form.get("keys").unwrap_or_default()).unwrap_or(kept.keys),
    };
    let mut response = Redirect::to("/preferences").into_response();
    let headers = response.headers_mut();
    if let Ok(cookie) = HeaderValue::from_str(&preferences.cookie()) {
        headers.append(header::SET_COOKIE, cookie);
    }
    headers.append(header::SET_COOKIE, Notice::Saved.cookie());
    response
}
