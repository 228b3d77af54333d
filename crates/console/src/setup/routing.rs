//! Routing: which queues are offered to agents and how, what agents can say of themselves, and how much
//! they get.

pub(super) mod skills;

use axum::extract::State;
use axum::response::Response;
use headwater_catalogue::Value;
use headwater_records::{Cells, Draft, Precondition, Table};
use maud::{Markup, html};

use super::controls::Trouble;
use super::{Change, ROWS, Viewer, done, framed};
use crate::console::Console;
use crate::fault::Fault;
use crate::icons;
use crate::text::literal;
use crate::toast::Notice;
use crate::visitor::Visitor;

pub(super) const HERE: &str = "/setup/routing";

/// What the page is made of.
struct Shown {
    queues: Table,
    configurations: Table,
    /// What they ask for.
    asked: Table,
    skills: Table,
    /// Who has them.
    had: Table,
    users: Table,
    statuses: Table,
    taking: Table,
    manners: Table,
}

impl Shown {
    async fn read(console: &Console, visitor: &Visitor) -> Result<Self, Fault> {
        let all = async |soql: &str| {
            let caller = &visitor.caller;
            console.org.browse(caller, soql, None, ROWS * 10).await
        };
        Ok(Self {
            queues: all(
                "SELECT Id, Name, QueueRoutingConfigId FROM Group WHERE Type = 'Queue' \
                 ORDER BY Name, Id",
            )
            .await?,
            configurations: all(
                "SELECT Id, MasterLabel, RoutingModel, RoutingPriority, CapacityWeight, \
                 CapacityPercentage, PushTimeout, UnattendedTimeout, LineMax, OverflowAssigneeId, \
                 OverflowAssignee.Name, IsAttributeBased, DropAdditionalSkillsTimeout \
                 FROM QueueRoutingConfig ORDER BY MasterLabel, Id",
            )
            .await?,
            asked: all(
                "SELECT Id, QueueRoutingConfigId, Skill.MasterLabel, SkillLevel, IsAdditionalSkill, \
                 SkillPriority FROM QueueRoutingConfigSkill ORDER BY Skill.MasterLabel, Id",
            )
            .await?,
            skills: all("SELECT Id, MasterLabel, Description FROM Skill ORDER BY MasterLabel, Id")
                .await?,
            had: all(
                "SELECT Id, SkillId, SkillLevel, EffectiveStartDate, EffectiveEndDate, \
                 ServiceResourceId, ServiceResource.Name, ServiceResource.IsActive \
                 FROM ServiceResourceSkill ORDER BY ServiceResource.Name, Id",
            )
            .await?,
            users: all(
                "SELECT Id, Name FROM User WHERE IsActive = true AND UserType = 'Standard' \
                 ORDER BY Name, Id",
            )
            .await?,
            statuses: all(
                "SELECT Id, MasterLabel FROM ServicePresenceStatus ORDER BY MasterLabel, Id",
            )
            .await?,
            taking: all("SELECT Id, ServicePresenceStatusId FROM ServiceChannelStatus ORDER BY Id")
                .await?,
            manners: all(
                "SELECT Id, MasterLabel, DeveloperName, Capacity, OptionsIsAutoAcceptEnabled, \
                 OptionsIsDeclineEnabled FROM PresenceUserConfig ORDER BY MasterLabel, Id",
            )
            .await?,
        })
    }
}

pub(super) async fn show(
    State(console): State<Console>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    page(&console, visitor, &Trouble::default()).await
}

async fn page(console: &Console, visitor: Visitor, trouble: &Trouble) -> Result<Response, Fault> {
    let shown = Shown::read(console, &visitor).await?;
    let main = html! {
        header .page-head { h1 { "Routing" } }
        p .soft {
            "Sessions that wait in a routed queue are offered to its agents who are available and have room. "
            "Agents of other queues take what waits by themselves."
        }
        (queues(&visitor, &shown))
        (configurations(&visitor, &shown, trouble))
        (skills::section(&visitor, &shown, console.org.now(), trouble))
        (statuses(&visitor, &shown))
        (manners(&visitor, &shown))
    };
    framed(console, visitor, HERE, "Routing", &main).await
}

