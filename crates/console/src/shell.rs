//! The frame around every page: head, navigation, notices, dialog.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use headwater_catalogue::{Id, Name, SystemPermission};
use maud::{DOCTYPE, Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::form::TOKEN_FIELD;
use crate::toast::Notice;
use crate::visitor::Visitor;
use crate::{assets, icons, presence, views};

/// Most records that a page watches.
const WATCHED_MAX: usize = 200;

/// Objects that the navigation lists, in its order.
const OBJECTS: [&str; 7] = [
    "MessagingEndUser",
    "Account",
    "Contact",
    "Case",
    "Lead",
    "Opportunity",
    "Campaign",
];

/// A page on its way to the browser.
pub(crate) struct Page {
    visitor: Visitor,
    title: String,
    main: Markup,
    class: &'static str,
    records: Vec<Id>,
    objects: Vec<Name>,
    after: Option<i64>,
    nav: String,
    include: Option<&'static str>,
}

impl Page {
    /// A page with this in its middle.
    pub(crate) fn new(visitor: Visitor, title: impl Into<String>, main: Markup) -> Self {
        Self {
            nav: visitor.here.clone(),
            visitor,
            title: title.into(),
            main,
            class: "",
            records: Vec::new(),
            objects: Vec::new(),
            after: None,
            include: None,
        }
    }

    /// It sends these inputs along when it asks for itself again.
    pub(crate) fn including(mut self, inputs: &'static str) -> Self {
        self.include = Some(inputs);
        self
    }

    /// How its middle is laid out.
    pub(crate) fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }

    /// Which place of the navigation it belongs to.
    pub(crate) fn under(mut self, nav: impl Into<String>) -> Self {
        self.nav = nav.into();
        self
    }

    /// It shows these records: when one of them changes after this moment, it is to be asked for
    /// again.
    pub(crate) fn watching(mut self, after: i64, records: impl IntoIterator<Item = Id>) -> Self {
        self.after = Some(after);
        for id in records {
            if !self.records.contains(&id) && self.records.len() < WATCHED_MAX {
                self.records.push(id);
            }
        }
        self
    }

    /// It lists records of this object, whichever there are.
    pub(crate) fn watching_all(mut self, after: i64, object: Name) -> Self {
        self.after = Some(after);
        self.objects.push(object);
        self
    }

    /// The answer.
    pub(crate) async fn show(self, console: &Console) -> Result<Response, Fault> {
        let notice = match self.visitor.notice {
            Some(notice) => Some(notice.show(console, &self.visitor).await),
            None => None,
        };
        let has_notice = notice.is_some();
        let mut response = self.frame(notice).into_response();
        if has_notice {
            response
                .headers_mut()
                .append(header::SET_COOKIE, Notice::TAKEN);
        }
        Ok(response)
    }

    fn frame(&self, notice: Option<Markup>) -> Markup {
        let visitor = &self.visitor;
        let records: Vec<_> = self.records.iter().map(Id::as_str).collect();
        let is_live = !records.is_empty() || !self.objects.is_empty();
        html! {
            (DOCTYPE)
            html lang="en" data-theme=(visitor.preferences.theme)
                data-density=(visitor.preferences.density) data-keys=(visitor.preferences.keys) {
                (head(&self.title))
                body hx-ext="morph" data-user=(visitor.caller.user) {
                    a .skip href="#main" { "Skip to the content" }
                    (top(visitor))
                    (side(visitor, &self.nav))
                    main #main .page.(self.class) tabindex="-1"
                        data-live=[is_live.then(|| records.join(" "))]
                        data-live-objects=[is_live.then(|| self.objects.join(" "))]
                        data-live-after=[self.after]
                        hx-get=(visitor.here) hx-trigger="headwater:changed" hx-include=[self.include]
                        hx-disinherit=[self.include.map(|_| "hx-include")]
                        hx-select="#main" hx-target="#main" hx-swap="morph:outerHTML" {
                        (self.main)
                    }
                    div #toasts role="region" aria-label="Notices"
                        hx-swap-oob=[visitor.is_partial.then_some("beforeend")] {
                        @if let Some(notice) = notice { (notice) }
                    }
                    dialog #dialog aria-labelledby="dialog-title" { div #dialog-content {} }
                    (keys_help())
                }
            }
        }
    }
}

/// A page for somebody who is not signed in, or that went wrong.
pub(crate) fn bare(title: &str, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme="auto" {
            (head(title))
            body .bare {
                header { a .brand href="/" { (mark()) span { "Headwater" } } }
                main #main tabindex="-1" { (main) }
                div #toasts role="region" aria-label="Notices" {}
            }
        }
    }
}

/// A page that is made for paper: nothing but what it shows, and light in every theme.
pub(crate) fn printed(title: &str, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme="light" {
            (head(title))
            body .bare { main #main .printed tabindex="-1" { (main) } }
        }
    }
}

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) " · Headwater" }
            link rel="stylesheet" href=(assets::style_url());
            link rel="icon" type="image/svg+xml" href=(assets::icon_url());
            @if let Some(script) = assets::script_url() {
                script src=(script) defer {}
            }
        }
    }
}

/// The mark: three streams that become one.
fn mark() -> Markup {
    html! {
        svg .mark viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false" {
            rect width="32" height="32" rx="8" {}
            path d="M8 7c0 8 8 7 8 18M16 7v18M24 7c0 8-8 7-8 18" {}
        }
    }
}

