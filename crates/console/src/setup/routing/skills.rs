//! Skills: which there are, who has them, and which a routing configuration asks for.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::{Id, Value};
use headwater_records::{Cells, Draft, Error, Input, Precondition};
use jiff::Timestamp;
use maud::{Markup, html};

use super::{HERE, Shown, edit, head, number, page};
use crate::console::Console;
use crate::fault::Fault;
use crate::setup::controls::Trouble;
use crate::setup::{Change, done, refused};
use crate::text::literal;
use crate::toast::Notice;
use crate::value::moment;
use crate::visitor::Visitor;

/// The skills there are, each with who has it, and the way to give one to somebody.
pub(super) fn section(
    visitor: &Visitor,
    shown: &Shown,
    now: Timestamp,
    trouble: &Trouble,
) -> Markup {
    let skills = &shown.skills;
    html! {
        (head(visitor, "Skills", "Skill", "skill"))
        p .soft {
            "Sessions of a routing configuration that asks for skills are offered to those agents of their queue who have "
            "all of them, and well enough. Who is handed a session by name gets it in any case."
        }
        @if visitor.customizes() && !skills.is_empty() { (give_form(visitor, shown, trouble)) }
        @if skills.is_empty() { p .nothing { "There are none yet." } }
        ul .apps { @for row in skills.rows() { @if let Some(skill) = row.id("Id") {
            li .sheet.app {
                div .app-head { h3 { (row.text("MasterLabel")) } (edit(visitor, "Skill", row)) }
                @if !row.text("Description").is_empty() { p .soft { (row.text("Description")) } }
                @let owners: Vec<_> = shown.had.rows().filter(|one| one.id("SkillId") == Some(skill)).collect();
                @if owners.is_empty() { p .none { "Nobody has it." } }
                ul .assigned { @for one in owners { (owner(visitor, row.text("MasterLabel"), one, now)) } }
            }
        } } }
        @if shown.had.next.is_some() {
            p .soft { "There are more: " a href="/o/ServiceResourceSkill" { "all skills of agents" } "." }
        }
    }
}

/// Somebody who has a skill.
fn owner(visitor: &Visitor, skill: &str, row: Cells<'_>, now: Timestamp) -> Markup {
    let zone = &visitor.caller.zone;
    let start = row.get("EffectiveStartDate").as_datetime();
    let end = row.get("EffectiveEndDate").as_datetime();
    let name = row.text("ServiceResource.Name");
    html! {
        li {
            span {
                @if let Some(id) = row.id("ServiceResourceId") { a href={ "/" (id) } { (name) } }
                " " (number(row.get("SkillLevel")))
                @if !row.get("ServiceResource.IsActive").is_true() { " " span .status { "Not active" } }
                @if let Some(start) = start.filter(|start| *start > now) { " " span .soft { "from " (moment(start, zone)) } }
                @if let Some(end) = end {
                    " " @if end > now { span .soft { "until " (moment(end, zone)) } } @else { span .status { "Ended" } }
                }
            }
            @if let (true, Some(id)) = (visitor.customizes(), row.id("Id")) {
                div .ways {
                    a .button.quiet href={ "/r/ServiceResourceSkill/" (id) "/edit" } {
                        "Edit" span .unseen { " " (skill) " of " (name) }
                    }
                    (remove(visitor, "ServiceResourceSkill", id, &format!("{skill} of {name}")))
                }
            }
        }
    }
}

fn remove(visitor: &Visitor, object: &str, id: Id, what: &str) -> Markup {
    html! {
        form method="post" action={ (HERE) "/skills/remove" } {
            (visitor.token_field())
            input type="hidden" name="object" value=(object);
            input type="hidden" name="id" value=(id);
            button .quiet { "Remove" span .unseen { " " (what) } }
        }
    }
}

fn give_form(visitor: &Visitor, shown: &Shown, trouble: &Trouble) -> Markup {
    html! {
        form .sheet.setup-part.routing-queue method="post" action={ (HERE) "/skills" } {
            (visitor.token_field())
            label for="give-user" { "Give" }
            select #give-user name="user" required {
                option value="" { "Choose an agent…" }
                @for row in shown.users.rows() { @if let Some(id) = row.id("Id") {
                    option value=(id) { (row.text("Name")) }
                } }
            }
            label for="give-skill" { "the skill" }
            (choice("give-skill", shown))
            (level("give-level"))
            button { "Give" }
            @if let Some(text) = trouble.with("give") { p .problem role="alert" { (text) } }
        }
    }
}