/// The head of a part, with the way to make one more.
fn head(visitor: &Visitor, title: &str, object: &str, noun: &str) -> Markup {
    html! {
        header .page-head {
            h2 { (title) }
            @if visitor.customizes() {
                a .button.quiet href={ "/o/" (object) "/new" } { (icons::PLUS) "New " (noun) }
            }
        }
    }
}

fn edit(visitor: &Visitor, object: &str, row: Cells<'_>) -> Markup {
    html! {
        @if let (true, Some(id)) = (visitor.customizes(), row.id("Id")) {
            div .ways { a .button.quiet href={ "/r/" (object) "/" (id) "/edit" } {
                "Edit" span .unseen { " " (row.text("MasterLabel")) } } }
        }
    }
}

fn queues(visitor: &Visitor, shown: &Shown) -> Markup {
    html! {
        header .page-head {
            h2 { "Queues" }
            @if visitor.manages_users() {
                a .button.quiet href="/o/Group/new" { (icons::PLUS) "New queue" }
            }
        }
        @if shown.queues.is_empty() { p .nothing { "There are no queues yet: a queue is a group whose type is Queue." } }
        ul .apps { @for row in shown.queues.rows() { @if let Some(id) = row.id("Id") {
            li .sheet.app {
                form .routing-queue method="post" action={ (HERE) "/queue" } {
                    (visitor.token_field())
                    input type="hidden" name="queue" value=(id);
                    a href={ "/" (id) } { strong { (row.text("Name")) } }
                    label for={ "routing-" (id) } { "is routed by" }
                    select id={ "routing-" (id) } name="configuration" disabled[!visitor.manages_users()] {
                        option value="" { "nothing: its agents take what waits" }
                        @for one in shown.configurations.rows() { @if let Some(known) = one.id("Id") {
                            option value=(known) selected[row.id("QueueRoutingConfigId") == Some(known)] { (one.text("MasterLabel")) }
                        } }
                    }
                    @if visitor.manages_users() { button { "Save" span .unseen { " " (row.text("Name")) } } }
                }
            }
        } } }
    }
}

fn configurations(visitor: &Visitor, shown: &Shown, trouble: &Trouble) -> Markup {
    const OBJECT: &str = "QueueRoutingConfig";
    html! {
        (head(visitor, "Routing configurations", OBJECT, "configuration"))
        @if shown.configurations.is_empty() { p .nothing { "There is none yet, so no queue is routed." } }
        ul .apps { @for row in shown.configurations.rows() { li .sheet.app {
            div .app-head { h3 { (row.text("MasterLabel")) } (edit(visitor, OBJECT, row)) }
            dl .facts-list {
                div { dt { "Asks first" } dd { @match row.text("RoutingModel") {
                    "MostAvailable" => { "the agent with the most room" }
                    _ => { "the agent with the least work" }
                } } }
                div { dt { "Priority" } dd { (number(row.get("RoutingPriority"))) } }
                div { dt { "A session takes" } dd {
                    @match (number(row.get("CapacityPercentage")), number(row.get("CapacityWeight"))) {
                        (percentage, _) if !percentage.is_empty() => { (percentage) " % of an agent's capacity" }
                        (_, weight) if !weight.is_empty() => { (weight) " of an agent's capacity" }
                        _ => { "1 of an agent's capacity" }
                    }
                } }
                div { dt { "An offer stands" } dd { @match number(row.get("PushTimeout")).as_str() {
                    "" => { "60 seconds" }
                    seconds => { (seconds) " seconds" }
                } } }
                div { dt { "Line" } dd { (overflow(row)) } }
                div { dt { "Skills" } dd { (skills::asked(visitor, shown, row, trouble)) } }
                div { dt { "Agent gone" } dd { @match number(row.get("UnattendedTimeout")).as_str() {
                    "" => { "their sessions stay with them" }
                    seconds => { "their sessions go back after " (seconds) " seconds" }
                } } }
            }
        } } }
    }
}

/// How many may wait, and who gets what is too much.
fn overflow(row: Cells<'_>) -> Markup {
    let most = number(row.get("LineMax"));
    html! {
        @match (most.as_str(), row.id("OverflowAssigneeId")) {
            ("", None) => { "any number may wait" }
            ("", Some(_)) => { "any number may wait: an overflow assignee is named, but no number" }
            (most, None) => { "any number may wait: " (most) " is named, but no overflow assignee" }
            (most, Some(assignee)) => {
                "while " (most) " wait, new sessions go to " a href={ "/" (assignee) } { (row.text("OverflowAssignee.Name")) }
            }
        }
    }
}

