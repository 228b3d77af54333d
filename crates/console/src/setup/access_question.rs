//! What the access inspector is asked: who, which record, which field. People and records are named
//! by id, by address, or by what they are called.

use headwater_catalogue::{Catalogue, Id};
use headwater_records::Error;

use super::access::HERE;
use super::controls::Trouble;
use crate::console::Console;
use crate::form::Form;
use crate::lookup::{Offer, search};
use crate::text::{containing, encoded, literal};
use crate::visitor::Visitor;

/// Most people or records of one object among which one chooses.
const CANDIDATES_MAX: u64 = 8;

/// The objects in which a name is looked for.
const SEARCHED: [&str; 8] = [
    "MessagingEndUser",
    "MessagingSession",
    "Account",
    "Contact",
    "Case",
    "Lead",
    "Opportunity",
    "Campaign",
];

/// Somebody whose access is asked about.
#[derive(Debug, Clone)]
pub(super) struct Who {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) username: String,
}

/// How far the question has come.
pub(super) enum Asked {
    /// Somebody, an object, and a record unless it is about all of them.
    Whole {
        who: Who,
        object: String,
        record: Option<Id>,
    },
    /// Something is still missing.
    Part,
}

/// The question as it was asked.
pub(super) struct Question {
    pub(super) asked: Asked,
    pub(super) who: Option<Who>,
    pub(super) typed_user: String,
    pub(super) people: Vec<Who>,
    pub(super) record: Option<Id>,
    pub(super) record_name: String,
    pub(super) typed_record: String,
    pub(super) records: Vec<Offer>,
    pub(super) object: String,
    pub(super) field: String,
    pub(super) show: String,
}

impl Question {
    pub(super) async fn read(
        console: &Console,
        visitor: &Visitor,
        form: &Form,
    ) -> Result<Self, Error> {
        let text = |name| form.filled(name).unwrap_or_default().to_owned();
        let mut people = people(console, visitor, &wanted_user(form)).await?;
        let who = if people.len() == 1 {
            people.pop()
        } else {
            None
        };
        let typed_record = text("record");
        let catalogue = &visitor.caller.rights.catalogue;
        let mut record = id_in(catalogue, &typed_record);
        let mut records = Vec::new();
        if record.is_none() && !typed_record.is_empty() {
            records = found(console, visitor, &typed_record).await?;
            if let [one] = records.as_slice() {
                record = one.id.parse().ok();
                records.clear();
            }
        }
        let of_record = record.and_then(|id| catalogue.object_of(id.prefix()));
        let object = of_record.map_or_else(|| text("object"), |object| object.name.to_string());
        let record_name = match record {
            Some(id) => name_of(console, visitor, id).await?,
            None => String::new(),
        };
        let is_clear = record.is_some() || typed_record.is_empty();
        let asked = match &who {
            Some(who) if is_clear && !object.is_empty() => Asked::Whole {
                who: who.clone(),
                object: object.clone(),
                record,
            },
            _ => Asked::Part,
        };
        Ok(Self {
            asked,
            typed_user: form
                .filled("user.search")
                .or(form.filled("user"))
                .unwrap_or_default()
                .to_owned(),
            who,
            people,
            record,
            record_name,
            typed_record,
            records,
            object,
            field: text("field"),
            show: text("show"),
        })
    }

    /// What cannot be answered.
    pub(super) fn trouble(&self) -> Trouble {
        if self.who.is_none() && self.people.is_empty() && !self.typed_user.is_empty() {
            let text = format!("No active user is called “{}”.", self.typed_user);
            return Trouble::of_one("user", text);
        }
        if self.record.is_none() && self.records.is_empty() && !self.typed_record.is_empty() {
            let text = format!("“{}” names no record that you may see.", self.typed_record);
            return Trouble::of_one("record", text);
        }
        Trouble::default()
    }

    /// The same question about this person or record.
    pub(super) fn url_with(&self, user: Option<Id>, record: Option<&str>) -> String {
        let user = user.or(self.who.as_ref().map(|who| who.id));
        let user = user.map_or_else(|| self.typed_user.clone(), |id| id.to_string());
        let record = record.unwrap_or(&self.typed_record);
        let mut url = format!("{HERE}?user={}&record={}", encoded(&user), encoded(record));
        // The object of a record is told by its id.
        let object = if self.record.is_some() {
            ""
        } else {
            self.object.as_str()
        };
        for (name, value) in [
            ("object", object),
            ("show", &self.show),
            ("field", &self.field),
        ] {
            if !value.is_empty() {
                url = format!("{url}&{name}={}", encoded(value));
            }
        }
        url
    }

