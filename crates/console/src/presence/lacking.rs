//! That a session stays in line because nobody who is there can take it.

use headwater_messaging::{NeededSkill, Status};
use maud::{Markup, html};

use super::piece::units;
use crate::console::Console;
use crate::fault::Fault;
use crate::record::Record;
use crate::visitor::Visitor;

/// Skills as people write them, each with its level if it has one.
pub(super) fn words(skills: &[NeededSkill]) -> String {
    let word = |one: &NeededSkill| match one.level {
        0 => one.name.clone(),
        level => format!("{} {}", one.name, units(level)),
    };
    skills.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// Why a session waits, where that is known.
pub(crate) async fn note(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
) -> Result<Markup, Fault> {
    if Status::of(record.cells().text("Status")) != Some(Status::Waiting) {
        return Ok(html! {});
    }
    let lacking = console.messaging.lacking(&visitor.caller, record.id);
    let Some(lacking) = lacking.await? else {
        return Ok(html! {});
    };
    Ok(html! {
        section .sheet aria-labelledby="lacking" {
            h2 #lacking { "Why it waits" }
            div .aside {
                p { "It needs " strong { (words(&lacking)) } "." }
                p .soft {
                    "Nobody of its queue who is available has all of it, and well enough. It is offered as soon as somebody "
                    "has; it can be transferred to an agent by name, or to another queue."
                }
            }
        }
    })
}