fn statuses(visitor: &Visitor, shown: &Shown) -> Markup {
    let takes = |row: Cells<'_>| {
        let id = row.id("Id");
        let mut taking = shown.taking.rows();
        taking.any(|one| id.is_some() && one.id("ServicePresenceStatusId") == id)
    };
    html! {
        (head(visitor, "Presence statuses", "ServicePresenceStatus", "status"))
        ul .apps { @for row in shown.statuses.rows() { @if let Some(id) = row.id("Id") {
            li .sheet.app { div .app-head {
                h3 {
                    (row.text("MasterLabel")) " "
                    @if takes(row) { span .status.is-active { "Gets sessions" } } @else { span .status { "Away" } }
                }
                @if visitor.customizes() {
                    form method="post" action={ (HERE) "/status" } {
                        (visitor.token_field())
                        input type="hidden" name="status" value=(id);
                        input type="hidden" name="takes" value=(!takes(row));
                        button .quiet {
                            @if takes(row) { "Give it no sessions" } @else { "Give it sessions" }
                            span .unseen { ": " (row.text("MasterLabel")) }
                        }
                    }
                }
            } }
        } } }
    }
}

fn manners(visitor: &Visitor, shown: &Shown) -> Markup {
    const OBJECT: &str = "PresenceUserConfig";
    html! {
        (head(visitor, "Presence configurations", OBJECT, "configuration"))
        p .soft {
            "A user has the one of theirs, else that of their profile, else the default one. "
            a href="/o/PresenceUserConfigUser/new" { "Give one to a user" } " or "
            a href="/o/PresenceUserConfigProfile/new" { "to a profile" } "."
        }
        ul .apps { @for row in shown.manners.rows() { li .sheet.app {
            div .app-head { h3 { (row.text("MasterLabel")) } (edit(visitor, OBJECT, row)) }
            dl .facts-list {
                div { dt { "Capacity" } dd { (number(row.get("Capacity"))) } }
                div { dt { "Offers" } dd {
                    @if row.get("OptionsIsAutoAcceptEnabled").is_true() { "are accepted by themselves" }
                    @else if row.get("OptionsIsDeclineEnabled").is_true() { "can be declined" }
                    @else { "cannot be declined" }
                } }
            }
        } } }
    }
}

/// A number as people write it; empty for none.
fn number(value: &Value) -> String {
    match value {
        Value::Integer(whole) => whole.to_string(),
        Value::Decimal(decimal) => decimal.normalize().to_string(),
        _ => String::new(),
    }
}

/// Says how a queue is routed.
pub(super) async fn set_queue(
    State(console): State<Console>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let configuration = form.filled("configuration");
    let draft = Draft::new().with(
        "QueueRoutingConfigId",
        configuration.map_or(Value::Null, Value::from),
    );
    let queue = form.get("queue").unwrap_or_default();
    let written = console.org.update(
        &visitor.caller,
        "Group",
        queue,
        draft,
        Precondition::default(),
    );
    written.await?;
    Ok(done(HERE, Notice::Saved))
}

/// Says whether agents of a status get sessions.
pub(super) async fn set_status(
    State(console): State<Console>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    const OBJECT: &str = "ServiceChannelStatus";
    let status = form.get("status").unwrap_or_default();
    let soql = format!(
        "SELECT Id FROM {OBJECT} WHERE ServicePresenceStatusId = {}",
        literal(status)
    );
    let (org, caller) = (&console.org, &visitor.caller);
    let known = org.browse(caller, &soql, None, ROWS).await?;
    if form.get("takes") != Some("true") {
        for id in known.rows().filter_map(|row| row.id("Id")) {
            org.delete(caller, OBJECT, id.as_str()).await?;
        }
    } else if known.is_empty() {
        let soql = "SELECT Id FROM ServiceChannel WHERE DeveloperName = 'sfdc_livemessage'";
        let channel = org.browse(caller, soql, None, 1).await?;
        let channel = channel.first().and_then(|row| row.id("Id"));
        let draft = Draft::new()
            .with("ServicePresenceStatusId", status)
            .with("ServiceChannelId", channel.map_or(Value::Null, Value::Id));
        org.create(caller, OBJECT, draft).await?;
    }
    Ok(done(HERE, Notice::Saved))
}
