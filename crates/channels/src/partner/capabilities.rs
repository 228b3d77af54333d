//! `PATCH /capabilities`: what a service can show its customers, which says what agents can send them.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use headwater_messaging::{Capabilities, ChoiceCapabilities, FileCapabilities};
use serde_json::{Value, json};

use super::caller::Partner;
use super::error::{Code, Refusal};
use super::requests::Body;
use crate::door::Channels;

/// The formats of each type of message, as the schema has them.
const FORMATS: [(&str, &[&str]); 5] = [
    (
        "StaticContentMessage",
        &[
            "Text",
            "RichLink",
            "Links",
            "Attachments",
            "Media",
            "WebView",
        ],
    ),
    (
        "ChoicesMessage",
        &[
            "Buttons",
            "QuickReplies",
            "ListPicker",
            "Carousel",
            "TimePicker",
        ],
    ),
    ("ChoicesResponseMessage", &["Selections"]),
    ("FormMessage", &["Inputs"]),
    ("FormResponseMessage", &["Inputs", "Result"]),
];

/// Most types of messages, formats of one and restrictions of one in a request.
const LIST_MAX: usize = 50;

/// `PATCH /capabilities`.
pub(super) async fn register(
    State(channels): State<Channels>,
    partner: Partner,
    body: Body,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let capabilities = capabilities(&request["capabilities"], partner.definition())?;
    channels
        .messaging
        .register_capabilities(&partner.caller, partner.accounts(), &capabilities)
        .await?;
    Ok(Json(json!({ "success": true })).into_response())
}

fn capabilities(given: &Value, definition: &str) -> Result<Capabilities, Refusal> {
    if given["appType"] != "custom" {
        let message = "The AppType provided is not supported: it must be custom";
        return Err(Refusal::bad(Code::AppType, message));
    }
    let mut capabilities = Capabilities::default();
    for channel in listed(given, "channelCapabilities")? {
        check_integration(&channel["customIntegration"], definition)?;
        for of_type in listed(channel, "messageTypeCapabilities")? {
            let kind = of_type["messageType"].as_str().unwrap_or_default();
            for of_format in listed(of_type, "formatTypeCapabilities")? {
                let format = of_format["formatType"].as_str().unwrap_or_default();
                check(kind, format)?;
                add(&mut capabilities, (kind, format), &restrictions(of_format)?)?;
            }
        }
    }
    Ok(capabilities)
}

/// A list that has to be there and to have something in it.
fn listed<'v>(value: &'v Value, name: &str) -> Result<&'v [Value], Refusal> {
    let list = value[name].as_array().map(Vec::as_slice);
    let list = list.filter(|list| (1..=LIST_MAX).contains(&list.len()));
    list.ok_or_else(|| {
        let message = format!("{name} is a list of 1 to {LIST_MAX}");
        Refusal::bad(Code::Parameters, message)
    })
}

fn check_integration(integration: &Value, definition: &str) -> Result<(), Refusal> {
    let is_own = integration["customIntegrationType"] == "CustomChannelIntegration"
        && integration["conversationChannelDefinitionDevName"] == definition;
    if integration.is_null() || is_own {
        return Ok(());
    }
    let message = format!(
        "Specified custom integration is invalid: it is CustomChannelIntegration, of '{definition}'"
    );
    Err(Refusal::bad(Code::Integration, message))
}

fn check(kind: &str, format: &str) -> Result<(), Refusal> {
    let Some((_, formats)) = FORMATS.iter().find(|(known, _)| *known == kind) else {
        let message = format!("Specified Message Type is invalid: '{kind}'");
        return Err(Refusal::bad(Code::UnknownMessageType, message));
    };
    if formats.contains(&format) {
        return Ok(());
    }
    if FORMATS.iter().any(|(_, formats)| formats.contains(&format)) {
        let message = format!("A {kind} has no format '{format}'");
        return Err(Refusal::bad(Code::MessageFormat, message));
    }
    let message = format!("Specified Format Type is invalid: '{format}'");
    Err(Refusal::bad(Code::UnknownFormat, message))
}

/// What restricts a format. Salesforce's samples call the list by either name.
fn restrictions(of_format: &Value) -> Result<Vec<&Value>, Refusal> {
    let mut all = Vec::new();
    for name in ["capabilityFieldRestriction", "fieldRestrictions"] {
        if !of_format[name].is_null() {
            all.extend(
                listed(of_format, name)?
                    .iter()
                    .map(|one| &one["restriction"]),
            );
        }
    }
    Ok(all)
}

/// Takes down what says something about what agents send: texts, files, and answers to choose from. What has
/// no part in that is taken and says nothing.
fn add(
    capabilities: &mut Capabilities,
    (kind, format): (&str, &str),
    restrictions: &[&Value],
) -> Result<(), Refusal> {
    match (kind, format) {
        ("StaticContentMessage", "Text") => {
            let most = most(restrictions, "StringFieldRestriction", "maxLength")?;
            capabilities.text_characters_max = most;
        }
        ("StaticContentMessage", "Attachments") => {
            let kilobytes = most(restrictions, "FileSizeRestriction", "maxSizeInKb")?;
            let of_types = restrictions
                .iter()
                .filter(|one| one["fieldRestrictionType"] == "MimeTypeRestriction");
            let types = of_types.filter_map(|one| one["mimeType"].as_str());
            capabilities.files = Some(FileCapabilities {
                bytes_max: kilobytes.map(|kilobytes| kilobytes.saturating_mul(1024)),
                media_types: types.map(str::to_owned).collect(),
            });
        }
        // Quick replies first, where it can do both.
        ("ChoicesMessage", "QuickReplies" | "Buttons")
            if capabilities.choices.is_none() || format == "QuickReplies" =>
        {
            capabilities.choices = Some(ChoiceCapabilities {
                format: format.to_owned(),
                items_max: most(restrictions, "ArrayRestriction", "maxItems")?,
            });
        }
        _ => {}
    }
    Ok(())
}

/// The smallest number that the restrictions of a type say.
fn most(restrictions: &[&Value], kind: &str, field: &str) -> Result<Option<usize>, Refusal> {
    let mut most = None;
    for one in restrictions {
        if one["fieldRestrictionType"] != kind {
            continue;
        }
        let number = one[field].as_u64().filter(|number| *number > 0);
        let number = number.and_then(|number| usize::try_from(number).ok());
        let number = number.ok_or_else(|| {
            let message = format!("{field} of a {kind} is a whole number above 0");
            Refusal::bad(Code::Parameters, message)
        })?;
        most = Some(most.map_or(number, |most: usize| most.min(number)));
    }
    Ok(most)
}
