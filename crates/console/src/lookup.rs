//! Finding the record that a reference is to point to: as somebody types, or once by what they typed.

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::routing::get;
use headwater_catalogue::{Field, Object};
use headwater_records::{Caller, Error};
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::text::{containing, literal};
use crate::views;
use crate::visitor::Visitor;

/// Records offered.
const OFFERED: u64 = 8;

/// Most characters looked for.
const CHARACTERS_MAX: usize = 80;

/// A record that is offered.
pub(crate) struct Offer {
    pub(crate) id: String,
    pub(crate) name: String,
    /// What tells it from another of the same name.
    pub(crate) hint: String,
    pub(crate) object: Arc<Object>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/lookup", get(offer))
}

/// What fits a text, for the field that `for=Object.Field` names; without a text what was used last.
async fn offer(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Markup, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let typed = form.filled("q").unwrap_or_default();
    let (object, field) = form
        .get("for")
        .unwrap_or_default()
        .split_once('.')
        .ok_or_else(Fault::no_page)?;
    let caller = &visitor.caller;
    let object = caller
        .rights
        .catalogue
        .object(object)
        .ok_or_else(Fault::no_page)?;
    let place = object
        .position(field)
        .filter(|place| caller.rights.on(object).reads(*place));
    let field = place
        .map(|place| &object.fields[place])
        .ok_or_else(Fault::no_page)?;
    let targets = targets(caller, field);
    let mut offers = Vec::new();
    for target in &targets {
        let only = queues_of(object, field, target);
        let fitting = search_only(&console, caller, target, typed, only.as_deref(), OFFERED);
        offers.extend(fitting.await?);
    }
    let several = targets.len() > 1;
    let new = targets.iter().find(|target| {
        targets.len() == 1 && caller.rights.on(target).create && target.calls.create
    });
    Ok(html! {
        @for offer in &offers {
            li role="option" id={ "option-" (offer.id) } data-id=(offer.id) data-name=(offer.name) {
                span .name { (offer.name) }
                span .soft { @if several { (offer.object.label) " " } (offer.hint) }
            }
        }
        @if let Some(target) = new {
            li role="option" #option-new .new data-href={ "/o/" (target.name) "/new" } {
                "New " (target.label.to_lowercase()) "…"
            }
        }
    })
}

/// The objects that a reference may point to and the caller reads.
fn targets(caller: &Caller, field: &Field) -> Vec<Arc<Object>> {
    let names = field
        .kind
        .as_reference()
        .map_or(&[][..], |reference| reference.targets.names());
    let objects = names
        .iter()
        .filter_map(|name| caller.rights.catalogue.object(name));
    objects
        .filter(|object| caller.rights.on(object).read && object.calls.query)
        .map(Arc::clone)
        .collect()
}

/// Of the groups only queues that take records of an object may own one.
fn queues_of(object: &Object, field: &Field, target: &Object) -> Option<String> {
    (field.name == "OwnerId" && target.name == "Group").then(|| {
        let taken = literal(&object.name);
        format!(
            "Type = 'Queue' AND Id IN (SELECT QueueId FROM QueueSobject WHERE SobjectType = {taken})"
        )
    })
}

/// The records of an object that have all words of a text, each whole or begun; those whose name
/// begins with the text first. What is not searched is found by its name. Without a text those
/// changed last.
pub(crate) async fn search(
    console: &Console,
    caller: &Caller,
    object: &Arc<Object>,
    typed: &str,
    most: u64,
) -> Result<Vec<Offer>, Error> {
    search_only(console, caller, object, typed, None, most).await
}

