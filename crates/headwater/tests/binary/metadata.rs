//! `headwater metadata load`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::headwater::{Client, Headwater};

const OBJECT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">
    <deploymentStatus>Deployed</deploymentStatus>
    <label>Invoice</label>
    <nameField><displayFormat>INV-{0000}</displayFormat><label>Number</label><type>AutoNumber</type></nameField>
    <pluralLabel>Invoices</pluralLabel>
    <sharingModel>ReadWrite</sharingModel>
</CustomObject>
"#;

fn field(name: &str, rest: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <CustomField xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n\
         <fullName>{name}</fullName>\n{rest}\n</CustomField>\n"
    )
}

/// A project with an object of its own and fields on it and on Account.
pub(crate) fn project(directory: &Path) {
    let objects = directory.join("main/default/objects");
    let write = |path: &str, content: &str| {
        let path = objects.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    write("Invoice__c/Invoice__c.object-meta.xml", OBJECT);
    let fields = [
        (
            "Invoice__c",
            "Amount__c",
            "<label>Amount</label><type>Currency</type><precision>18</precision><scale>2</scale>",
        ),
        (
            "Invoice__c",
            "Due__c",
            "<label>Due</label><type>Date</type>",
        ),
        (
            "Invoice__c",
            "Paid__c",
            "<label>Paid</label><type>Checkbox</type><defaultValue>false</defaultValue>",
        ),
        (
            "Invoice__c",
            "Key__c",
            "<label>Key</label><type>Text</type><length>20</length><externalId>true</externalId><unique>true</unique>",
        ),
        (
            "Invoice__c",
            "Account__c",
            "<label>Account</label><type>Lookup</type><referenceTo>Account</referenceTo><relationshipName>Invoices</relationshipName>",
        ),
        (
            "Account",
            "Tier__c",
            "<label>Tier</label><type>Picklist</type><valueSet><restricted>true</restricted><valueSetDefinition><sorted>false</sorted><value><fullName>Gold</fullName><default>false</default><label>Gold</label></value><value><fullName>Silver</fullName><default>false</default><label>Silver</label></value></valueSetDefinition></valueSet>",
        ),
    ];
    for (object, name, rest) in fields {
        let path = format!("{object}/fields/{name}.field-meta.xml");
        write(&path, &field(name, rest));
    }
}

fn whats(loaded: &Value) -> Vec<&str> {
    let loaded = loaded.as_array().unwrap().iter();
    loaded.map(|one| one["what"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_project_is_loaded_into_a_running_server_and_used_at_once() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    project(&headwater.path("force-app"));
    let loaded = headwater.json(&["metadata", "load", "force-app"]);
    assert_eq!(whats(&loaded), ["made"; 7], "{loaded}");
    let token = headwater.run(&["token", "--user", "admin@headwater.example"]);
    let client = Client::with(server.url(), token.out.trim());
    let account = client
        .query("SELECT Id FROM Account WHERE Name = 'Sample'")
        .await;
    let account = &account["records"][0]["Id"];
    let invoice = json!({ "Amount__c": 99.5, "Key__c": "k1", "Account__c": account });
    let path = "/services/data/v67.0/sobjects/Invoice__c";
    let (status, body) = client.post(path, &invoice).await.unwrap();
    assert_eq!(status, 201, "{body}");
    let soql = "SELECT Name, Amount__c, Paid__c, Account__r.Name FROM Invoice__c";
    let found = &client.query(soql).await["records"][0];
    assert_eq!(found["Name"], "INV-0001");
    assert_eq!(found["Amount__c"], 99.5);
    assert_eq!(found["Paid__c"], false);
    assert_eq!(found["Account__r"]["Name"], "Sample");
}

#[test]
fn loading_again_changes_only_what_differs() {
    let headwater = Headwater::new();
    let force_app = headwater.path("force-app");
    project(&force_app);
    headwater.json(&["metadata", "load", "force-app"]);
    let again = headwater.json(&["metadata", "load", "force-app"]);
    assert_eq!(whats(&again), ["unchanged"; 7], "{again}");
    let due = force_app.join("main/default/objects/Invoice__c/fields/Due__c.field-meta.xml");
    fs::write(
        due,
        field("Due__c", "<label>Due on</label><type>Date</type>"),
    )
    .unwrap();
    let changed = headwater.json(&["metadata", "load", "force-app"]);
    let changed: Vec<_> = changed
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["what"] != "unchanged")
        .collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_eq!(changed[0]["name"], "Invoice__c.Due__c");
    assert_eq!(changed[0]["changes"], json!(["label"]));
}

#[test]
fn mistakes_are_told_with_file_and_line_and_nothing_is_loaded() {
    let headwater = Headwater::new();
    let force_app = headwater.path("force-app");
    project(&force_app);
    let path = "main/default/objects/Account/fields/Tier__c.field-meta.xml";
    let wrong = "<label>Tier</label>\n<type>Text</type>\n<length>many</length>";
    fs::write(force_app.join(path), field("Tier__c", wrong)).unwrap();
    let said = headwater.run(&["metadata", "load", "force-app"]);
    assert_eq!(said.code, 5);
    assert!(
        said.err
            .contains(&format!("{path}:6: <length> is a number")),
        "{}",
        said.err
    );
    let said = headwater.run(&[
        "fields",
        "Invoice__c",
        "--url",
        "http://127.0.0.1:9",
        "--token",
        "x",
    ]);
    assert_eq!(said.code, 6, "{}", said.err);
}

/// As real projects are: with formulas, and with fields of objects that are not here.
#[test]
fn what_cannot_be_here_is_refused_unless_it_may_be_skipped() {
    let headwater = Headwater::new();
    let force_app = headwater.path("force-app");
    project(&force_app);
    let objects = force_app.join("main/default/objects");
    let strange = [
        (
            "Invoice__c",
            "Net__c",
            "<formula>Amount__c / 1.2</formula><label>Net</label><type>Currency</type>",
        ),
        (
            "Invoice__c",
            "Place__c",
            "<label>Place</label><type>Location</type><scale>5</scale>",
        ),
        (
            "ServiceAppointment",
            "Note__c",
            "<label>Note</label><type>Text</type><length>9</length>",
        ),
        (
            "Invoice__c",
            "Asset__c",
            "<label>Asset</label><type>Lookup</type><referenceTo>Asset</referenceTo>",
        ),
        (
            "Invoice__c",
            "Since__c",
            "<label>Since</label><type>Date</type><defaultValue>TODAY()</defaultValue>",
        ),
    ];
    for (object, name, rest) in strange {
        let fields = objects.join(object).join("fields");
        fs::create_dir_all(&fields).unwrap();
        fs::write(
            fields.join(format!("{name}.field-meta.xml")),
            field(name, rest),
        )
        .unwrap();
    }
    let said = headwater.run(&["metadata", "load", "force-app"]);
    assert_eq!(said.code, 5);
    for words in [
        "Net__c.field-meta.xml:4: formula",
        "no object ServiceAppointment",
        "no object Asset",
        "type Location",
    ] {
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
    let loaded = headwater.json(&["metadata", "load", "force-app", "--skip-unsupported"]);
    let whats = whats(&loaded);
    assert_eq!(
        whats.iter().filter(|what| **what == "made").count(),
        7,
        "{loaded}"
    );
    assert_eq!(
        whats.iter().filter(|what| **what == "skipped").count(),
        5,
        "{loaded}"
    );
    let again = headwater.json(&["metadata", "load", "force-app", "--skip-unsupported"]);
    let again = super::metadata::whats(&again);
    assert_eq!(again.iter().filter(|what| **what == "unchanged").count(), 7);
}

#[test]
fn what_the_org_refuses_is_told_with_its_file() {
    let headwater = Headwater::new();
    let force_app = headwater.path("force-app");
    let fields = force_app.join("objects/Account/fields");
    fs::create_dir_all(&fields).unwrap();
    let wrong = "<label>To</label><type>Text</type><length>999</length>";
    fs::write(fields.join("To__c.field-meta.xml"), field("To__c", wrong)).unwrap();
    let said = headwater.run(&["metadata", "load", "force-app"]);
    assert_eq!(said.code, 5, "{}", said.err);
    assert!(
        said.err
            .contains("objects/Account/fields/To__c.field-meta.xml:"),
        "{}",
        said.err
    );
}
