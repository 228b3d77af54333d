//! Where an agent writes: to the customer, or a note that only people here see.

use headwater_messaging::{CHOICE_CHARACTERS_MAX, CHOICES_MAX, MESSAGE_CHARACTERS_MAX, Status};
use maud::{Markup, html};

use super::desk::{may_work, status};
use super::{Record, template};
use crate::console::Console;
use crate::fault::Fault;
use crate::icons;
use crate::visitor::Visitor;

/// Most quick texts that are offered.
const QUICK_TEXTS_MAX: u64 = 100;

/// Most characters of a quick text that its offer shows.
const SHOWN_MAX: usize = 90;

pub(super) async fn show(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
) -> Result<Markup, Fault> {
    if !may_work(visitor, record) {
        return Ok(html! {});
    }
    if status(record).is_none_or(Status::is_over) {
        return Ok(html! {
            p .soft.over { "This session is over. The customer's next message begins another." }
        });
    }
    let to = format!("/desk/{}/send", record.id);
    let quick = quick_texts(console, visitor).await?;
    let takes_files = takes_files(console, record).await?;
    Ok(html! {
        p #typing .typing role="status" data-session=(record.id) data-customer=(record.name()) {}
        form #composer .composer data-typing={ "/desk/" (record.id) "/typing" } method="post" action=(to) hx-post=(to)
            enctype="multipart/form-data" hx-encoding="multipart/form-data"
            hx-target="#main" hx-select="#main" hx-swap="morph:outerHTML" hx-sync="this:drop" {
            (visitor.token_field())
            input type="hidden" name="message" value=(console.messaging.new_message());
            label .unseen for="composer-text" { "Write to " (record.name()) }
            textarea #composer-text name="text" rows="2" maxlength=(MESSAGE_CHARACTERS_MAX) required
                placeholder={ "Write to " (record.name()) "…" } {}
            div .ways {
                button .primary { "Send" }
                button .quiet name="as" value="note" title="Only people here see it" { "Add as note" }
                (quick)
                (answers())
                @if takes_files { (attach()) }
            }
            @if takes_files {
                ul #composer-chosen .chosen aria-live="polite" aria-label="Files to be sent" {}
            }
        }
        (template::ask(console, visitor, record))
    })
}

/// Whether customers of the session's channel get files.
async fn takes_files(console: &Console, record: &Record) -> Result<bool, Fault> {
    let messaging = &console.messaging;
    let between = messaging.correspondents(record.id.as_str()).await?;
    let Some(between) = between else {
        return Ok(false);
    };
    let taken = messaging.files_taken(between.channel, &between.kind);
    Ok(taken.await?.is_some())
}

/// Answers that the customer is offered: buttons where their carrier has some, else lines.
fn answers() -> Markup {
    let most = CHOICES_MAX * (CHOICE_CHARACTERS_MAX + 3);
    html! {
        details .answers {
            summary .button.quiet title="Offer the customer answers to choose from" { "Answers" }
            div {
                label for="composer-answers" { "Answers to choose from, with | between" }
                input #composer-answers name="answers" maxlength=(most) placeholder="Yes | No" autocomplete="off";
                p .hint { "At most " (CHOICES_MAX) ", each of at most " (CHOICE_CHARACTERS_MAX) " characters." }
            }
        }
    }
}

/// Answers that were written before, to be put in at a click or with `/`.
async fn quick_texts(console: &Console, visitor: &Visitor) -> Result<Markup, Fault> {
    let readable = visitor.caller.rights.catalogue.object("QuickText");
    if !readable.is_some_and(|object| visitor.caller.rights.on(object).read) {
        return Ok(html! {});
    }
    let soql = "SELECT Id, Name, Message, Category FROM QuickText WHERE IsInsertable = true AND \
                (Channel INCLUDES ('Messaging') OR Channel = null) ORDER BY Category, Name";
    let table = console
        .org
        .browse(&visitor.caller, soql, None, QUICK_TEXTS_MAX)
        .await?;
    if table.is_empty() {
        return Ok(html! {});
    }
    Ok(html! {
        details .quick-texts {
            summary .button.quiet title="Also with / where nothing is written yet" { "Quick text" }
            div role="group" aria-label="Quick texts" {
                @for row in table.rows() {
                    button type="button" data-inserts=(row.text("Message")) {
                        span .name { (row.text("Name")) }
                        span .soft.small { (beginning(row.text("Message"))) }
                    }
                }
            }
        }
    })
}

fn beginning(text: &str) -> String {
    let mut beginning: String = text.chars().take(SHOWN_MAX).collect();
    if text.chars().count() > SHOWN_MAX {
        beginning.push('…');
    }
    beginning
}

/// Where files are chosen. With script they are also pasted, dropped and taken back.
fn attach() -> Markup {
    html! {
        label .attach.button.quiet for="composer-files" title="Attach files" {
            (icons::CLIP) span .unseen { "Attach files" }
        }
        input #composer-files type="file" name="file" multiple;
    }
}
