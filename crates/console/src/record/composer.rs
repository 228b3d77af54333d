//! Where an agent writes: to the customer, or a note that only people here see.

use headwater_catalogue::Value;
use headwater_messaging::{CHOICE_CHARACTERS_MAX, CHOICES_MAX, MESSAGE_CHARACTERS_MAX, Status};
use maud::{Markup, html};

use super::asked::{Asked, Unsent};
use super::desk::{may_work, status};
use super::{Clock, Record, template, transcript};
use crate::console::Console;
use crate::fault::Fault;
use crate::visitor::Visitor;
use crate::{assets, icons};

/// Most quick texts that are offered.
const QUICK_TEXTS_MAX: u64 = 100;

/// Most characters of a quick text that its offer shows.
const SHOWN_MAX: usize = 90;

pub(super) async fn show(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
    asked: &Asked,
    clock: Option<&Clock>,
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
    let (takes_files, most) = takes(console, record).await?;
    Ok(html! {
        form #composer .composer data-typing={ "/desk/" (record.id) "/typing" } method="post" action=(to) hx-post=(to)
            enctype="multipart/form-data" hx-encoding="multipart/form-data"
            hx-target="#main" hx-select="#main" hx-swap="morph:outerHTML" hx-sync="this:drop"
            hx-include="#reading" {
            (visitor.token_field())
            @if let Some(known) = answers_known(visitor, record) {
                input type="hidden" name="answers-known" value=(known);
            }
            @if let Some(unsent) = &asked.unsent { (answered(visitor, unsent)) }
            input type="hidden" name="message" value=(console.messaging.new_message());
            label .unseen for="composer-text" { "Write to " (record.name()) }
            @if let Some(clock) = clock { (clock.at_composer()) }
            ul #emoji-offers .emoji-offers role="listbox" aria-label="Emoji" data-own="emoji-offers" hidden {}
            textarea #composer-text name="text" rows="2" maxlength=(most) required
                placeholder={ "Write to " (record.name()) "…" } {
                (asked.unsent.as_ref().map_or("", |unsent| &unsent.text))
            }
            div .ways {
                // Another button by its id: script leaves what has the focus as it is.
                @if asked.unsent.is_some() { button #composer-send-as-well .primary { "Send as well" } }
                @else { button #composer-send .primary { "Send" } }
                button .quiet name="as" value="note" title="Only people here see it" { "Add as note" }
                (quick)
                (answers())
                @if assets::emoji_url().is_some() { (emoji()) }
                @if takes_files { (attach()) }
            }
            @if takes_files {
                ul #composer-chosen .chosen aria-live="polite" aria-label="Files to be sent" {}
            }
        }
        @if let Some(url) = assets::emoji_url() {
            // Beside the form: what is looked for in it is no part of the message.
            div #emoji-picker .emoji-picker popover role="dialog" aria-label="Emoji" data-own="emoji-picker"
                data-emoji=(url) {}
        }
        (template::ask(console, visitor, record))
    })
}

/// Whether customers of the session's channel get files, and most characters of a message to them.
async fn takes(console: &Console, record: &Record) -> Result<(bool, usize), Fault> {
    let messaging = &console.messaging;
    let between = messaging.correspondents(record.id.as_str()).await?;
    let Some(between) = between else {
        return Ok((false, MESSAGE_CHARACTERS_MAX));
    };
    let taken = messaging.files_taken(between.channel, &between.kind);
    let takes_files = taken.await?.is_some();
    let most = messaging.text_characters_max(between.channel, &between.kind);
    Ok((takes_files, most.await?))
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

/// How many entries of agents the page knows of, so that an answer is not sent beside one of somebody else's.
fn answers_known(visitor: &Visitor, record: &Record) -> Option<i64> {
    match record.cells().get("AgentMessageCount") {
        Value::Integer(count) if transcript::may_read(visitor) => Some(*count),
        _ => None,
    }
}

/// That somebody else has answered.
fn answered(
    visitor: &Visitor,
    Unsent {
        answer, had_files, ..
    }: &Unsent,
) -> Markup {
    html! {
        div .summary.problem role="alert" {
            p {
                strong { (answer.by) } " has answered meanwhile"
                @if let Some(at) = answer.at {
                    ", at " (at.to_zoned(visitor.caller.zone.clone()).strftime("%H:%M"))
                }
                "."
            }
            @if !answer.text.is_empty() { blockquote { (beginning(&answer.text)) } }
            p {
                "Yours was not sent. Change it, or send it as well."
                @if *had_files { " If your files are not listed below, choose them again." }
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

/// Opens all emoji. They are a script's: without it there is no button.
fn emoji() -> Markup {
    html! {
        button .emoji-button.quiet type="button" popovertarget="emoji-picker" title="Emoji, also with :name" {
            (icons::SMILE) span .unseen { "Emoji" }
        }
    }
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
