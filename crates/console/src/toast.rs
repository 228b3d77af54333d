//! A notice of what has just been done, shown once on the page that comes next.
//!
//! What is to be said crosses over in a cookie of a few known words and a record's id, never as text
//! that somebody else could have written.

use axum::http::{HeaderMap, HeaderValue};
use headwater_catalogue::Id;
use maud::{Markup, html};

use crate::console::Console;
use crate::icons;
use crate::relink::effect::in_one_line;
use crate::text::counted;
use crate::visitor::{Visitor, cookie};

const COOKIE: &str = "headwater-notice";

/// How long a notice without a way to take it back stays.
const SHORT_SECONDS: u32 = 6;
/// How long one with such a way stays. It is on the record's history all the same.
const LONG_SECONDS: u32 = 20;

/// What has been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A record, or something else, was changed.
    Saved,
    /// A record was made.
    Made,
    /// A record was deleted.
    Deleted,
    /// A record was deleted that can be brought back.
    Recycled(Id),
    /// A record was brought back.
    Restored,
    /// A record was deleted for good.
    Erased,
    /// A session was handed on.
    Transferred,
    /// Messaging Users were relinked.
    Relinked(Id),
    /// A form had nothing in it that was not so already.
    Unchanged,
    /// A carrier knows the account that a channel has with it.
    Checked,
    /// A carrier has taken a test.
    TestSent,
    /// The visitor has signed out.
    SignedOut,
}

impl Notice {
    const PLAIN: [(Self, &'static str, &'static str); 10] = [
        (Self::Saved, "saved", "Saved."),
        (Self::Made, "made", "Made."),
        (Self::Deleted, "deleted", "Deleted."),
        (Self::Restored, "restored", "Brought back."),
        (Self::Transferred, "transferred", "Transferred."),
        (Self::Erased, "erased", "Deleted for good."),
        (
            Self::Unchanged,
            "unchanged",
            "Nothing to save: all of it was so already.",
        ),
        (Self::Checked, "checked", "The carrier knows this account."),
        (
            Self::TestSent,
            "test-sent",
            "The carrier has taken the test.",
        ),
        (Self::SignedOut, "signed-out", "You are signed out."),
    ];

    /// The cookie that carries it over.
    pub(crate) fn cookie(self) -> HeaderValue {
        let text = match self {
            Self::Relinked(id) => format!("relinked.{id}"),
            Self::Recycled(id) => format!("recycled.{id}"),
            plain => plain.plain().map_or("", |(word, _)| word).to_owned(),
        };
        let cookie = format!("{COOKIE}={text}; Path=/; Max-Age=60; SameSite=Lax; HttpOnly");
        HeaderValue::from_str(&cookie).unwrap_or(Self::TAKEN)
    }

    /// The cookie that takes a notice away which has been shown.
    pub(crate) const TAKEN: HeaderValue =
        HeaderValue::from_static("headwater-notice=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly");

    /// The notice that a request carries.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = cookie(headers, COOKIE)?;
        if let Some(id) = text.strip_prefix("relinked.") {
            return id.parse().ok().map(Self::Relinked);
        }
        if let Some(id) = text.strip_prefix("recycled.") {
            return id.parse().ok().map(Self::Recycled);
        }
        let mut plain = Self::PLAIN.iter();
        plain
            .find(|(_, word, _)| *word == text)
            .map(|(notice, _, _)| *notice)
    }

    fn plain(self) -> Option<(&'static str, &'static str)> {
        let mut plain = Self::PLAIN.iter();
        plain
            .find(|(notice, _, _)| *notice == self)
            .map(|(_, word, text)| (*word, *text))
    }

    /// What is shown of it to somebody.
    pub(crate) async fn show(self, console: &Console, visitor: &Visitor) -> Markup {
        match self {
            Self::Relinked(id) => relinked(console, visitor, id).await,
            Self::Recycled(id) => recycled(visitor, id),
            plain => toast(plain.plain().map_or("", |(_, text)| text)),
        }
    }
}

/// A short notice that goes by itself.
pub(crate) fn toast(text: &str) -> Markup {
    html! {
        div .toast role="status" data-toast data-toast-seconds=(SHORT_SECONDS) {
            p { (text) }
            (close())
        }
    }
}

fn close() -> Markup {
    html! {
        button .quiet.icon type="button" data-toast-close aria-label="Close this notice" { (icons::CLOSE) }
    }
}

/// A record that was deleted, with the way to bring it back.
fn recycled(visitor: &Visitor, id: Id) -> Markup {
    html! {
        div .toast role="status" data-toast data-toast-seconds=(LONG_SECONDS) {
            p { "Deleted. It lies in the " a href="/recycle-bin" { "recycle bin" } "." }
            form method="post" action={ "/recycle-bin/" (id) "/restore" } {
                (visitor.token_field())
                button .quiet { "Undo" }
            }
            (close())
        }
    }
}

/// What a relink did, with the way to take it back.
async fn relinked(console: &Console, visitor: &Visitor, id: Id) -> Markup {
    let Ok(report) = console.org.past_relink(&visitor.caller, id.as_str()).await else {
        return toast("Relinked.");
    };
    let is_undo = report.undo_of.is_some();
    let sessions = report.sessions();
    html! {
        div .toast role="status" data-toast data-toast-seconds=(LONG_SECONDS) {
            p {
                strong { @if is_undo { "Undone. " } @else { "Relinked. " } }
                (in_one_line(&report))
                " "
                (counted(sessions, "session follows", "sessions follow")) "."
            }
            @if !is_undo && report.undone_by.is_none() {
                form method="post" action={ "/relinks/" (id) "/undo" }
                    hx-post={ "/relinks/" (id) "/undo" }
                    hx-select="#main" hx-target="#main" hx-swap="morph:outerHTML" {
                    (visitor.token_field())
                    input type="hidden" name="from" value=(visitor.page());
                    button .quiet { "Undo" }
                }
            }
            (close())
        }
    }
}
