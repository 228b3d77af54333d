//! Page layouts.

use headwater_catalogue::Value;
use headwater_records::layout::{FIELDS_MAX, SECTIONS_MAX};
use headwater_records::{CustomFieldSpec, Error, Layout, LayoutField, LayoutSection, Problem};

use crate::world::{World, problems};

fn field(name: &str) -> LayoutField {
    LayoutField {
        field: name.to_owned(),
        required: false,
        read_only: false,
    }
}

fn section(title: &str, names: &[&str]) -> LayoutSection {
    LayoutSection {
        title: title.to_owned(),
        columns: 2,
        fields: names.iter().map(|name| field(name)).collect(),
    }
}

fn names(layout: &Layout) -> Vec<&str> {
    layout.fields().map(|shown| &*shown.field).collect()
}

/// What is wrong with a layout of accounts.
async fn wrong(world: &World, sections: Vec<LayoutSection>) -> Vec<String> {
    let layout = Layout { sections };
    let refused = world.org.set_layout(&world.admin, "Account", &layout).await;
    let message = |problem: Problem| match problem {
        Problem::Rule { message, .. } => message,
        other => panic!("{other:?}"),
    };
    problems(refused).into_iter().map(message).collect()
}

#[tokio::test]
async fn an_object_has_the_usual_layout_until_it_is_given_one_and_again_after() {
    let world = World::new().await;
    let org = &world.org;
    let usual = org.layout(&world.agent, "Account").await.unwrap();
    assert_eq!(names(&usual)[0], "Name");
    let own = Layout {
        sections: vec![
            section(" First ", &["name", "Phone"]),
            LayoutSection {
                columns: 1,
                ..section("Then", &["Website"])
            },
        ],
    };
    for _ in 0..2 {
        org.set_layout(&world.admin, "account", &own).await.unwrap();
        let shown = org.layout(&world.agent, "Account").await.unwrap();
        assert_eq!(names(&shown), ["Name", "Phone", "Website"]);
        assert_eq!(
            (&*shown.sections[0].title, shown.sections[1].columns),
            ("First", 1)
        );
    }
    let other = Layout {
        sections: vec![section("Only", &["Name"])],
    };
    org.set_layout(&world.admin, "Account", &other)
        .await
        .unwrap();
    for _ in 0..2 {
        org.reset_layout(&world.admin, "Account").await.unwrap();
        assert_eq!(org.layout(&world.agent, "Account").await.unwrap(), usual);
    }
    let soql = "SELECT Display FROM SetupAuditTrail WHERE Section = 'Page Layouts' \
                ORDER BY CreatedDate, Id";
    let (rows, _) = world.query(&world.admin, soql).await.unwrap();
    let rows: Vec<_> = rows.iter().filter_map(|row| row[0].as_text()).collect();
    assert_eq!(
        rows,
        [
            "Changed page layout Account: definition changed",
            "Changed page layout Account: definition changed",
            "Reset page layout Account"
        ]
    );
}

#[tokio::test]
async fn what_the_caller_does_not_see_is_not_on_the_page() {
    let world = World::new().await;
    let org = &world.org;
    let layout = Layout {
        sections: vec![
            section("Links", &["AccountId", "ContactId"]),
            section("Lead", &["LeadId"]),
            section(
                "Rest",
                &[
                    "Name",
                    "MessagingChannelId",
                    "MessageType",
                    "MessagingPlatformKey",
                ],
            ),
        ],
    };
    for stored in [false, true] {
        if stored {
            let set = org.set_layout(&world.admin, "MessagingEndUser", &layout);
            set.await.unwrap();
        }
        let before = org.layout(&world.agent, "MessagingEndUser").await.unwrap();
        assert!(names(&before).contains(&"ContactId"));
    }
    world
        .hide_field("Support Agent", "MessagingEndUser.ContactId")
        .await;
    world
        .hide_field("Support Agent", "MessagingEndUser.LeadId")
        .await;
    let agent = world.again(&world.agent).await;
    let shown = org.layout(&agent, "MessagingEndUser").await.unwrap();
    let titles: Vec<_> = shown
        .sections
        .iter()
        .map(|section| &*section.title)
        .collect();
    assert_eq!(titles, ["Links", "Rest"]);
    assert_eq!(names(&shown)[..2], ["AccountId", "Name"]);
    org.reset_layout(&world.admin, "MessagingEndUser")
        .await
        .unwrap();
    let usual = org.layout(&agent, "MessagingEndUser").await.unwrap();
    assert!(!names(&usual).contains(&"ContactId"));
    let hidden = org.layout(&agent, "OauthToken").await;
    assert!(matches!(hidden, Err(Error::UnknownObject(_))), "{hidden:?}");
}