/// The same, only of those for which a condition holds.
async fn search_only(
    console: &Console,
    caller: &Caller,
    object: &Arc<Object>,
    typed: &str,
    only: Option<&str>,
    most: u64,
) -> Result<Vec<Offer>, Error> {
    let Some(name) = object.name_field().map(|field| field.name.clone()) else {
        return Ok(Vec::new());
    };
    let rights = caller.rights.on(object);
    let reads = |path: &str| {
        let first = path.split('.').next().unwrap_or_default();
        object
            .position(first)
            .or_else(|| object.relationship(first).map(|(place, _)| place))
            .is_some_and(|place| rights.reads(place))
    };
    let typed: String = typed.trim().chars().take(CHARACTERS_MAX).collect();
    let hint = hint(object).filter(|path| reads(path));
    let hinted = hint.map(|path| format!(", {path}")).unwrap_or_default();
    let mut soql = format!("SELECT Id, {name}{hinted} FROM {}", object.name);
    let is_found_by_words = !typed.is_empty() && only.is_none() && object.is_searched();
    if is_found_by_words {
        // In the order of the search.
    } else if typed.is_empty() {
        if let Some(only) = only {
            soql.extend([" WHERE ", only]);
        }
        let recent = object
            .field("LastModifiedDate")
            .map(|_| " ORDER BY LastModifiedDate DESC");
        soql.push_str(recent.unwrap_or_default());
    } else {
        let paths = views::searched(object);
        let pattern = containing(&typed);
        let paths = paths.iter().filter(|path| reads(path));
        let any: Vec<_> = paths.map(|path| format!("{path} LIKE {pattern}")).collect();
        if any.is_empty() {
            return Ok(Vec::new());
        }
        soql.extend([" WHERE (", &any.join(" OR "), ")"]);
        if let Some(only) = only {
            soql.extend([" AND ", only]);
        }
        soql.extend([" ORDER BY ", &name, " ASC"]);
    }
    let table = if is_found_by_words {
        console.org.look_up(caller, &soql, &typed, most).await?
    } else {
        console.org.browse(caller, &soql, None, most).await?
    };
    let offers = table.rows().map(|row| Offer {
        id: row.id("Id").map(|id| id.to_string()).unwrap_or_default(),
        name: row.text(&name).to_owned(),
        hint: hint
            .map(|path| row.text(path).to_owned())
            .unwrap_or_default(),
        object: Arc::clone(object),
    });
    let mut offers: Vec<_> = offers.collect();
    let begins = |offer: &Offer| {
        let start: String = offer.name.chars().take(typed.chars().count()).collect();
        start.to_lowercase() == typed.to_lowercase()
    };
    offers.sort_by_key(|offer| !begins(offer));
    Ok(offers)
}

/// What tells two records of the same name apart.
fn hint(object: &Object) -> Option<&'static str> {
    Some(match &*object.name {
        "Account" => "BillingCity",
        "Contact" => "Account.Name",
        "Case" => "Subject",
        "Lead" => "Company",
        "Opportunity" => "StageName",
        "MessagingEndUser" => "MessagingPlatformKey",
        "MessagingSession" => "MessagingEndUser.Name",
        "User" => "Username",
        _ => return None,
    })
}

/// The records that somebody meant by a text, each by id and name: one whose name it is, else all
/// that it fits.
pub(crate) async fn find(
    console: &Console,
    caller: &Caller,
    _object: &Arc<Object>,
    field: &Field,
    typed: &str,
) -> Result<Vec<(String, String)>, Error> {
    let mut named = Vec::new();
    let mut fitting = Vec::new();
    for target in targets(caller, field) {
        if typed
            .parse::<headwater_catalogue::Id>()
            .is_ok_and(|id| id.prefix() == target.prefix)
        {
            return Ok(vec![(typed.to_owned(), typed.to_owned())]);
        }
        if let Some(name) = target.name_field() {
            let hint = hint(&target)
                .map(|path| format!(", {path}"))
                .unwrap_or_default();
            let soql = format!(
                "SELECT Id, {0}{hint} FROM {1} WHERE {0} = {2}",
                name.name,
                target.name,
                literal(typed)
            );
            let table = console.org.browse(caller, &soql, None, OFFERED).await?;
            named.extend(table.rows().filter_map(|row| {
                let also = self::hint(&target)
                    .map(|path| row.text(path))
                    .unwrap_or_default();
                Some((
                    row.id("Id")?.to_string(),
                    described(row.text(&name.name), also),
                ))
            }));
        }
        let offers = search(console, caller, &target, typed, OFFERED).await?;
        fitting.extend(offers.into_iter().map(|offer| {
            let words = described(&offer.name, &offer.hint);
            (offer.id, words)
        }));
    }
    Ok(if named.is_empty() { fitting } else { named })
}

fn described(name: &str, hint: &str) -> String {
    if hint.is_empty() {
        name.to_owned()
    } else {
        format!("{name} ({hint})")
    }
}
