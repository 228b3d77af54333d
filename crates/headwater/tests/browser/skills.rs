//! Skills and overflow in Setup › Routing, and what they do to customers who wait.

use headwater_testbrowser::{Look, Window};
use serde_json::json;

use crate::chat::{said, writes};
use crate::stage::{ADMIN, AGENT, Stage};
use crate::work::becomes;

const ROUTING: &str = "/setup/routing";

/// Whom the customer's session was ever offered to.
fn offered(stage: &Stage, name: &str) -> Vec<String> {
    let ids = stage.sessions_of(name);
    let soql = format!(
        "SELECT User.Name FROM AgentWork WHERE WorkItemId = '{}'",
        ids[0]
    );
    let rows = stage.admin.query(&soql);
    let names = rows
        .iter()
        .map(|row| row["User"]["Name"].as_str().unwrap().to_owned());
    names.collect()
}

/// Makes a skill, and has the demo's routing configuration ask for it.
fn asks_for_french(admin: &Window) {
    admin.go(ROUTING);
    admin.click("New skill");
    admin.fill("Name", "French");
    admin.fill("Developer Name", "French");
    admin.click("Save");
    admin.sees("French");
    admin.go(ROUTING);
    admin.sees("Nobody has it.");
    admin.fill("Ask for", "French");
    admin.click("Add to Messaging Support");
    admin.within("Notices").sees("Saved.");
    admin.offers("Edit French of Messaging Support");
}

#[test]
fn a_customer_is_offered_only_to_who_has_the_skill_that_setup_asks_for() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let admin = stage.window(ADMIN, Look::default());
    asks_for_french(&admin);
    admin.is_accessible();
    let agent = stage.window(AGENT, Look::default());
    becomes(&agent, "Available");
    becomes(&admin, "Available");
    let customer = stage.stranger(Look::default());
    customer.go("/chat/Web_Chat");
    writes(&customer, "Bonjour, où est mon colis ?");
    said(&customer, "Sent");

    // Two agents of the queue are there and have room, and the customer waits all the same.
    admin.go("/o/MessagingSession?view=waiting");
    admin.click("Guest");
    admin.sees("Why it waits");
    admin.sees("French");
    assert_eq!(offered(&stage, "Guest"), Vec::<String>::new());

    // Now one of them has the skill.
    admin.go(ROUTING);
    admin.fill("Give", "Sasha Lindqvist");
    admin.fill("the skill", "French");
    admin.click("Give");
    admin.within("Notices").sees("Saved.");
    agent.offers("Accept Guest");
    assert_eq!(offered(&stage, "Guest"), ["Sasha Lindqvist"]);
    admin.does_not_offer("Accept Guest");
    agent.click("Accept Guest");
    agent.sees("Bonjour, où est mon colis ?");
    said(&customer, "Sasha Lindqvist has joined.");
}

#[test]
fn what_is_too_much_in_line_goes_to_the_queue_that_setup_names() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let queue = json!({ "Name": "Evening", "DeveloperName": "Evening", "Type": "Queue" });
    let queue = stage.admin.create("Group", &queue);
    let takes = json!({ "QueueId": queue, "SobjectType": "MessagingSession" });
    stage.admin.create("QueueSobject", &takes);
    let in_line = "SELECT Id FROM PendingServiceRouting WHERE IsPushed = false";
    let most = stage.admin.query(in_line).len() + 1;

    let admin = stage.window(ADMIN, Look::default());
    admin.go(ROUTING);
    admin.sees("any number may wait");
    admin.click("Edit Messaging Support");
    admin.fill("Most Sessions in Line", &most.to_string());
    admin.fill("OverflowAssignee", "Even");
    admin.pick("Evening");
    admin.click("Save");
    let configuration = stage.admin.id("SELECT Id FROM QueueRoutingConfig");
    admin.is_at(&format!("/r/QueueRoutingConfig/{configuration}"));
    admin.go(ROUTING);
    admin.sees(&format!("while {most} wait, new sessions go to Evening"));

    let owner = |text: &str| {
        let customer = stage.stranger(Look::default());
        customer.go("/chat/Web_Chat");
        writes(&customer, text);
        said(&customer, "Sent");
        let newest = stage.sessions_of("Guest").remove(0);
        let soql = format!("SELECT Owner.Name FROM MessagingSession WHERE Id = '{newest}'");
        let rows = stage.admin.query(&soql);
        rows[0]["Owner"]["Name"].as_str().unwrap().to_owned()
    };
    assert_eq!(owner("The last who fits in"), "Messaging Support");
    assert_eq!(owner("One too many"), "Evening");
}