#[tokio::test]
async fn a_custom_field_is_on_the_page_at_once_unless_it_was_taken_off() {
    let world = World::new().await;
    let org = &world.org;
    let make = async |name: &str| {
        let field = CustomFieldSpec {
            object: "Account".to_owned(),
            name: name.to_owned(),
            label: name.to_owned(),
            kind: "Text".to_owned(),
            length: Some(20),
            ..CustomFieldSpec::default()
        };
        org.create_custom_field(&world.admin, field).await.unwrap();
    };
    make("Old").await;
    let admin = world.again(&world.admin).await;
    let usual = org.layout(&admin, "Account").await.unwrap();
    assert!(names(&usual).contains(&"Old__c"));
    let own = Layout {
        sections: vec![section("One", &["Name"]), section("Two", &["Phone"])],
    };
    org.set_layout(&admin, "Account", &own).await.unwrap();
    make("New").await;
    let admin = world.again(&world.admin).await;
    let shown = org.layout(&admin, "Account").await.unwrap();
    assert_eq!(names(&shown), ["Name", "New__c", "Phone"]);
}

#[tokio::test]
async fn a_layout_that_cannot_be_is_refused_with_everything_that_is_wrong() {
    let world = World::new().await;
    let mut both = field("Name");
    (both.required, both.read_only) = (true, true);
    let mut system = field("CreatedDate");
    system.required = true;
    let sections = vec![LayoutSection {
        title: String::new(),
        columns: 3,
        fields: vec![
            both,
            system,
            field("Phone"),
            field("phone"),
            field("Nothing"),
        ],
    }];
    assert_eq!(
        wrong(&world, sections).await,
        [
            "a section has a title of 1 to 80 characters",
            "the section  has neither 1 nor 2 columns",
            "Name cannot be required and read-only at once",
            "CreatedDate cannot be required: nobody writes it",
            "Phone stands on the layout twice",
            "Account has no field Nothing",
        ]
    );
    assert_eq!(
        wrong(&world, vec![section("Only", &["Phone"])]).await,
        ["Name must be on the layout: every new record needs it"]
    );
    let many = vec![section("One", &["Name"]); SECTIONS_MAX + 1];
    assert_eq!(
        wrong(&world, many).await,
        ["a layout has at most 50 sections"]
    );
    let many = vec![section("One", &vec!["Name"; FIELDS_MAX + 1])];
    assert_eq!(
        wrong(&world, many).await,
        ["a layout has at most 1000 fields"]
    );
    let soql = "SELECT Id FROM PageLayout";
    assert_eq!(world.count(&world.admin, soql).await, 0);
}

#[tokio::test]
async fn only_who_may_customize_changes_layouts_and_only_by_the_verb() {
    let world = World::new().await;
    let layout = Layout {
        sections: vec![section("One", &["Name"])],
    };
    let refused = world.org.set_layout(&world.agent, "Account", &layout).await;
    assert!(
        matches!(refused, Err(Error::NotPermitted(_))),
        "{refused:?}"
    );
    let refused = world.org.reset_layout(&world.agent, "Account").await;
    assert!(
        matches!(refused, Err(Error::NotPermitted(_))),
        "{refused:?}"
    );
    let draft = crate::world::draft(&[
        ("EntityName", Value::from("Account")),
        ("Definition", "{}".into()),
    ]);
    let made = world.org.create(&world.admin, "PageLayout", draft).await;
    assert!(
        matches!(made, Err(Error::CallNotSupported { .. })),
        "{made:?}"
    );
}