    /// The same question without the field.
    pub(super) fn url_of_all_fields(&self) -> String {
        let url = self.url_with(None, None);
        let field = format!("&field={}", encoded(&self.field));
        url.replace(&field, "")
    }
}

/// Whom the form names: the id that script has chosen, or what was typed.
fn wanted_user(form: &Form) -> String {
    let id = form.filled("user").unwrap_or_default();
    let Some(typed) = form.get("user.search").map(str::trim) else {
        return id.to_owned();
    };
    let was = form.get("user.was").unwrap_or_default();
    let is_as_shown = form
        .get("user.shown")
        .is_some_and(|shown| shown.trim() == typed);
    // Script empties the id while somebody types, and fills it when they choose.
    let is_chosen = !id.is_empty() && (id != was || is_as_shown);
    if is_chosen && !typed.is_empty() {
        id.to_owned()
    } else if is_as_shown && !was.is_empty() {
        was.to_owned()
    } else {
        typed.to_owned()
    }
}

/// The active users that a text means: by id, by their whole name or username, else by a part.
async fn people(console: &Console, visitor: &Visitor, wanted: &str) -> Result<Vec<Who>, Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let exact = match wanted.parse::<Id>() {
        Ok(id) => format!("Id = {}", literal(id.as_str())),
        Err(_) => format!("Name = {0} OR Username = {0}", literal(wanted)),
    };
    let part = format!("Name LIKE {0} OR Username LIKE {0}", containing(wanted));
    for condition in [exact, part] {
        let soql = format!(
            "SELECT Id, Name, Username FROM User WHERE IsActive = true AND ({condition}) ORDER BY Name ASC"
        );
        let table = console
            .org
            .browse(&visitor.caller, &soql, None, CANDIDATES_MAX)
            .await?;
        let people = table.rows().filter_map(|row| {
            let (name, username) = (row.text("Name").to_owned(), row.text("Username").to_owned());
            Some(Who {
                id: row.id("Id")?,
                name,
                username,
            })
        });
        let people: Vec<_> = people.collect();
        if !people.is_empty() {
            return Ok(people);
        }
    }
    Ok(Vec::new())
}

/// The id in a text: the text itself, or a part of an address.
fn id_in(catalogue: &Catalogue, text: &str) -> Option<Id> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    let mut ids = words.filter_map(|word| word.parse::<Id>().ok());
    ids.find(|id| catalogue.object_of(id.prefix()).is_some())
}

/// The records that are called so.
async fn found(console: &Console, visitor: &Visitor, typed: &str) -> Result<Vec<Offer>, Error> {
    let caller = &visitor.caller;
    let mut found = Vec::new();
    for name in SEARCHED {
        let object = caller.rights.catalogue.object(name);
        if let Some(object) = object.filter(|object| caller.rights.on(object).read) {
            found.extend(search(console, caller, object, typed, CANDIDATES_MAX).await?);
        }
    }
    Ok(found)
}

/// What a record is called; its id when it has no name or is not the visitor's to see.
async fn name_of(console: &Console, visitor: &Visitor, id: Id) -> Result<String, Error> {
    let caller = &visitor.caller;
    let object = caller.rights.catalogue.object_of(id.prefix());
    let named = object.filter(|object| caller.rights.on(object).read);
    let Some((object, name)) = named.and_then(|object| Some((object, object.name_field()?))) else {
        return Ok(id.to_string());
    };
    let soql = format!(
        "SELECT {} FROM {} WHERE Id = {}",
        name.name,
        object.name,
        literal(id.as_str())
    );
    let table = console.org.browse(caller, &soql, None, 1).await?;
    let name = table.first().map(|row| row.text(&name.name).to_owned());
    let name = name
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| id.to_string());
    Ok(format!("{} {name}", object.label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_in_an_address() {
        let catalogue = Catalogue::built_in().unwrap();
        let id = "0PAHW000000007e4AA";
        for text in [
            id,
            &format!("http://127.0.0.1:8080/r/MessagingEndUser/{id}?from=x"),
            &format!("/{id}"),
        ] {
            let found = id_in(&catalogue, text).map(|id| id.to_string());
            assert_eq!(found.as_deref(), Some(id), "{text}");
        }
        assert_eq!(id_in(&catalogue, "Jordan Avery"), None);
    }
}
