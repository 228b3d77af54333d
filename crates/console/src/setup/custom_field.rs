//! A new custom field: first what kind it is to be, then the rest. It works as soon as it is made.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::{Choice, Object, SystemPermission};
use headwater_records::CustomFieldSpec;
use maud::{Markup, html};

use super::controls::{Line, Trouble, select, tick};
use super::objects::{HERE, every_object, field_url, known_object, object_url};
use super::permission_sets::api_name;
use super::{Change, Viewer, crumbs, done, framed, refused};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::toast::Notice;
use crate::visitor::Visitor;

/// The parts of a form beside those that every kind has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Length,
    Digits,
    Values,
    Target,
    Format,
    Default,
    Unique,
}

/// What a kind asks for.
fn parts(kind: &str) -> &'static [Part] {
    use Part::{Default, Digits, Format, Length, Target, Unique, Values};
    match kind {
        "Text" => &[Length, Default, Unique],
        "LongTextArea" => &[Length, Default],
        "Email" => &[Default, Unique],
        "Number" => &[Digits, Default, Unique],
        "Currency" | "Percent" => &[Digits, Default],
        "Picklist" => &[Values, Default],
        "MultiselectPicklist" => &[Values],
        "AutoNumber" => &[Format],
        "Lookup" | "MasterDetail" => &[Target],
        "Checkbox" | "TextArea" | "Phone" | "Url" => &[Default],
        _ => &[],
    }
}

/// The kinds that there are, as the catalogue lists them.
fn kinds(visitor: &Visitor) -> Vec<Choice> {
    let fields = visitor.caller.rights.catalogue.object("CustomField");
    let list = fields.and_then(|object| object.field("Type")?.kind.as_picklist());
    list.map_or_else(Vec::new, |list| list.choices.to_vec())
}

pub(super) async fn ask(
    State(console): State<Console>,
    Path(object): Path<String>,
    RawQuery(query): RawQuery,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    super::may(&visitor, SystemPermission::CustomizeApplication)?;
    let object = known_object(&visitor, &object)?;
    let form = Form::read(query.unwrap_or_default().as_bytes());
    page(&console, visitor, &object, &form, &Trouble::default()).await
}

pub(super) async fn make(
    State(console): State<Console>,
    Path(object): Path<String>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let object = known_object(&visitor, &object)?;
    let trouble = match spec(&object, &form) {
        Ok(spec) => {
            let name = format!("{}__c", spec.name.trim_end_matches("__c"));
            match console.org.create_custom_field(&visitor.caller, spec).await {
                Ok(_) => return Ok(done(&field_url(&object.name, &name), Notice::Made)),
                Err(error) => Trouble::of(error)?,
            }
        }
        Err(trouble) => trouble,
    };
    let response = page(&console, visitor, &object, &form, &trouble).await?;
    Ok(refused(response, StatusCode::UNPROCESSABLE_ENTITY))
}

/// What the form asks for.
fn spec(object: &Object, form: &Form) -> Result<CustomFieldSpec, Trouble> {
    let text = |name| form.filled(name).map(str::to_owned);
    let is_ticked = |name| form.get(name) == Some("true");
    let label = text("label").unwrap_or_default();
    let choices = form
        .get("valueSet")
        .unwrap_or_default()
        .lines()
        .map(str::trim);
    let choices = choices.filter(|line| !line.is_empty());
    let default = match form.get("type") {
        Some("Checkbox") => Some(is_ticked("defaultValue").to_string()),
        _ => text("defaultValue"),
    };
    Ok(CustomFieldSpec {
        object: object.name.to_string(),
        name: text("fullName").unwrap_or_else(|| api_name(&label)),
        label,
        kind: text("type").unwrap_or_default(),
        length: number(form, "length")?,
        precision: number(form, "precision")?,
        scale: number(form, "scale")?,
        required: is_ticked("required"),
        unique: is_ticked("unique"),
        case_sensitive: is_ticked("caseSensitive"),
        external_id: is_ticked("externalId"),
        tracked: is_ticked("tracked"),
        default_value: default,
        display_format: text("displayFormat"),
        choices: choices
            .map(|line| (line.to_owned(), line.to_owned()))
            .collect(),
        restricted: is_ticked("restricted"),
        reference_to: text("referenceTo"),
        relationship_name: text("relationshipName"),
        delete_constraint: text("deleteConstraint"),
        help: text("help"),
        description: text("description"),
    })
}

fn number<T: std::str::FromStr>(form: &Form, name: &str) -> Result<Option<T>, Trouble> {
    let wrong = |text| Trouble::of_one(name, format!("“{text}” is not a number that fits here."));
    form.filled(name)
        .map(|text| text.parse().map_err(|_| wrong(text)))
        .transpose()
}

async fn page(
    console: &Console,
    visitor: Visitor,
    object: &Object,
    form: &Form,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    let kinds = kinds(&visitor);
    let chosen = form.filled("type");
    let chosen = kinds.iter().find(|kind| Some(&*kind.value) == chosen);
    let url = format!("{}/new-field", object_url(&object.name));
    let main = html! {
        (crumbs(&[(HERE, "Objects"), (&object_url(&object.name), &object.label)]))
        @match chosen {
            None => {
                header .page-head { h1 { "New field: of which kind?" } }
                ul .cards.kind-cards { @for kind in &kinds {
                    li { a .sheet.card href={ (url) "?type=" (kind.value) } {
                        span { strong { (kind.label) } br; span .soft { (about(&kind.value)) } }
                    } }
                } }
            }
            Some(kind) => {
                header .page-head {
                    h1 { "New field: " (kind.label.to_lowercase()) }
                    a .button.quiet href=(url) { "Another kind" }
                }
                form .sheet.form.whole method="post" action=(url) {
                    (visitor.token_field())
                    input type="hidden" name="type" value=(kind.value);
                    (trouble.show())
                    (inputs(&visitor, &kind.value, form, trouble))
                    div .ways.foot {
                        button .primary data-key="ctrl enter" { "Make the field" }
                        a .button.quiet href=(object_url(&object.name)) { "Cancel" }
                    }
                }
            }
        }
    };
    framed(console, visitor, HERE, "New field", &main).await
}

