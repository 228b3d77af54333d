//! What a customer's message says: a text, what they have chosen, or a form that they have filled in.

use serde_json::Value;

use super::error::{Code, Refusal};
use crate::api::text;

pub(super) fn no_id() -> Refusal {
    Refusal::bad(Code::IdMissing, "Interaction ID or Message ID is empty")
}

/// The id of a message's entry, which is that of its message too.
pub(super) fn id_of_message(entry: &Value) -> Result<String, Refusal> {
    let id = text(entry, "/id").ok_or_else(no_id)?;
    let message = text(entry, "/abstractMessage/id").ok_or_else(no_id)?;
    if message != id {
        let message = "Interaction ID and Message ID are mismatched";
        return Err(Refusal::bad(Code::IdsDiffer, message));
    }
    Ok(id)
}

/// What a bot's `abstractMessage` says, and the answers that it offers.
pub(super) fn offered(message: &Value) -> Result<(String, Vec<String>), Refusal> {
    let kind = text(message, "/messageType").unwrap_or_default();
    match kind.as_str() {
        "StaticContentMessage" => Ok((words(message)?, Vec::new())),
        "ChoicesMessage" => {
            let choices = &message["choices"];
            let says = ["/text", "/title"];
            let says = says.iter().find_map(|says| text(choices, says));
            let title = |option: &Value| text(option, "/titleItem/title");
            let titles = list(choices, "/optionItems").filter_map(title).collect();
            Ok((says.unwrap_or_default(), titles))
        }
        _ => {
            let message = "Invalid message type. Only StaticContentMessage and ChoicesMessage are taken \
                           of a bot";
            Err(Refusal::bad(Code::UnknownMessageType, message))
        }
    }
}

/// What a bot's `abstractMessage` has said, with all that it offered as lines.
pub(super) fn shown(message: &Value) -> Result<String, Refusal> {
    if message["messageType"] == "FormMessage" {
        let title = text(message, "/form/formTitle/title").unwrap_or_default();
        return Ok(format!("[form] {title}").trim().to_owned());
    }
    if message["staticContent"]["formatType"] == "Attachments" {
        let content = &message["staticContent"];
        let said = std::iter::once(text(content, "/text"));
        let file = |file: &Value| {
            let name = text(file, "/name").unwrap_or_default();
            let url = text(file, "/url").unwrap_or_default();
            Some(format!("[file] {name} {url}").trim().to_owned())
        };
        let files = list(content, "/attachments").map(file);
        return Ok(joined(said.chain(files)));
    }
    let (said, choices) = offered(message)?;
    let choices = choices.iter().map(|choice| Some(format!("• {choice}")));
    let said = joined(std::iter::once(Some(said)).chain(choices));
    if said.trim().is_empty() {
        return Err(Refusal::bad(Code::Entry, "The message says nothing"));
    }
    Ok(said)
}

/// The words of an `abstractMessage`.
pub(super) fn words(message: &Value) -> Result<String, Refusal> {
    let kind = text(message, "/messageType").unwrap_or_default();
    let words = match kind.as_str() {
        "StaticContentMessage" => content(&message["staticContent"])?,
        "ChoicesResponseMessage" => chosen(&message["choicesResponse"])?,
        "FormResponseMessage" => form(&message["formResponse"])?,
        _ => {
            let message = "Invalid message type. Only StaticContentMessage, ChoicesResponseMessage, and \
                           FormResponseMessage types are supported for messages sent from an end user";
            return Err(Refusal::bad(Code::MessageType, message));
        }
    };
    if words.trim().is_empty() {
        return Err(Refusal::bad(Code::Entry, "The message says nothing"));
    }
    Ok(words)
}

fn content(content: &Value) -> Result<String, Refusal> {
    let format = text(content, "/formatType").unwrap_or_default();
    Ok(match format.as_str() {
        "Text" => text(content, "/text").unwrap_or_default(),
        "RichLink" => joined([
            text(content, "/linkItem/titleItem/title"),
            text(content, "/linkItem/url"),
            text(content, "/text"),
        ]),
        "Links" => joined(list(content, "/links").map(|link| text(link, "/url"))),
        _ => {
            let message =
                format!("A StaticContentMessage of the format '{format}' is not taken here");
            return Err(Refusal::bad(Code::MessageFormat, message));
        }
    })
}

