//! Objects and fields made at run time behave as if they had always been there.

use headwater_catalogue::{Id, Value};
use headwater_records::{CustomFieldSpec, CustomObjectSpec, Error, Problem};

use crate::world::{World, draft, problems};

fn field(object: &str, name: &str, kind: &str) -> CustomFieldSpec {
    CustomFieldSpec {
        object: object.to_owned(),
        name: name.to_owned(),
        label: name.replace('_', " "),
        kind: kind.to_owned(),
        ..CustomFieldSpec::default()
    }
}

fn object(name: &str) -> CustomObjectSpec {
    CustomObjectSpec {
        name: name.to_owned(),
        label: name.to_owned(),
        ..CustomObjectSpec::default()
    }
}

async fn make_field(world: &World, spec: CustomFieldSpec) -> Result<Id, Error> {
    world.org.create_custom_field(&world.admin, spec).await
}

#[tokio::test]
async fn a_custom_field_is_written_read_and_asked_for_at_once() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    let external = CustomFieldSpec {
        external_id: true,
        unique: true,
        length: Some(20),
        ..field("Account", "Ext", "Text")
    };
    make_field(&world, external).await.unwrap();
    let admin = world.again(&world.admin).await;
    world
        .update(&admin, account, &[("Ext__c", "A-1".into())])
        .await
        .unwrap();
    assert_eq!(
        world.read(&admin, account, "ext__c").unwrap(),
        Value::from("A-1")
    );
    assert_eq!(
        world
            .value(&admin, "SELECT Id FROM Account WHERE Ext__c = 'a-1'")
            .await,
        Value::Id(account)
    );
    assert_eq!(
        world
            .org
            .find(&admin, "Account", "Ext__c", "A-1")
            .await
            .unwrap(),
        account
    );
    let again = draft(&[("Name", "Other".into()), ("Ext__c", "A-1".into())]);
    let twice = world.org.create(&admin, "Account", again).await;
    assert!(matches!(twice, Err(Error::Duplicate { existing: Some(id), .. }) if id == account));
    let upserted = world
        .org
        .upsert(
            &admin,
            "Account",
            "Ext__c",
            "A-1",
            draft(&[("Site", "x".into())]),
            false,
        )
        .await;
    assert_eq!(upserted.unwrap().id, account);
    let long = problems(
        world
            .update(&admin, account, &[("Ext__c", "x".repeat(21).into())])
            .await,
    );
    assert!(matches!(&long[..], [Problem::TooLong { max: 20, .. }]));
}

#[tokio::test]
async fn administrators_may_use_a_new_field_and_others_when_they_are_let() {
    let world = World::new().await;
    make_field(&world, field("Account", "Secret", "Text"))
        .await
        .unwrap();
    let (admin, agent) = (
        world.again(&world.admin).await,
        world.again(&world.agent).await,
    );
    world
        .query(&admin, "SELECT Secret__c FROM Account")
        .await
        .unwrap();
    let refused = world.query(&agent, "SELECT Secret__c FROM Account").await;
    assert!(matches!(refused, Err(Error::Soql { .. })));
    let set = "SELECT Id FROM PermissionSet WHERE Profile.Name = 'Support Agent'";
    let set = world.value(&admin, set).await;
    let row = [
        ("ParentId", set),
        ("SobjectType", "Account".into()),
        ("Field", "Account.Secret__c".into()),
        ("PermissionsRead", true.into()),
    ];
    world
        .org
        .create(&admin, "FieldPermissions", draft(&row))
        .await
        .unwrap();
    world
        .query(&world.again(&agent).await, "SELECT Secret__c FROM Account")
        .await
        .unwrap();
}

