//! Values: what each kind takes, and what is said of what it does not. Nothing is changed by a
//! refused write, and all that is wrong is said at once.

use headwater_catalogue::{Id, Value};
use headwater_records::{Draft, Input, Precondition, Problem};
use rust_decimal::Decimal;

use crate::world::{World, draft, problems};

/// What is wrong, in a word.
fn word(problem: &Problem) -> &'static str {
    match problem {
        Problem::Missing { .. } => "missing",
        Problem::TooLong { .. } => "too long",
        Problem::TooLarge { .. } => "too large",
        Problem::Infected { .. } => "infected",
        Problem::NotInPicklist { .. } => "not in picklist",
        Problem::BadEmail { .. } => "bad email",
        Problem::WrongId { .. } => "wrong id",
        Problem::WrongType { .. } => "wrong type",
        Problem::OutOfRange { .. } => "out of range",
        Problem::NoSuchRecord { .. } => "no such record",
        Problem::HiddenRecord { .. } => "hidden record",
        Problem::NoSuchParent { .. } => "no such parent",
        Problem::WrongRecordType { .. } => "wrong record type",
        Problem::ConvertedLead { .. } => "converted lead",
        Problem::InactiveOwner { .. } => "inactive owner",
        Problem::Rule { .. } => "rule",
    }
}

async fn write(
    world: &World,
    id: Id,
    field: &str,
    input: Input,
) -> Result<(), headwater_records::Error> {
    let object = world
        .org
        .catalogue()
        .object_of(id.prefix())
        .unwrap()
        .name
        .to_string();
    let draft = Draft {
        fields: vec![(field.to_owned(), input)],
    };
    let when = Precondition::default();
    world
        .org
        .update(&world.admin, &object, id.as_str(), draft, when)
        .await
        .map(drop)
}

fn text(text: &str) -> Input {
    Input::Text(text.to_owned())
}

fn number(digits: &str) -> Input {
    Input::Number(digits.to_owned())
}