fn chosen(response: &Value) -> Result<String, Refusal> {
    let format = text(response, "/formatType").unwrap_or_default();
    if format != "Selections" {
        let message =
            format!("A ChoicesResponseMessage of the format '{format}' is not taken here");
        return Err(Refusal::bad(Code::MessageFormat, message));
    }
    Ok(titles(response))
}

/// The titles of what was selected; of one without a title its name.
fn titles(selected: &Value) -> String {
    joined(list(selected, "/selectedOptions").map(|option| {
        let title = ["/optionTitle/title", "/optionIdentifier"];
        title.iter().find_map(|title| text(option, title))
    }))
}

fn form(response: &Value) -> Result<String, Refusal> {
    let format = text(response, "/formatType").unwrap_or_default();
    if format != "Inputs" {
        let message = format!("A FormResponseMessage of the format '{format}' is not taken here");
        return Err(Refusal::bad(Code::MessageFormat, message));
    }
    let title = text(response, "/formTitle/title").unwrap_or_default();
    let head = Some(format!("[form] {title}").trim().to_owned());
    let inputs = list(response, "/inputValues").map(|input| {
        let label = ["/inputlabel/title", "/inputLabel/title", "/inputId"];
        let label = label.iter().find_map(|label| text(input, label))?;
        let value = match text(input, "/displayValue") {
            Some(shown) => shown,
            None if input["selectedOptions"].is_array() => titles(input).replace('\n', ", "),
            None => value(&input["value"]),
        };
        Some(format!("{label}: {value}"))
    });
    Ok(joined(std::iter::once(head).chain(inputs)))
}

/// A value of whatever kind: its field is called after that.
fn value(value: &Value) -> String {
    let fields = value.as_object().into_iter().flatten();
    let mut values = fields.filter(|(name, _)| *name != "valueType" && name.ends_with("Value"));
    match values.next() {
        Some((_, Value::String(text))) => text.clone(),
        Some((_, other)) => other.to_string(),
        None => String::new(),
    }
}

fn list<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn joined(lines: impl IntoIterator<Item = Option<String>>) -> String {
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::words;
    use serde_json::{Value, json};

    fn said(message: &Value) -> Result<String, String> {
        words(message).map_err(|refusal| format!("{refusal:?}"))
    }

    #[test]
    fn a_message_of_every_kind_says_something() {
        let text = json!({ "messageType": "StaticContentMessage", "staticContent": {
            "formatType": "Text", "text": "Hi there",
        } });
        assert_eq!(said(&text).unwrap(), "Hi there");
        let chosen = json!({ "messageType": "ChoicesResponseMessage", "choicesResponse": {
            "formatType": "Selections", "selectedOptions": [
                { "optionIdentifier": "1", "optionTitle": { "itemType": "TitleItem", "title": "Large" } },
                { "optionIdentifier": "blue" },
            ],
        } });
        assert_eq!(said(&chosen).unwrap(), "Large\nblue");
        let form = json!({ "messageType": "FormResponseMessage", "formResponse": {
            "formatType": "Inputs", "formTitle": { "title": "Order" }, "inputValues": [
                { "inputValueType": "SingleInputValue", "inputId": "n", "inputlabel": { "title": "Number" },
                  "value": { "valueType": "IntegerValue", "integerValue": 7 } },
                { "inputValueType": "SelectedOptionsInputValue", "inputId": "colours", "selectedOptions": [
                    { "optionIdentifier": "red" }, { "optionIdentifier": "blue" } ] },
            ],
        } });
        assert_eq!(
            said(&form).unwrap(),
            "[form] Order\nNumber: 7\ncolours: red, blue"
        );
    }

    #[test]
    fn what_says_nothing_or_is_none_of_a_customers_kinds_is_refused() {
        let empty = json!({ "messageType": "StaticContentMessage", "staticContent": { "formatType": "Text", "text": " " } });
        assert!(said(&empty).unwrap_err().contains("Entry"));
        let choices = json!({ "messageType": "ChoicesMessage" });
        assert!(said(&choices).unwrap_err().contains("MessageType"));
        let carousel = json!({ "messageType": "StaticContentMessage", "staticContent": { "formatType": "Carousel" } });
        assert!(said(&carousel).unwrap_err().contains("MessageFormat"));
    }
}
