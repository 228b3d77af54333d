//! The access inspector: what one person may do with one record, field by field, the first rule that
//! says no, where the value is edited instead, and what would lift the rule.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::{Access, Id, SystemPermission};
use headwater_records::explain::{Explanation, Lock, Rule};
use maud::{Markup, html};

use super::access_question::{Asked, Question, Who};
use super::controls::{Trouble, select};
use super::objects::{every_object, field_url};
use super::{Viewer, framed, refused};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::text::{counted, encoded, label};
use crate::visitor::Visitor;

pub(super) const HERE: &str = "/setup/access";

/// The way here from a lock, for those who may take it.
pub(crate) fn link(visitor: &Visitor, record: Id, field: &str) -> Markup {
    let user = &visitor.caller.username;
    html! {
        @if visitor.caller.rights.has(SystemPermission::ViewSetup) {
            a .button.quiet href={ (HERE) "?user=" (encoded(user)) "&record=" (record) "&field=" (field) } {
                "Inspect access"
            }
        }
    }
}

pub(super) async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let question = Question::read(&console, &visitor, &form).await?;
    let mut trouble = question.trouble();
    let mut found = None;
    if let Asked::Whole {
        who,
        object,
        record,
    } = &question.asked
    {
        let (org, caller) = (&console.org, &visitor.caller);
        let record = record.map(|record| record.to_string());
        match org
            .inspect(caller, who.id.as_str(), object, record.as_deref())
            .await
        {
            Ok(explained) => found = Some((who, explained)),
            Err(error) => {
                let fault = Fault::from(error);
                if fault.status != StatusCode::NOT_FOUND {
                    return Err(fault);
                }
                trouble = Trouble::of_one(
                    "record",
                    "There is no such record, or it is not yours to see.",
                );
            }
        }
    }
    let main = html! {
        header .page-head { h1 { "Access inspector" } }
        (ask(&visitor, &question, &trouble))
        (candidates(&question))
        @if let Some((who, explained)) = &found { (answer(&visitor, &question, who, explained)) }
    };
    let is_refused = !trouble.is_none();
    let response = framed(&console, visitor, HERE, "Access inspector", &main).await?;
    Ok(if is_refused {
        refused(response, StatusCode::UNPROCESSABLE_ENTITY)
    } else {
        response
    })
}

/// The form that asks.
fn ask(visitor: &Visitor, question: &Question, trouble: &Trouble) -> Markup {
    let objects = every_object(visitor).into_iter();
    let objects = objects.map(|object| (object.name.to_string(), object.label.to_string()));
    let any = (String::new(), "That of the record".to_owned());
    let objects: Vec<_> = std::iter::once(any).chain(objects).collect();
    let (id, name) = question
        .who
        .as_ref()
        .map_or((String::new(), question.typed_user.clone()), |who| {
            (who.id.to_string(), who.name.clone())
        });
    let shows = [
        ("all", "Every field"),
        ("rights", "What a right would change"),
    ];
    let shows: Vec<_> = shows
        .iter()
        .map(|(value, words)| ((*value).to_owned(), (*words).to_owned()))
        .collect();
    html! {
        form .sheet.form.inspector action=(HERE) {
            (trouble.show())
            div .inspector-grid {
                div .control {
                    label for="input-user" { "Who" }
                    div .lookup data-lookup="/lookup?for=PermissionSetAssignment.AssigneeId" {
                        input type="hidden" name="user" value=(id);
                        input #input-user type="text" name="user.search" value=(name) autocomplete="off"
                            spellcheck="false" placeholder="A name or username…"
                            aria-invalid=[trouble.with("user").map(|_| "true")];
                        input type="hidden" name="user.shown" value=(name);
                        input type="hidden" name="user.was" value=(id);
                    }
                    @if let Some(text) = trouble.with("user") { p .problem { (text) } }
                }
                div .control {
                    label for="input-record" { "Which record" }
                    input #input-record type="text" name="record" value=(question.typed_record) autocomplete="off"
                        spellcheck="false" placeholder="Its name, id, or address…"
                        aria-invalid=[trouble.with("record").map(|_| "true")];
                    @if let Some(text) = trouble.with("record") { p .problem { (text) } }
                }
                (select("object", "Of object", "", &question.object, &objects, trouble))
                (select("show", "Show", "", &question.show, &shows, trouble))
            }
            @if !question.field.is_empty() { input type="hidden" name="field" value=(question.field); }
            div .ways {
                button .primary { "Inspect" }
                span .hint { "Without a record, the answer is about all records of the object." }
            }
        }
    }
}

/// Several people or records fit: which one?
fn candidates(question: &Question) -> Markup {
    html! {
        @if !question.people.is_empty() {
            section .sheet.setup-part {
                h2 { "Which person?" }
                ul .found { @for who in &question.people {
                    li { a href=(question.url_with(Some(who.id), None)) { (who.name) } " " span .soft { (who.username) } }
                } }
            }
        }
        @if !question.records.is_empty() {
            section .sheet.setup-part {
                h2 { "Which record?" }
                ul .found { @for offer in &question.records {
                    li {
                        a href=(question.url_with(None, Some(&offer.id))) { (offer.name) } " "
                        span .soft { (offer.object.label) " " (offer.hint) }
                    }
                } }
            }
        }
    }
}