#[tokio::test]
async fn every_type_of_field_can_be_made_and_holds_its_kind_of_value() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    let choices = vec![
        ("red".to_owned(), "Red".to_owned()),
        ("blue".to_owned(), "Blue".to_owned()),
    ];
    let specs = [
        (field("Account", "T1", "Text"), Value::from("x")),
        (field("Account", "T2", "TextArea"), Value::from("x\ny")),
        (field("Account", "T3", "LongTextArea"), Value::from("x\ny")),
        (field("Account", "T4", "Email"), Value::from("a@b.co")),
        (field("Account", "T5", "Phone"), Value::from("+49")),
        (
            field("Account", "T6", "Url"),
            Value::from("https://example.com"),
        ),
        (field("Account", "T7", "Checkbox"), Value::Boolean(true)),
        (
            CustomFieldSpec {
                precision: Some(6),
                scale: Some(2),
                ..field("Account", "T8", "Number")
            },
            Value::Decimal("1234.50".parse().unwrap()),
        ),
        (
            field("Account", "T9", "Currency"),
            Value::Decimal("7".parse().unwrap()),
        ),
        (
            field("Account", "T10", "Percent"),
            Value::Decimal("7".parse().unwrap()),
        ),
        (
            field("Account", "T11", "Date"),
            Value::Date("2026-01-31".parse().unwrap()),
        ),
        (
            field("Account", "T12", "DateTime"),
            Value::DateTime("2026-01-31T01:02:03Z".parse().unwrap()),
        ),
        (
            field("Account", "T13", "Time"),
            Value::Time("13:30:00".parse().unwrap()),
        ),
        (
            CustomFieldSpec {
                choices: choices.clone(),
                restricted: true,
                ..field("Account", "T14", "Picklist")
            },
            Value::from("red"),
        ),
        (
            CustomFieldSpec {
                choices,
                ..field("Account", "T15", "MultiselectPicklist")
            },
            Value::from("red;blue"),
        ),
        (
            CustomFieldSpec {
                reference_to: Some("Contact".to_owned()),
                relationship_name: Some("Mains".to_owned()),
                ..field("Account", "T16", "Lookup")
            },
            Value::Id(world.make("Contact", &[("LastName", "Doe".into())]).await),
        ),
    ];
    for (spec, value) in specs {
        let name = format!("{}__c", spec.name);
        make_field(&world, spec).await.unwrap();
        let admin = world.again(&world.admin).await;
        world
            .update(&admin, account, &[(&*name, value.clone())])
            .await
            .unwrap();
        assert_eq!(world.read(&admin, account, &name).unwrap(), value, "{name}");
    }
    let admin = world.again(&world.admin).await;
    let refused = problems(
        world
            .update(&admin, account, &[("T14__c", "green".into())])
            .await,
    );
    assert!(matches!(&refused[..], [Problem::NotInPicklist { .. }]));
    let name = world
        .value(
            &admin,
            "SELECT T16__r.Name FROM Account WHERE T15__c INCLUDES ('blue')",
        )
        .await;
    assert_eq!(name, Value::from("Doe"));
}

#[tokio::test]
async fn a_custom_object_is_there_after_a_restart() {
    let world = World::new().await;
    let invoices = CustomObjectSpec {
        auto_number: Some("INV-{0000}".to_owned()),
        ..object("Invoice")
    };
    world
        .org
        .create_custom_object(&world.admin, invoices)
        .await
        .unwrap();
    world
        .org
        .create_custom_object(&world.admin, object("Line__c"))
        .await
        .unwrap();
    let lookup = CustomFieldSpec {
        reference_to: Some("Invoice__c".to_owned()),
        relationship_name: Some("Lines".to_owned()),
        ..field("Line__c", "Invoice", "MasterDetail")
    };
    make_field(&world, lookup).await.unwrap();
    let admin = world.again(&world.admin).await;
    let invoice = world
        .org
        .create(&admin, "Invoice__c", draft(&[]))
        .await
        .unwrap();
    let line = draft(&[("Invoice__c", invoice.into())]);
    let line = world.org.create(&admin, "Line__c", line).await.unwrap();
    assert_eq!(
        world.read(&admin, line, "Name").unwrap(),
        Value::from(line.as_str())
    );

    let world = world.reopened().await;
    let soql = "SELECT Invoice__r.Name FROM Line__c";
    assert_eq!(
        world.value(&world.admin, soql).await,
        Value::from("INV-0001")
    );
    let second = world
        .org
        .create(&world.admin, "Invoice__c", draft(&[]))
        .await
        .unwrap();
    assert_eq!(
        world.read(&world.admin, second, "Name").unwrap(),
        Value::from("INV-0002")
    );
    world.delete(&world.admin, invoice).await.unwrap();
    assert_eq!(
        world
            .count(&world.admin, "SELECT COUNT() FROM Line__c")
            .await,
        0,
        "details go with their master"
    );
}

