//! What is asked before the first message, and the answers.

use headwater_messaging::Parameter;
use serde_json::{Value, json};

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