fn answer(visitor: &Visitor, question: &Question, who: &Who, explained: &[Explanation]) -> Markup {
    let sees = explained.iter().filter(|one| one.visible).count();
    let edits = explained.iter().filter(|one| one.editable).count();
    let is_asked = |one: &&Explanation| {
        let by_field = question.field.is_empty() || one.field == question.field;
        let by_right = question.show != "rights" || has_remedy(one);
        by_field && by_right
    };
    let shown: Vec<_> = explained.iter().filter(is_asked).collect();
    html! {
        section .setup-part aria-labelledby="answer" {
            h2 #answer {
                a href={ "/setup/users/" (who.id) } { (who.name) }
                " sees " (sees) " of " (counted(explained.len() as u64, "field", "fields")) " and edits " (edits)
                @if let Some(record) = question.record { " on " a href={ "/" (record) } { (question.record_name) } }
                @else { " on " (plural(visitor, &question.object)) " in general" }
            }
            @if !question.field.is_empty() {
                p { a href=(question.url_of_all_fields()) { "Show every field" } }
            }
            @if shown.is_empty() { p .none { "No right would change anything here." } } @else {
                div .list-frame.matrix-frame tabindex="0" role="group" aria-labelledby="answer" {
                    table .matrix.answers {
                        thead { tr {
                            th scope="col" { "Field" } th scope="col" { "Sees" } th scope="col" { "Edits" }
                            th scope="col" { "Why not, and what to do" }
                        } }
                        tbody { @for one in shown { (line(visitor, one)) } }
                    }
                }
            }
        }
    }
}

fn plural(visitor: &Visitor, object: &str) -> String {
    let known = visitor.caller.rights.catalogue.object(object);
    known.map_or_else(|| object.to_owned(), |object| object.plural.to_string())
}

fn has_remedy(one: &Explanation) -> bool {
    one.lock.as_ref().is_some_and(|lock| lock.remedy.is_some())
}

fn line(visitor: &Visitor, one: &Explanation) -> Markup {
    let catalogue = &visitor.caller.rights.catalogue;
    let object = catalogue.object(&one.object);
    let field = object.and_then(|object| object.field(&one.field));
    let name = match (object, field) {
        (Some(object), Some(field)) => label(catalogue, object, field),
        _ => one.label.to_string(),
    };
    html! {
        tr #{ "f-" (one.field) } {
            th scope="row" { a href=(field_url(&one.object, &one.field)) { (name) } br; code .soft { (one.field) } }
            td { (yes_or_no(one.visible)) }
            td { (yes_or_no(one.editable)) }
            td .because { @if let Some(lock) = &one.lock { (because(visitor, one, lock)) } }
        }
    }
}

fn yes_or_no(yes: bool) -> Markup {
    html! {
        @if yes { span .yes { "Yes" } } @else { span .no { "No" } }
    }
}

/// The rule that says no, where else the value is edited, and what would lift the rule.
fn because(visitor: &Visitor, one: &Explanation, lock: &Lock) -> Markup {
    let at = lock.edit_at.as_ref();
    // A right that is missing for an inherited value is missing at its source.
    let on = at.map_or(&*one.object, |at| &*at.object);
    html! {
        p { (lock.reason) }
        @if let Some(at) = at {
            p .small {
                "Edited at "
                a href=(field_url(&at.object, &at.field)) { (at.object) "." (at.field) }
                @if let Some(record) = at.record { " of " a href={ "/" (record) } { "this record" } }
            }
        }
        @if let Some(remedy) = &lock.remedy {
            p .remedy { (remedy.sentence) }
            p .small.ways {
                @for set in &remedy.permission_sets {
                    a href=(matrix_url(visitor, set.id, on, lock)) { (set.label) }
                }
                @if let Some(profile) = remedy.profile_set {
                    a href=(matrix_url(visitor, profile, on, lock)) { "Open the profile" }
                }
            }
        }
    }
}

/// Where a right is ticked: in the field matrix, or among the rights of the set's own page when it is
/// on no field.
fn matrix_url(visitor: &Visitor, set: Id, object: &str, lock: &Lock) -> String {
    let url = format!("/setup/permission-sets/{set}");
    let granted = visitor.caller.rights.catalogue.object(object);
    if !granted.is_some_and(|object| object.access == Access::Granted) {
        return url;
    }
    let is_on_object = matches!(
        lock.rule,
        Rule::ObjectHidden | Rule::RecordHidden | Rule::ObjectRight | Rule::RecordAccess
    );
    if is_on_object {
        return format!("{url}#objects");
    }
    let field = lock.edit_at.as_ref().map_or(&*lock.field, |at| &*at.field);
    format!("{url}/{object}#f-{field}")
}