fn choice(id: &str, shown: &Shown) -> Markup {
    html! {
        select id=(id) name="skill" required {
            option value="" { "Choose a skill…" }
            @for row in shown.skills.rows() { @if let Some(id) = row.id("Id") {
                option value=(id) { (row.text("MasterLabel")) }
            } }
        }
    }
}

fn level(id: &str) -> Markup {
    html! {
        label for=(id) { "at level" }
        input .short id=(id) type="number" name="level" min="0" max="99.99" step="0.01" value="0";
    }
}

/// What a routing configuration asks for, and the way to ask for more.
pub(super) fn asked(
    visitor: &Visitor,
    shown: &Shown,
    configuration: Cells<'_>,
    trouble: &Trouble,
) -> Markup {
    let id = configuration.id("Id");
    let of_this = |row: &Cells<'_>| id.is_some() && row.id("QueueRoutingConfigId") == id;
    let asked: Vec<_> = shown.asked.rows().filter(of_this).collect();
    let is_on = configuration.get("IsAttributeBased").is_true();
    let waived = number(configuration.get("DropAdditionalSkillsTimeout"));
    html! {
        @if asked.is_empty() { "none" }
        @if !asked.is_empty() && !is_on {
            span .status { "Not asked for" } " " span .soft { "Use with Skills-Based Routing Rules is not ticked." }
        }
        ul .assigned { @for row in &asked {
            li {
                span {
                    (row.text("Skill.MasterLabel")) " " (number(row.get("SkillLevel")))
                    @if row.get("IsAdditionalSkill").is_true() {
                        " " span .soft {
                            "additional" @if !row.get("SkillPriority").is_null() { ", priority " (number(row.get("SkillPriority"))) }
                            @if waived.is_empty() { ", never waived: there is no time-out" } @else { ", waived after " (waived) " seconds or a multiple" }
                        }
                    }
                }
                @if let (true, Some(id)) = (visitor.customizes(), row.id("Id")) {
                    div .ways {
                        a .button.quiet href={ "/r/QueueRoutingConfigSkill/" (id) "/edit" } {
                            "Edit" span .unseen { " " (row.text("Skill.MasterLabel")) " of " (configuration.text("MasterLabel")) }
                        }
                        (remove(visitor, "QueueRoutingConfigSkill", id, row.text("Skill.MasterLabel")))
                    }
                }
            }
        } }
        @if let (true, false, Some(id)) = (visitor.customizes(), shown.skills.is_empty(), id) {
            form .routing-queue method="post" action={ (HERE) "/skills/ask" } {
                (visitor.token_field())
                input type="hidden" name="configuration" value=(id);
                label for={ "ask-" (id) } { "Ask for" }
                (choice(&format!("ask-{id}"), shown))
                (level(&format!("ask-level-{id}")))
                label .tick { input type="checkbox" name="additional" value="true"; span { "additional" } }
                button { "Add" span .unseen { " to " (configuration.text("MasterLabel")) } }
                @if let Some(text) = trouble.with(id.as_str()) { p .problem role="alert" { (text) } }
            }
        }
    }
}

/// Gives a skill to somebody, or another level of one that they have.
pub(in crate::setup) async fn give(
    State(console): State<Console>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let (user, skill) = (form.get("user"), form.get("skill"));
    let level = Input::Number(form.filled("level").unwrap_or("0").to_owned());
    let (user, skill) = (user.unwrap_or_default(), skill.unwrap_or_default());
    let given = set_level(&console, &visitor, user, skill, level).await;
    answer(&console, visitor, "give", given).await
}