/// What a kind is for, in a few words.
fn about(kind: &str) -> &'static str {
    match kind {
        "Text" => "One line, up to 255 characters.",
        "TextArea" => "Several lines, up to 255 characters.",
        "LongTextArea" => "Several lines, up to 131,072 characters.",
        "Email" => "A mail address, checked for its shape.",
        "Phone" => "A phone number as people write it.",
        "Url" => "A web address.",
        "Checkbox" => "Yes or no.",
        "Number" => "A number, with digits after the point if wanted.",
        "Currency" => "An amount of money.",
        "Percent" => "A percentage.",
        "Date" => "A day.",
        "DateTime" => "A moment.",
        "Time" => "A time of day.",
        "Picklist" => "One of a list.",
        "MultiselectPicklist" => "Several of a list.",
        "AutoNumber" => "A number that the server gives.",
        "Lookup" => "Another record.",
        "MasterDetail" => "Another record, on which this one depends.",
        _ => "",
    }
}

fn inputs(visitor: &Visitor, kind: &str, form: &Form, trouble: &Trouble) -> Markup {
    let value = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let line = |name: &str, label: &str, hint: &str, required: bool| {
        Line {
            name,
            label,
            value: &value(name),
            hint,
            required,
        }
        .show(trouble)
    };
    let is_ticked = |name: &str| form.get(name) == Some("true");
    let asks = |part| parts(kind).contains(&part);
    html! {
        div .grid.two {
            (line("label", "Label", "What people see.", true))
            (line("fullName", "API name", "What programs call it; made of the label when left empty. It gets the ending __c.", false))
            @if asks(Part::Length) { (line("length", "Most characters", "", false)) }
            @if asks(Part::Digits) {
                (line("precision", "Digits in all", "1 to 18.", false))
                (line("scale", "Digits after the point", "", false))
            }
            @if asks(Part::Target) { (target(visitor, form, trouble)) }
            @if asks(Part::Format) { (line("displayFormat", "Format", "Text around one {0000}, such as INV-{0000}.", false)) }
        }
        @if asks(Part::Values) {
            (Line { name: "valueSet", label: "Values", value: &value("valueSet"), hint: "One per line, in the order they are offered.", required: true }.show_long(6, trouble))
            (tick("restricted", "true", "Take no other values, from programs neither", is_ticked("restricted")))
        }
        @if asks(Part::Default) {
            @if kind == "Checkbox" { (tick("defaultValue", "true", "Ticked in new records", is_ticked("defaultValue"))) }
            @else { (line("defaultValue", "In new records", "What it holds when nobody says otherwise.", false)) }
        }
        fieldset .choices {
            legend { "Rules" }
            @if !matches!(kind, "Checkbox" | "AutoNumber" | "MasterDetail") {
                (tick("required", "true", "Required: no record without it. Whoever sees the record then sees the field.", is_ticked("required")))
            }
            @if asks(Part::Unique) {
                (tick("unique", "true", "Unique: no two records hold the same", is_ticked("unique")))
                @if kind == "Text" { (tick("caseSensitive", "true", "Capital letters make a difference", is_ticked("caseSensitive"))) }
                (tick("externalId", "true", "External id: programs find records by it", is_ticked("externalId")))
            }
            (tick("tracked", "true", "Keep the history of its changes", is_ticked("tracked")))
        }
        (line("help", "Help", "Shown beside the field in forms.", false))
        (line("description", "Description", "For those who set up.", false))
        @if !is_ticked("required") {
            p .hint { "Administrators see and edit it at once. Others get it from the field matrix of their profile or permission set." }
        }
    }
}

fn target(visitor: &Visitor, form: &Form, trouble: &Trouble) -> Markup {
    let now = |name| form.get(name).unwrap_or_default();
    let objects = every_object(visitor).into_iter();
    let objects = objects.map(|object| (object.name.to_string(), object.label.to_string()));
    let first = (String::new(), "Choose an object…".to_owned());
    let objects: Vec<_> = std::iter::once(first).chain(objects).collect();
    let ends = [
        ("", "is emptied"),
        ("Restrict", "keeps the other from being deleted"),
        ("Cascade", "goes with the record"),
    ];
    let ends: Vec<_> = ends
        .iter()
        .map(|(value, words)| ((*value).to_owned(), (*words).to_owned()))
        .collect();
    html! {
        (select("referenceTo", "Points to", "", now("referenceTo"), &objects, trouble))
        (Line {
            name: "relationshipName", label: "Name of the list there", value: now("relationshipName"),
            hint: "What programs call the records that point to one, such as Renewals.", required: false,
        }.show(trouble))
        @if form.get("type") != Some("MasterDetail") {
            (select("deleteConstraint", "When the other is deleted, it", "", now("deleteConstraint"), &ends, trouble))
        }
    }
}
