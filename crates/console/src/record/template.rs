//! Sending a carrier's template in a session: what goes out when free text does not.

use axum::extract::{Path, State};
use axum::response::Response;
use headwater_messaging::{Message, Template};
use maud::{Markup, html};

use super::{Record, desk};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Posted;
use crate::visitor::Visitor;

/// Where a template is asked for, on channels whose carriers have templates.
pub(super) fn ask(console: &Console, visitor: &Visitor, record: &Record) -> Markup {
    if record.cells().text("ChannelType") != "WhatsApp" {
        return html! {};
    }
    html! {
        details .template {
            summary { "Use a template" }
            form .form method="post" action={ "/desk/" (record.id) "/template" } {
                (visitor.token_field())
                input type="hidden" name="message" value=(console.messaging.new_message());
                div .control {
                    label for="template-name" { "Template" }
                    input #template-name type="text" name="name" required autocomplete="off" aria-describedby="template-name-hint";
                    p #template-name-hint .hint { "As it is called at Meta, such as order_update; at Twilio its content SID." }
                }
                div .control {
                    label for="template-language" { "Language" }
                    input #template-language type="text" name="language" value="en_US" required autocomplete="off";
                }
                div .control {
                    label for="template-parameters" { "What fills it in" }
                    textarea #template-parameters name="parameters" rows="2" aria-describedby="template-parameters-hint" {}
                    p #template-parameters-hint .hint { "A line for each, in their order." }
                }
                div .ways.foot { button .primary { "Send template" } }
            }
        }
    }
}

pub(super) async fn send(
    State(console): State<Console>,
    Path(session): Path<String>,
    Posted { visitor, form }: Posted,
) -> Result<Response, Fault> {
    let field = |name: &str| form.filled(name).unwrap_or_default().to_owned();
    let lines = form.get("parameters").unwrap_or_default().lines();
    let lines = lines.map(str::trim).filter(|line| !line.is_empty());
    let message = Message {
        template: Some(Template {
            name: field("name"),
            language: field("language"),
            parameters: lines.map(str::to_owned).collect(),
        }),
        id: form.filled("message").map(str::to_owned),
        ..Message::default()
    };
    let sent = console.messaging.send(&visitor.caller, &session, &message);
    sent.await?;
    Ok(desk::back(&session, None))
}