async fn set_level(
    console: &Console,
    visitor: &Visitor,
    user: &str,
    skill: &str,
    level: Input,
) -> Result<(), Error> {
    const OBJECT: &str = "ServiceResourceSkill";
    let (org, caller) = (&console.org, &visitor.caller);
    let resource = resource(console, visitor, user).await?;
    let soql = format!(
        "SELECT Id, EffectiveEndDate FROM {OBJECT} WHERE ServiceResourceId = {} AND SkillId = {}",
        literal(resource.as_str()),
        literal(skill)
    );
    let table = org.browse(caller, &soql, None, 1).await?;
    let mut draft = Draft::new().with("SkillLevel", level);
    let Some((row, id)) = table.first().and_then(|row| Some((row, row.id("Id")?))) else {
        let draft = draft
            .with("ServiceResourceId", resource)
            .with("SkillId", skill);
        org.create(caller, OBJECT, draft).await?;
        return Ok(());
    };
    let end = row.get("EffectiveEndDate").as_datetime();
    if end.is_some_and(|end| end <= org.now()) {
        draft = draft.with("EffectiveEndDate", Value::Null);
    }
    org.update(caller, OBJECT, id.as_str(), draft, Precondition::default())
        .await?;
    Ok(())
}

/// A user as somebody who has skills.
async fn resource(console: &Console, visitor: &Visitor, user: &str) -> Result<Id, Error> {
    const OBJECT: &str = "ServiceResource";
    let (org, caller) = (&console.org, &visitor.caller);
    let of_user = literal(user);
    let soql = format!("SELECT Id FROM {OBJECT} WHERE RelatedRecordId = {of_user}");
    let known = org.browse(caller, &soql, None, 1).await?;
    if let Some(id) = known.first().and_then(|row| row.id("Id")) {
        return Ok(id);
    }
    let soql = format!("SELECT Id, Name FROM User WHERE Id = {of_user}");
    let table = org.browse(caller, &soql, None, 1).await?;
    let found = table.first().and_then(|row| Some((row, row.id("Id")?)));
    let (row, id) = found.ok_or_else(|| Error::NotFound(user.to_owned()))?;
    let draft = Draft::new()
        .with("Name", row.text("Name"))
        .with("RelatedRecordId", id);
    org.create(caller, OBJECT, draft).await
}

/// Lets a routing configuration ask for a skill.
pub(in crate::setup) async fn ask(
    State(console): State<Console>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let configuration = form.get("configuration").unwrap_or_default();
    let level = form.filled("level").unwrap_or("0");
    let draft = Draft::new()
        .with("QueueRoutingConfigId", configuration)
        .with("SkillId", form.get("skill").unwrap_or_default())
        .with("SkillLevel", Input::Number(level.to_owned()))
        .with("IsAdditionalSkill", form.get("additional") == Some("true"));
    let (org, caller) = (&console.org, &visitor.caller);
    let added = async {
        org.create(caller, "QueueRoutingConfigSkill", draft).await?;
        // Whoever adds one wants it asked for.
        let on = Draft::new().with("IsAttributeBased", true);
        let object = "QueueRoutingConfig";
        org.update(caller, object, configuration, on, Precondition::default())
            .await
    };
    let added = added.await.map(|_| ());
    answer(&console, visitor, configuration, added).await
}

/// Takes a skill from somebody, or from what a routing configuration asks for.
pub(in crate::setup) async fn take_back(
    State(console): State<Console>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let object = match form.get("object") {
        Some("ServiceResourceSkill") => "ServiceResourceSkill",
        Some("QueueRoutingConfigSkill") => "QueueRoutingConfigSkill",
        _ => return Err(Fault::no_page()),
    };
    let id = form.get("id").unwrap_or_default();
    console.org.delete(&visitor.caller, object, id).await?;
    Ok(done(HERE, Notice::Saved))
}

/// Back to the page when a change was made, else the page with what was wrong beside its form.
async fn answer(
    console: &Console,
    visitor: Visitor,
    form: &str,
    written: Result<(), Error>,
) -> Result<Response, Fault> {
    let Err(error) = written else {
        return Ok(done(HERE, Notice::Saved));
    };
    let text = Trouble::of(error)?.summary.unwrap_or_default();
    let trouble = Trouble::of_one(form, text);
    let response = page(console, visitor, &trouble).await?;
    Ok(refused(response, StatusCode::UNPROCESSABLE_ENTITY))
}
