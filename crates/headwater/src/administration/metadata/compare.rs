//! What is there already against what a file says.

use headwater_catalogue::Value;
use headwater_records::{
    CustomFieldSpec, CustomObjectSpec, Draft, Input, Org, Precondition, literal,
};

use crate::administration::refusal::refused;
use crate::administration::rows::rows;
use crate::failure::{Failure, Outcome};

/// A column of the metadata record with what a file wants in it, and the file's word for it.
type Wanted = (&'static str, &'static str, Value);

/// Brings an object to what its file says; gives the file's words for what was changed.
pub(super) async fn update_object(org: &Org, spec: &CustomObjectSpec) -> Outcome<Vec<String>> {
    let mut wanted: Vec<Wanted> = vec![
        ("Label", "label", spec.label.clone().into()),
        ("PluralLabel", "pluralLabel", spec.plural.clone().into()),
    ];
    let optional = [
        ("Description", "description", &spec.description),
        ("SharingModel", "sharingModel", &spec.sharing),
        ("NameFieldLabel", "nameField", &spec.name_label),
    ];
    wanted.extend(given(&optional));
    let filter = format!("DeveloperName = {}", literal(stem(&spec.name)));
    update(org, "CustomObject", &filter, wanted, &[]).await
}

/// Brings a field to what its file says; gives the file's words for what was changed.
pub(super) async fn update_field(org: &Org, spec: &CustomFieldSpec) -> Outcome<Vec<String>> {
    let mut wanted: Vec<Wanted> = vec![
        ("Label", "label", spec.label.clone().into()),
        ("IsRequired", "required", spec.required.into()),
        ("IsUnique", "unique", spec.unique.into()),
        (
            "IsCaseSensitive",
            "caseSensitive",
            spec.case_sensitive.into(),
        ),
        ("IsExternalId", "externalId", spec.external_id.into()),
        ("IsHistoryTracked", "trackHistory", spec.tracked.into()),
        ("IsPicklistRestricted", "restricted", spec.restricted.into()),
    ];
    let numbers = [
        ("Length", "length", spec.length),
        ("Precision", "precision", spec.precision.map(u32::from)),
        ("Scale", "scale", spec.scale.map(u32::from)),
    ];
    for (column, word, number) in numbers {
        if let Some(number) = number {
            wanted.push((column, word, i64::from(number).into()));
        }
    }
    let choices = (!spec.choices.is_empty()).then(|| lines(&spec.choices));
    let optional = [
        ("DefaultValue", "defaultValue", &spec.default_value),
        ("PicklistValues", "valueSet", &choices),
        (
            "RelationshipName",
            "relationshipName",
            &spec.relationship_name,
        ),
        (
            "DeleteConstraint",
            "deleteConstraint",
            &spec.delete_constraint,
        ),
        ("InlineHelpText", "inlineHelpText", &spec.help),
        ("Description", "description", &spec.description),
    ];
    wanted.extend(given(&optional));
    let fixed = [
        ("Type", "type", type_name(&spec.kind).into()),
        (
            "ReferenceTo",
            "referenceTo",
            spec.reference_to.clone().into(),
        ),
    ];
    let table = table_of(org, &spec.object).await?;
    let filter = format!(
        "TableEnumOrId = {} AND DeveloperName = {}",
        literal(&table),
        literal(stem(&spec.name))
    );
    update(org, "CustomField", &filter, wanted, &fixed).await
}

fn given(optional: &[(&'static str, &'static str, &Option<String>)]) -> Vec<Wanted> {
    optional
        .iter()
        .filter_map(|(column, word, text)| Some((*column, *word, Value::Text((*text).clone()?))))
        .collect()
}

/// How a picklist's values stand in their column.
fn lines(choices: &[(String, String)]) -> String {
    let lines: Vec<_> = choices
        .iter()
        .map(|(value, label)| {
            if value == label {
                value.clone()
            } else {
                format!("{value}\t{label}")
            }
        })
        .collect();
    lines.join("\n")
}

/// Rich text is kept as long text.
fn type_name(kind: &str) -> &str {
    if kind == "Html" { "LongTextArea" } else { kind }
}

fn stem(name: &str) -> &str {
    name.strip_suffix("__c").unwrap_or(name)
}

/// What a field's record calls its object: a built-in one by name, a custom one by id.
async fn table_of(org: &Org, object: &str) -> Outcome<String> {
    if !object.ends_with("__c") {
        return Ok(object.to_owned());
    }
    let soql = format!(
        "SELECT Id FROM CustomObject WHERE DeveloperName = {}",
        literal(stem(object))
    );
    let found = rows(org, &soql).await?;
    let id = found.first().and_then(|row| row.first()?.as_id());
    Ok(id.map_or_else(|| object.to_owned(), |id| id.to_string()))
}

async fn update(
    org: &Org,
    object: &str,
    filter: &str,
    wanted: Vec<Wanted>,
    fixed: &[Wanted],
) -> Outcome<Vec<String>> {
    let columns: Vec<_> = wanted.iter().chain(fixed).map(|w| w.0).collect();
    let soql = format!(
        "SELECT Id, {} FROM {object} WHERE {filter}",
        columns.join(", ")
    );
    let found = rows(org, &soql).await?;
    let Some((id, known)) = found.first().and_then(|row| row.split_first()) else {
        return Err(Failure::refused(
            "it is built in and cannot be changed by a file",
        ));
    };
    let (changeable, unchangeable) = known.split_at(wanted.len());
    for ((_, word, value), known) in fixed.iter().zip(unchangeable) {
        if value != known {
            return Err(Failure::refused(format!(
                "<{word}> cannot be changed once the field is made"
            )));
        }
    }
    let mut draft = Draft::new();
    let mut changes = Vec::new();
    for ((column, word, value), known) in wanted.into_iter().zip(changeable) {
        if value != *known {
            draft = draft.with(column, Input::Value(value));
            changes.push(word.to_owned());
        }
    }
    if !changes.is_empty() {
        let id = id.as_id().map(|id| id.to_string()).unwrap_or_default();
        org.update(&org.system(), object, &id, draft, Precondition::default())
            .await
            .map_err(|error| refused(&error))?;
    }
    Ok(changes)
}
