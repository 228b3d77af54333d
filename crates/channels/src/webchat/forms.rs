//! What is asked before the first message, and the answers.

use axum::http::StatusCode;
use headwater_catalogue::Id;
use headwater_messaging::{PARAMETERS_MAX, Parameter, Parameters};
use serde_json::{Map, Value, json};

use super::error::Refusal;
use crate::door::Channels;

/// The form, as Salesforce's clients read it; none when nothing is asked. What the page alone hands over
/// is in it as hidden.
pub(super) fn told(parameters: &[Parameter]) -> Value {
    if parameters.is_empty() {
        return json!([]);
    }
    let fields = parameters.iter().zip(1..).map(|(parameter, order)| {
        let mut field = json!({
            "name": parameter.name,
            "order": order,
            "type": parameter.kind,
            "required": parameter.is_required,
            "maxLength": parameter.characters_max,
            "isHidden": parameter.question.is_none(),
        });
        if let Some(question) = &parameter.question {
            field["label"] = question.as_str().into();
        }
        if parameter.kind == "ChoiceList" {
            field["choiceListId"] = parameter.name.as_str().into();
        }
        field
    });
    json!([{
        "formType": "PreChat",
        "displayContext": "Conversation",
        "formFields": fields.collect::<Vec<_>>(),
    }])
}

/// What there is to choose from in the form.
pub(super) fn choices(parameters: &[Parameter]) -> Value {
    let lists = parameters
        .iter()
        .filter(|parameter| parameter.kind == "ChoiceList");
    let lists = lists.map(|parameter| {
        let values = parameter.choices.iter().zip(1..).map(|(choice, order)| {
            json!({
                "order": order,
                "choiceListValueId": choice,
                "choiceListValueName": choice,
                "isDefaultValue": false,
            })
        });
        json!({
            "choiceListId": parameter.name,
            "choiceListValues": values.collect::<Vec<_>>(),
        })
    });
    lists.collect()
}

/// What a client hands over as `routingAttributes`, once it fits the channel's parameters. What is no
/// parameter of the channel's is passed over, as Salesforce does.
pub(super) async fn given(
    channels: &Channels,
    channel: Id,
    attributes: Option<Map<String, Value>>,
) -> Result<Parameters, Refusal> {
    let mut given = Parameters::new();
    let attributes = attributes.unwrap_or_default();
    if attributes.is_empty() {
        return Ok(given);
    }
    if attributes.len() as u64 > PARAMETERS_MAX {
        let message = format!("routingAttributes has at most {PARAMETERS_MAX} values");
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "INVALID_REQUEST",
            message,
        ));
    }
    for parameter in channels.messaging.parameters(channel).await? {
        let value = match attributes.get(&parameter.name) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Bool(on)) => on.to_string(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Array(_) | Value::Object(_)) => {
                let message = format!("{} must be text, a number, true or false", parameter.name);
                return Err(Refusal::bad(message));
            }
        };
        parameter.check(&value)?;
        given.insert(parameter.name, value);
    }
    Ok(given)
}