#[tokio::test]
async fn each_bad_value_is_refused_with_its_error_and_changes_nothing() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    let contact = world.make("Contact", &[("LastName", "Doe".into())]).await;
    let opportunity = [
        ("Name", "Deal".into()),
        ("StageName", "Prospecting".into()),
        ("CloseDate", "2026-04-01".into()),
    ];
    let opportunity = world.make("Opportunity", &opportunity).await;
    let user = world.end_user("+491", None).await;
    let session = world.session(user, "Active").await;
    let long = "x".repeat(256);
    let cases = [
        (account, "Name", Input::Null, "missing"),
        (account, "Name", text("   "), "missing"),
        (account, "Name", text(&long), "too long"),
        (account, "Name", text("a\0b"), "wrong type"),
        (account, "NumberOfEmployees", text("many"), "wrong type"),
        (account, "NumberOfEmployees", number("1.5"), "wrong type"),
        (
            account,
            "NumberOfEmployees",
            number("123456789012"),
            "out of range",
        ),
        (
            account,
            "NumberOfEmployees",
            Input::Boolean(true),
            "wrong type",
        ),
        (account, "OwnerId", text("001"), "wrong id"),
        (account, "OwnerId", text(account.as_str()), "wrong id"),
        (
            account,
            "OwnerId",
            text("005HW0000009999AAA"),
            "no such record",
        ),
        (
            account,
            "OwnerId",
            text("'; DROP TABLE Account; --"),
            "wrong id",
        ),
        (
            account,
            "ParentId",
            text("001HW0000009999AAA"),
            "no such record",
        ),
        (contact, "Email", text("not a mail address"), "bad email"),
        (contact, "Birthdate", text("31.01.2026"), "wrong type"),
        (contact, "Birthdate", text("1066-10-14"), "out of range"),
        (contact, "Birthdate", number("20260131"), "wrong type"),
        (contact, "DoNotCall", text("perhaps"), "wrong type"),
        (contact, "DoNotCall", number("1"), "wrong type"),
        (contact, "AccountId", text(contact.as_str()), "wrong id"),
        (opportunity, "Amount", number("1e30"), "out of range"),
        (
            opportunity,
            "Amount",
            number("12345678901234567"),
            "out of range",
        ),
        (opportunity, "Amount", text("1,5"), "wrong type"),
        (opportunity, "Probability", number("1000"), "out of range"),
        (opportunity, "CloseDate", text("2026-02-30"), "wrong type"),
        (session, "EndUserLanguage", text("tlh"), "not in picklist"),
        (session, "AcceptTime", text("noon"), "wrong type"),
        (
            session,
            "CaseId",
            text("500HW0000009999AAA"),
            "no such record",
        ),
    ];
    for (id, field, input, expected) in cases {
        let before = world.read(&world.admin, id, field).unwrap();
        let found = problems(write(&world, id, field, input.clone()).await);
        let words: Vec<_> = found.iter().map(word).collect();
        assert_eq!(words, [expected], "{field} = {input:?}");
        assert_eq!(found[0].fields(), [field], "{field} = {input:?}");
        assert_eq!(
            world.read(&world.admin, id, field).unwrap(),
            before,
            "{field} = {input:?}"
        );
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one line for each value")]
async fn each_good_value_is_kept_in_its_kinds_own_form() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    let contact = world.make("Contact", &[("LastName", "Doe".into())]).await;
    let opportunity = [
        ("Name", "Deal".into()),
        ("StageName", "Prospecting".into()),
        ("CloseDate", "2026-04-01".into()),
    ];
    let opportunity = world.make("Opportunity", &opportunity).await;
    let user = world.end_user("+491", None).await;
    let session = world.session(user, "Active").await;
    let noon = Value::DateTime("2026-01-31T12:34:56.789Z".parse().unwrap());
    let day = Value::Date("2026-01-31".parse().unwrap());
    let decimal = |text: &str| Value::Decimal(text.parse::<Decimal>().unwrap());
    let umlauts = "ü".repeat(255);
    let cases = [
        (account, "Name", text(" Test1 "), Value::from("Test1")),
        (account, "Name", number("42"), Value::from("42")),
        (account, "Name", text(&umlauts), Value::from(&*umlauts)),
        (
            account,
            "Name",
            text("'; DROP TABLE Account; --"),
            Value::from("'; DROP TABLE Account; --"),
        ),
        (
            account,
            "Description",
            text("  two\n lines \n"),
            Value::from("  two\n lines"),
        ),
        (account, "Site", text(""), Value::Null),
        (
            account,
            "NumberOfEmployees",
            number("12.0"),
            Value::Integer(12),
        ),
        (
            account,
            "NumberOfEmployees",
            number("1.2e3"),
            Value::Integer(1200),
        ),
        (account, "NumberOfEmployees", text("7"), Value::Integer(7)),
        (account, "NumberOfEmployees", text(""), Value::Null),
        (
            account,
            "OwnerId",
            text(world.agent.user.short()),
            Value::Id(world.agent.user),
        ),
        (
            account,
            "OwnerId",
            text(&world.agent.user.as_str().to_lowercase()),
            Value::Id(world.agent.user),
        ),
        (
            contact,
            "Email",
            text("jo@example.com"),
            Value::from("jo@example.com"),
        ),
        (contact, "DoNotCall", text("TRUE"), Value::Boolean(true)),
        (contact, "DoNotCall", Input::Null, Value::Boolean(false)),
        (contact, "Birthdate", text("2026-01-31"), day.clone()),
        (contact, "Birthdate", text("2026-01-31T22:00:00Z"), day),
        (opportunity, "Amount", number("12.345"), decimal("12.35")),
        (opportunity, "Amount", number("-0.005"), decimal("-0.01")),
        (
            opportunity,
            "Amount",
            number("1234567890123456.78"),
            decimal("1234567890123456.78"),
        ),
        (
            session,
            "EndUserLanguage",
            text("EN_us"),
            Value::from("en_US"),
        ),
        (
            session,
            "AcceptTime",
            text("2026-01-31T12:34:56.789Z"),
            noon.clone(),
        ),
        (
            session,
            "AcceptTime",
            text("2026-01-31T12:34:56.789+0000"),
            noon.clone(),
        ),
        (
            session,
            "AcceptTime",
            text("2026-01-31T13:34:56.7899+01:00"),
            noon,
        ),
    ];
    for (id, field, input, expected) in cases {
        write(&world, id, field, input.clone()).await.unwrap();
        assert_eq!(
            world.read(&world.admin, id, field).unwrap(),
            expected,
            "{field} = {input:?}"
        );
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let world = World::new().await;
    let body = draft(&[
        ("FirstName", "x".repeat(41).into()),
        ("Email", "nonsense".into()),
        ("Birthdate", "nonsense".into()),
    ]);
    let found = problems(world.org.create(&world.admin, "Contact", body).await);
    let words: Vec<_> = found.iter().map(word).collect();
    assert_eq!(words, ["too long", "bad email", "wrong type", "missing"]);
    assert_eq!(found[3].fields(), ["LastName"]);
}

#[tokio::test]
async fn a_picklist_that_is_open_takes_other_values() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    write(&world, account, "Industry", text("Shipbuilding"))
        .await
        .unwrap();
    assert_eq!(
        world.read(&world.admin, account, "Industry").unwrap(),
        Value::from("Shipbuilding")
    );
}

#[tokio::test]
async fn required_fields_are_named_together() {
    let world = World::new().await;
    let found = problems(
        world
            .org
            .create(&world.admin, "MessagingEndUser", draft(&[]))
            .await,
    );
    let expected = [
        "Name",
        "MessagingChannelId",
        "MessageType",
        "MessagingPlatformKey",
    ];
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].fields(), expected);
}

#[tokio::test]
async fn an_unknown_field_is_refused_before_any_value() {
    let world = World::new().await;
    let body = draft(&[("Email", "nonsense".into()), ("Nonsense__c", 1_i64.into())]);
    let refused = world.org.create(&world.admin, "Contact", body).await;
    match refused {
        Err(headwater_records::Error::UnknownField { field, .. }) => {
            assert_eq!(field, "Nonsense__c");
        }
        other => panic!("{other:?}"),
    }
}
