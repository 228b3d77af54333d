//! Converting leads: what is made of them, what moves, and what is refused.

use headwater_catalogue::{Id, Value};
use headwater_records::convert::{ConvertRequest, Converted};
use headwater_records::{Caller, Error, Problem, Verb};

use crate::world::{World, problems};

async fn lead(world: &World) -> Id {
    let fields = [
        ("FirstName", "Ada".into()),
        ("LastName", "Lovelace".into()),
        ("Company", "Alder & Finch".into()),
        ("Email", "ada@example.com".into()),
        ("City", "London".into()),
        ("LeadSource", "Web".into()),
    ];
    world.make("Lead", &fields).await
}

fn of(lead: Id) -> ConvertRequest {
    ConvertRequest {
        lead: lead.to_string(),
        ..ConvertRequest::default()
    }
}

async fn convert(
    world: &World,
    caller: &Caller,
    request: &ConvertRequest,
) -> Result<Converted, Error> {
    world.org.convert_lead(caller, request).await
}

#[tokio::test]
async fn a_lead_becomes_an_account_a_contact_and_an_opportunity() {
    let world = World::new().await;
    let lead = lead(&world).await;
    let about = world.make("Task", &[("WhoId", lead.into())]).await;
    let user = world.end_user("+491", None).await;
    world
        .update(&world.admin, user, &[("LeadId", lead.into())])
        .await
        .unwrap();
    let made = convert(&world, &world.admin, &of(lead)).await.unwrap();
    let opportunity = made.opportunity.unwrap();
    let shows = |id, field| world.read(&world.admin, id, field).unwrap();
    assert_eq!(shows(made.account, "Name"), "Alder & Finch".into());
    assert_eq!(shows(made.account, "BillingCity"), "London".into());
    assert_eq!(shows(made.contact, "Name"), "Ada Lovelace".into());
    assert_eq!(shows(made.contact, "AccountId"), made.account.into());
    assert_eq!(shows(made.contact, "MailingCity"), "London".into());
    assert_eq!(shows(opportunity, "Name"), "Alder & Finch".into());
    assert_eq!(shows(opportunity, "AccountId"), made.account.into());
    assert_eq!(shows(opportunity, "LeadSource"), "Web".into());
    assert_eq!(shows(about, "WhoId"), made.contact.into());
    assert_eq!(shows(about, "WhatId"), opportunity.into());
    assert_eq!(shows(lead, "IsConverted"), Value::Boolean(true));
    assert_eq!(shows(lead, "Status"), "Closed - Converted".into());
    assert_eq!(shows(lead, "ConvertedContactId"), made.contact.into());
    // Nothing says that these move.
    assert_eq!(shows(user, "LeadId"), lead.into());
    assert_eq!(shows(user, "ContactId"), Value::Null);
}

#[tokio::test]
async fn a_converted_lead_is_changed_no_more() {
    let world = World::new().await;
    let lead = lead(&world).await;
    convert(&world, &world.admin, &of(lead)).await.unwrap();
    let again = convert(&world, &world.admin, &of(lead)).await;
    assert_eq!(problems(again), [Problem::ConvertedLead { id: lead }]);
    let changed = world
        .update(&world.admin, lead, &[("Phone", "1".into())])
        .await;
    assert_eq!(problems(changed), [Problem::ConvertedLead { id: lead }]);
}

#[tokio::test]
async fn an_account_and_a_contact_that_are_there_are_taken_as_they_are() {
    let world = World::new().await;
    let (account, other) = (world.account("Sample").await, world.account("Other").await);
    let fields = [("LastName", "Byron".into()), ("AccountId", account.into())];
    let contact = world.make("Contact", &fields).await;
    let lead = lead(&world).await;
    let request = |account: Id| ConvertRequest {
        account: Some(account.to_string()),
        contact: Some(contact.to_string()),
        without_opportunity: true,
        ..of(lead)
    };
    let refused = problems(convert(&world, &world.admin, &request(other)).await);
    assert!(refused[0].is_about("contactId"), "{refused:?}");
    let made = convert(&world, &world.admin, &request(account))
        .await
        .unwrap();
    assert_eq!((made.account, made.contact), (account, contact));
    assert_eq!(made.opportunity, None);
    let name = world.read(&world.admin, contact, "LastName").unwrap();
    assert_eq!(name, "Byron".into());
    assert_eq!(world.count(&world.admin, "SELECT Id FROM Account").await, 2);
}

#[tokio::test]
async fn what_cannot_be_leaves_nothing_behind() {
    let world = World::new().await;
    let lead = lead(&world).await;
    let status = ConvertRequest {
        status: Some("Open - Not Contacted".to_owned()),
        ..of(lead)
    };
    let refused = problems(convert(&world, &world.admin, &status).await);
    assert!(refused[0].is_about("convertedStatus"), "{refused:?}");
    let gone = world.account("Gone").await;
    world.delete(&world.admin, gone).await.unwrap();
    let account = ConvertRequest {
        account: Some(gone.to_string()),
        ..of(lead)
    };
    let refused = problems(convert(&world, &world.admin, &account).await);
    assert!(
        matches!(&refused[..], [Problem::NoSuchRecord { field, .. }] if field == "accountId"),
        "{refused:?}"
    );
    world
        .set_object_right("Support Agent", "Opportunity", "PermissionsCreate", false)
        .await;
    let agent = world.again(&world.agent).await;
    let refused = convert(&world, &agent, &of(lead)).await;
    assert!(
        matches!(&refused, Err(Error::NotAllowed { verb: Verb::Create, object, .. })
            if object == "Opportunity"),
        "{refused:?}"
    );
    for object in ["Account", "Contact", "Opportunity"] {
        let soql = format!("SELECT Id FROM {object}");
        assert_eq!(world.count(&world.admin, &soql).await, 0, "{object}");
    }
}