#[tokio::test]
async fn metadata_that_cannot_be_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let before = world.org.catalogue();
    let bad = [
        field("Account", "1st", "Text"),
        field("Account", "two__parts", "Text"),
        field("Account", "Fine", "Nonsense"),
        field("Account", "Fine", "Lookup"),
        CustomFieldSpec {
            length: Some(256),
            ..field("Account", "Fine", "Text")
        },
        CustomFieldSpec {
            precision: Some(19),
            ..field("Account", "Fine", "Number")
        },
        CustomFieldSpec {
            unique: true,
            ..field("Account", "Fine", "Date")
        },
        CustomFieldSpec {
            default_value: Some("x".to_owned()),
            ..field("Account", "Fine", "Checkbox")
        },
        CustomFieldSpec {
            display_format: Some("INV".to_owned()),
            ..field("Account", "Fine", "AutoNumber")
        },
    ];
    for spec in bad {
        let refused = make_field(&world, spec.clone()).await;
        assert!(
            matches!(refused, Err(Error::Invalid(_))),
            "{spec:?}: {refused:?}"
        );
    }
    let dangling = CustomFieldSpec {
        reference_to: Some("Nonsense__c".to_owned()),
        ..field("Account", "Fine", "Lookup")
    };
    assert!(matches!(
        make_field(&world, dangling).await,
        Err(Error::Metadata(_))
    ));
    let nowhere = make_field(&world, field("Nonsense__c", "Fine", "Text")).await;
    assert!(matches!(nowhere, Err(Error::UnknownObject(_))));
    let agent = world
        .org
        .create_custom_field(&world.agent, field("Account", "Fine", "Text"))
        .await;
    assert!(matches!(
        agent,
        Err(Error::NotPermitted("PermissionsCustomizeApplication"))
    ));
    assert!(std::sync::Arc::ptr_eq(&before, &world.org.catalogue()));
    assert_eq!(
        world
            .count(&world.admin, "SELECT COUNT() FROM CustomField")
            .await,
        0
    );
}

#[tokio::test]
async fn the_same_field_is_made_once_however_many_ask_at_a_time() {
    let world = World::new().await;
    let ask = || make_field(&world, field("Account", "Once", "Text"));
    let answers = tokio::join!(ask(), ask(), ask());
    let made = [answers.0, answers.1, answers.2]
        .iter()
        .filter(|answer| answer.is_ok())
        .count();
    assert_eq!(made, 1);
}

#[tokio::test]
async fn the_records_of_metadata_are_written_like_any_others() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    let colour = [
        ("TableEnumOrId", "Account".into()),
        ("DeveloperName", "Colour".into()),
        ("Label", "Colour".into()),
        ("Type", "picklist".into()),
        ("PicklistValues", "red\tRed\nblue".into()),
        ("IsPicklistRestricted", true.into()),
    ];
    let colour = world.make("CustomField", &colour).await;
    let admin = world.again(&world.admin).await;
    let green = [("Colour__c", Value::from("green"))];
    problems(world.update(&admin, account, &green).await);
    let values = [
        ("PicklistValues", Value::from("red\ngreen")),
        ("Label", "Hue".into()),
    ];
    world.update(&admin, colour, &values).await.unwrap();
    let admin = world.again(&world.admin).await;
    world.update(&admin, account, &green).await.unwrap();
    let view = world.org.describe(&admin, "Account").unwrap();
    assert_eq!(view.object.field("Colour__c").unwrap().label, "Hue");

    let made = [("DeveloperName", "Boat".into()), ("Label", "Boat".into())];
    let boats = world.make("CustomObject", &made).await;
    let on_boat = [
        ("TableEnumOrId", boats.as_str().into()),
        ("DeveloperName", "Length".into()),
        ("Label", "Length".into()),
        ("Type", "Number".into()),
        ("Scale", 1_i64.into()),
    ];
    let length = world.make("CustomField", &on_boat).await;
    let admin = world.again(&world.admin).await;
    let boat = draft(&[("Name", "Ahoy".into()), ("Length__c", "12.34".into())]);
    world.org.create(&admin, "Boat__c", boat).await.unwrap();
    let finer = world
        .update(&admin, length, &[("Scale", 2_i64.into())])
        .await;
    problems(finer);
    world
        .update(
            &admin,
            boats,
            &[("Label", "Ship".into()), ("SharingModel", "Private".into())],
        )
        .await
        .unwrap();

    let world = world.reopened().await;
    let view = world.org.describe(&world.admin, "Boat__c").unwrap();
    assert_eq!(view.object.label, "Ship");
    let length = world
        .value(&world.admin, "SELECT Length__c FROM Boat__c")
        .await;
    assert_eq!(length, Value::Decimal("12.3".parse().unwrap()));
}
