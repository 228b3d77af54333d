//! Profiles and permission sets: the list of them, and making one.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::{Id, Value};
use headwater_records::{Caller, Draft, Error, Table};
use maud::{Markup, html};

use super::controls::{Line, Trouble};
use super::{Change, Viewer, crumbs, done, framed, refused};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::icons;
use crate::text::{counted, literal};
use crate::toast::Notice;
use crate::visitor::Visitor;

pub(super) const HERE: &str = "/setup/permission-sets";

/// Most profiles, and most permission sets, that are listed.
const LISTED_MAX: u64 = 500;

/// A permission set, or the one in which a profile keeps its rights.
#[derive(Debug, Clone)]
pub(super) struct Set {
    pub(super) id: Id,
    /// What people call it: a profile's own goes by the profile's name.
    pub(super) name: String,
    pub(super) description: String,
    /// The profile whose own it is.
    pub(super) profile: Option<Id>,
}

impl Set {
    /// What is selected for one.
    pub(super) const PATHS: &str =
        "Id, Label, Description, ProfileId, Profile.Name, Profile.Description";

    pub(super) fn all(table: &Table) -> Vec<Self> {
        let rows = table.rows().filter_map(|row| {
            let profile = row.id("ProfileId");
            let (name, description) = match profile {
                Some(_) => (row.text("Profile.Name"), row.text("Profile.Description")),
                None => (row.text("Label"), row.text("Description")),
            };
            let (name, description) = (name.to_owned(), description.to_owned());
            Some(Self {
                id: row.id("Id")?,
                name,
                description,
                profile,
            })
        });
        rows.collect()
    }

    /// Those that a condition finds, by name.
    pub(super) async fn found(
        console: &Console,
        caller: &Caller,
        condition: &str,
    ) -> Result<Vec<Self>, Error> {
        let paths = Self::PATHS;
        let soql =
            format!("SELECT {paths} FROM PermissionSet WHERE {condition} ORDER BY Label ASC");
        let table = console.org.browse(caller, &soql, None, LISTED_MAX).await?;
        let mut sets = Self::all(&table);
        sets.sort_by_key(|set| set.name.to_lowercase());
        Ok(sets)
    }

    /// The one of this id.
    pub(super) async fn read(console: &Console, caller: &Caller, id: &str) -> Result<Self, Error> {
        let not_found = || Error::NotFound(id.to_owned());
        let parsed: Id = id.parse().map_err(|_| not_found())?;
        let condition = format!("Id = {}", literal(parsed.as_str()));
        let sets = Self::found(console, caller, &condition).await?;
        sets.into_iter().next().ok_or_else(not_found)
    }

    pub(super) fn url(&self) -> String {
        format!("{HERE}/{}", self.id)
    }

    /// `profile` or `permission set`.
    pub(super) fn kind(&self) -> &'static str {
        if self.profile.is_some() {
            "profile"
        } else {
            "permission set"
        }
    }

    /// Where its name and description are edited.
    pub(super) fn edit_url(&self) -> String {
        match self.profile {
            Some(profile) => format!("/r/Profile/{profile}/edit"),
            None => format!("/r/PermissionSet/{}/edit", self.id),
        }
    }

    /// How many people have it.
    async fn people(&self, console: &Console, caller: &Caller) -> Result<u64, Error> {
        let soql = match self.profile {
            Some(profile) => format!(
                "SELECT COUNT() FROM User WHERE ProfileId = {} AND IsActive = true",
                literal(profile.as_str())
            ),
            None => format!(
                "SELECT COUNT() FROM PermissionSetAssignment WHERE PermissionSetId = {}",
                literal(self.id.as_str())
            ),
        };
        console.org.count(caller, &soql).await
    }
}

pub(super) async fn list(
    State(console): State<Console>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let caller = &visitor.caller;
    let profiles = Set::found(&console, caller, "ProfileId != null").await?;
    let sets = Set::found(&console, caller, "ProfileId = null").await?;
    let main = html! {
        header .page-head {
            h1 { "Permissions" }
            @if visitor.manages_users() {
                a .button href={ (HERE) "/new" } data-key="c" data-label="New permission set" { (icons::PLUS) "New" }
            }
        }
        p .lead { "Everybody has one profile, and any number of permission sets beside it. What any of them grants holds." }
        (table(&console, &visitor, "Profiles", &profiles).await?)
        (table(&console, &visitor, "Permission sets", &sets).await?)
    };
    framed(&console, visitor, HERE, "Permissions", &main).await
}