fn top(visitor: &Visitor) -> Markup {
    let name = &visitor.caller.name;
    html! {
        header .top {
            a .brand href="/" { (mark()) span { "Headwater" } }
            button .search-all type="button" data-opens-palette data-key="ctrl k" {
                (icons::SEARCH)
                span { "Search or jump to…" }
                kbd { "Ctrl K" }
            }
            form .search-plain role="search" action="/search" {
                label .unseen for="search-all" { "Search all records" }
                input #search-all type="search" name="q" placeholder="Search…";
                button .quiet { "Search" }
            }
            p #connection .connection role="status" {}
            (presence::place(visitor))
            details .menu.me {
                summary {
                    span .face aria-hidden="true" { (initials(name)) }
                    span .unseen { "Menu of " (name) }
                }
                div .sheet {
                    p { strong { (name) } br; span .soft { (visitor.caller.username) } }
                    a href={ "/" (visitor.caller.user) } { "My record" }
                    a href="/preferences" { "Preferences" }
                    button .quiet type="button" data-opens-help { "Keyboard shortcuts" }
                    form method="post" action="/logout" {
                        (visitor.token_field())
                        button .quiet { "Sign out" }
                    }
                }
            }
        }
    }
}

/// The first letters of a name's first two words.
pub(crate) fn initials(name: &str) -> String {
    let letters = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    letters.take(2).flat_map(char::to_uppercase).collect()
}

fn side(visitor: &Visitor, here: &str) -> Markup {
    let catalogue = &visitor.caller.rights.catalogue;
    let sees = |name: &str| {
        catalogue
            .object(name)
            .filter(|object| visitor.caller.rights.on(object).read)
    };
    let has_setup = visitor.caller.rights.has(SystemPermission::ViewSetup);
    html! {
        nav .side aria-label="Main" {
                @if sees("MessagingSession").is_some() {
                    h2 { "Sessions" }
                    ul {
                        @for view in views::of("MessagingSession") {
                            (entry(here, &views::url(view), &icons::of_object("MessagingSession"), view.label))
                        }
                    }
                }
                h2 { "Records" }
                ul {
                    @for object in OBJECTS.iter().filter_map(|name| sees(name)) {
                        @let url = format!("/o/{}", object.name);
                        (entry(here, &url, &icons::of_object(&object.name), &object.plural))
                    }
                    (entry(here, "/objects", &icons::of_object(""), "All objects"))
                }
                h2 { "Insight" }
                ul {
                    (entry(here, "/dashboard", &html! { (icons::CHART) }, "Dashboard"))
                    @if sees("Relink").is_some() {
                        (entry(here, "/o/Relink", &html! { (icons::STREAM) }, "Relinks"))
                    }
                    @if headwater_messaging::is_supervisor(&visitor.caller) {
                        (entry(here, "/supervisor", &html! { (icons::PERSON) }, "Supervisor"))
                    }
                    (entry(here, "/recycle-bin", &html! { (icons::BIN) }, "Recycle bin"))
                    @if has_setup {
                        (entry(here, "/setup", &html! { (icons::GEAR) }, "Setup"))
                    }
                }
        }
    }
}

fn entry(here: &str, url: &str, icon: &Markup, label: &str) -> Markup {
    let path = here.split('&').next().unwrap_or(here);
    let is_here = path == url || (url == "/setup" && path.starts_with("/setup"));
    html! {
        li { a href=(url) aria-current=[is_here.then_some("page")] { (icon) span { (label) } } }
    }
}

fn keys_help() -> Markup {
    let keys = [
        ("Ctrl K or ⌘ K", "Search, or jump to a page"),
        ("/", "Search in this list"),
        ("J, K", "Next and previous row"),
        ("Enter", "Open the row"),
        ("E", "Edit this record"),
        ("A, I, X", "Accept a session, set it to inactive, end it"),
        ("T, W", "Transfer a session; end it and go to the next"),
        ("Enter", "Send what is written; Shift Enter begins a line"),
        ("L", "Change account or contact"),
        ("Enter or F2", "Edit the field that is focused"),
        ("Esc", "Leave a field or a dialog as it was"),
        (
            "G, then S, U, A, C, D",
            "Go to sessions, Messaging Users, accounts, cases, dashboard",
        ),
        ("?", "This list"),
    ];
    html! {
        template #help {
            h2 #dialog-title { "Keyboard shortcuts" }
            dl .keys { @for (key, does) in keys { dt { kbd { (key) } } dd { (does) } } }
            p .soft { "Single keys can be switched off in " a href="/preferences" { "your preferences" } "." }
            div .ways { button .quiet type="button" data-closes-dialog { "Close" } }
        }
        div .unseen {
            @for (keys, url) in [
                ("g s", "/o/MessagingSession"), ("g u", "/o/MessagingEndUser"),
                ("g a", "/o/Account"), ("g c", "/o/Case"), ("g d", "/dashboard"),
            ] {
                a href=(url) data-key=(keys) tabindex="-1" aria-hidden="true" { (url) }
            }
        }
    }
}

impl Visitor {
    /// The hidden field that shows a form to be ours.
    pub(crate) fn token_field(&self) -> Markup {
        html! { input type="hidden" name=(TOKEN_FIELD) value=(self.form_token); }
    }

    /// The page that the visitor is on, to come back to.
    pub(crate) fn page(&self) -> &str {
        self.page.as_deref().unwrap_or(&self.here)
    }
}