async fn table(
    console: &Console,
    visitor: &Visitor,
    title: &str,
    sets: &[Set],
) -> Result<Markup, Fault> {
    let mut rows = Vec::new();
    for set in sets {
        rows.push((set, set.people(console, &visitor.caller).await?));
    }
    Ok(html! {
        section .setup-part {
            h2 { (title) }
            @if rows.is_empty() { p .none { "There are none yet." } } @else {
                div .list-frame {
                    table .list data-list {
                        caption .unseen { (title) }
                        thead { tr { th scope="col" { "Name" } th scope="col" { "What for" } th scope="col" { "People" } } }
                        tbody {
                            @for (set, people) in &rows {
                                tr data-href=(set.url()) {
                                    th scope="row" { a .row-link href=(set.url()) { (set.name) } }
                                    td data-label="What for" { span { (set.description) } }
                                    td data-label="People" { span { (counted(*people, "person", "people")) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}

pub(super) async fn ask(
    State(console): State<Console>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    super::may(&visitor, headwater_catalogue::SystemPermission::ManageUsers)?;
    new_page(&console, visitor, &Form::default(), &Trouble::default()).await
}

async fn new_page(
    console: &Console,
    visitor: Visitor,
    form: &Form,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    let value = |name| form.get(name).unwrap_or_default();
    let is_profile = form.get("kind") == Some("profile");
    let main = html! {
        (crumbs(&[(HERE, "Permissions")]))
        header .page-head { h1 { "New permission set or profile" } }
        form .sheet.form.whole method="post" action={ (HERE) "/new" } {
            (visitor.token_field())
            (trouble.show())
            fieldset .choices {
                legend { "What it is" }
                label { input type="radio" name="kind" value="set" checked[!is_profile];
                    span { "A permission set: rights that are added to what people have" } }
                label { input type="radio" name="kind" value="profile" checked[is_profile];
                    span { "A profile: where somebody's rights begin" } }
            }
            (Line { name: "Name", label: "Name", value: value("Name"), hint: "", required: true }.show(trouble))
            (Line { name: "Description", label: "What for", value: value("Description"), hint: "", required: false }.show(trouble))
            p .hint { "It begins with no rights at all; you give it some on the next page." }
            div .ways.foot {
                button .primary data-key="ctrl enter" { "Make it" }
                a .button.quiet href=(HERE) { "Cancel" }
            }
        }
    };
    framed(console, visitor, HERE, "New permission set", &main).await
}

pub(super) async fn make(
    State(console): State<Console>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    match make_one(&console, &visitor.caller, &form).await {
        Ok(id) => Ok(done(&format!("{HERE}/{id}"), Notice::Made)),
        Err(error) => {
            let mut trouble = Trouble::of(error)?;
            // A permission set's name for people is its label.
            for (field, _) in &mut trouble.fields {
                if *field == "Label" {
                    *field = "Name".into();
                }
            }
            let page = new_page(&console, visitor, &form, &trouble).await?;
            Ok(refused(page, StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}

async fn make_one(console: &Console, caller: &Caller, form: &Form) -> Result<Id, Error> {
    let name = form.filled("Name").unwrap_or_default();
    let description = form.filled("Description");
    let described = Draft::new().with("Description", Value::from(description.map(str::to_owned)));
    if form.get("kind") != Some("profile") {
        let draft = described.with("Label", name).with("Name", api_name(name));
        return console.org.create(caller, "PermissionSet", draft).await;
    }
    let profile = console
        .org
        .create(caller, "Profile", described.with("Name", name))
        .await?;
    let condition = format!("ProfileId = {}", literal(profile.as_str()));
    let sets = Set::found(console, caller, &condition).await?;
    sets.first()
        .map(|set| set.id)
        .ok_or_else(|| Error::internal("a profile without rights"))
}

/// A name for programs, made of one for people: `Field Staff (EU)` is `Field_Staff_EU`.
pub(super) fn api_name(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_for_programs_are_made_of_names_for_people() {
        assert_eq!(api_name("Field Staff (EU)"), "Field_Staff_EU");
        assert_eq!(api_name("  Renewal date "), "Renewal_date");
    }
}
