//! The golden table of refusals: each error with its status and body.

use headwater_catalogue::{CatalogueError, Id, KeyPrefix};
use headwater_records::bulk::BulkError;
use headwater_records::explain::{EditAt, Lock, Rule};
use headwater_records::{Error, Problem, Verb};
use headwater_soql::SoqlErrorKind;

use super::Failure;
use crate::call::Version;
use crate::route::Format;

fn id(counter: u64) -> Id {
    Id::new(KeyPrefix::new("0PA"), counter)
}

/// Each error's name. Exhaustive, so that a new one cannot be left out of the table unnoticed:
/// the count below is of these arms.
fn name(error: &Error) -> &'static str {
    match error {
        Error::UnknownObject(_) => "UnknownObject",
        Error::UnknownField { .. } => "UnknownField",
        Error::NotAnExternalId(_) => "NotAnExternalId",
        Error::Soql { .. } => "Soql",
        Error::UnknownLocator => "UnknownLocator",
        Error::BadInterval(_) => "BadInterval",
        Error::IdInBody(_) => "IdInBody",
        Error::QueryTooLarge { .. } => "QueryTooLarge",
        Error::NotFound(_) => "NotFound",
        Error::Deleted(_) => "Deleted",
        Error::SeveralFound { .. } => "SeveralFound",
        Error::NotAllowed { .. } => "NotAllowed",
        Error::NotPermitted(_) => "NotPermitted",
        Error::CallNotSupported { .. } => "CallNotSupported",
        Error::FieldsNotWritable { .. } => "FieldsNotWritable",
        Error::Invalid(_) => "Invalid",
        Error::Changed { .. } => "Changed",
        Error::Duplicate { .. } => "Duplicate",
        Error::SessionOpen { .. } => "SessionOpen",
        Error::Restricted { .. } => "Restricted",
        Error::LimitExceeded { .. } => "LimitExceeded",
        Error::Metadata(_) => "Metadata",
        Error::MalformedId(_) => "MalformedId",
        Error::RecycleBin { .. } => "RecycleBin",
        Error::CannotUndo(_) => "CannotUndo",
        Error::Bulk(_) => "Bulk",
        Error::RolledBack => "RolledBack",
        Error::Busy => "Busy",
        Error::InDoubt => "InDoubt",
        Error::FileLost => "FileLost",
        Error::FilesUnreachable => "FilesUnreachable",
        Error::FilesNotScanned => "FilesNotScanned",
        Error::Internal(_) => "Internal",
    }
}

const ERRORS: usize = 33;

fn errors() -> Vec<Error> {
    let mut errors = vec![
        Error::UnknownObject("Foo".to_owned()),
        Error::UnknownField {
            object: "Account".into(),
            field: "foo".to_owned(),
        },
        Error::NotAnExternalId("Foo__c".to_owned()),
        Error::UnknownLocator,
        Error::BadInterval("startDate is more than 30 days ago".to_owned()),
        Error::IdInBody(Verb::Update),
        Error::QueryTooLarge {
            limit: "120 seconds".to_owned(),
        },
        Error::NotFound(id(7).to_string()),
        Error::NotFound("nonsense".to_owned()),
        Error::Deleted(id(7).to_string()),
        Error::SeveralFound {
            object: "Account".into(),
            field: "Ext__c".into(),
            value: "x".to_owned(),
            ids: vec![id(1), id(2)],
        },
        Error::NotPermitted("PermissionsManageUsers"),
        Error::Invalid(problems()),
        Error::Changed {
            id: id(7),
            now: "2026-01-31T12:34:56.789Z".parse().unwrap(),
        },
        Error::Restricted {
            name: "Sample".to_owned(),
            object: "Case".into(),
            records: vec![
                (id(1), "00001000".to_owned()),
                (id(2), "00001001".to_owned()),
            ],
        },
        Error::LimitExceeded {
            what: "the number of messagingEndUserIds".to_owned(),
            limit: "200".to_owned(),
        },
        Error::MalformedId("nonsense".to_owned()),
        Error::RecycleBin {
            undelete: true,
            reason: "entity is not in the recycle bin".to_owned(),
        },
        Error::RecycleBin {
            undelete: false,
            reason: "entity is not in the recycle bin".to_owned(),
        },
        Error::CannotUndo("This relink was undone already".to_owned()),
        Error::RolledBack,
        Error::Busy,
        Error::InDoubt,
        Error::FileLost,
        Error::FilesUnreachable,
        Error::FilesNotScanned,
        Error::internal("disk I/O error at /secret/path"),
    ];
    errors.extend(soql_errors());
    errors.extend(rights_errors());
    errors.extend([None, Some(id(7))].map(|existing| Error::Duplicate {
        fields: vec!["Ext__c".into()],
        existing,
    }));
    errors.extend([None, Some(id(7))].map(|existing| Error::SessionOpen { existing }));
    errors.extend(metadata_errors().map(Error::Metadata));
    errors.extend(bulk_errors().map(Error::Bulk));
    errors
}

fn bulk_errors() -> impl Iterator<Item = BulkError> {
    let word = || "x".to_owned();
    [
        BulkError::UnknownJob(word()),
        BulkError::UnknownBatch(word()),
        BulkError::BadJob(word()),
        BulkError::WrongState(word()),
        BulkError::WrongObject(word()),
        BulkError::BadInput(word()),
        BulkError::NotEnabled(word()),
        BulkError::TooMuch(word()),
        BulkError::NotComplete,
        BulkError::NoKey("Id".to_owned()),
    ]
    .into_iter()
}

fn soql_errors() -> impl Iterator<Item = Error> {
    let kinds = [
        SoqlErrorKind::MalformedQuery,
        SoqlErrorKind::InvalidField,
        SoqlErrorKind::InvalidType,
        SoqlErrorKind::InvalidQueryFilterOperator,
        SoqlErrorKind::NumberOutsideValidRange,
        SoqlErrorKind::Unsupported,
        SoqlErrorKind::MalformedSearch,
    ];
    kinds.into_iter().map(|kind| Error::Soql {
        kind,
        message: format!("{kind:?}"),
    })
}

fn rights_errors() -> Vec<Error> {
    let lock = |edit_at| Lock {
        object: "MessagingSession".into(),
        field: "EndUserAccountId".into(),
        rule: Rule::Inherited,
        reason: "Comes from the Messaging User".to_owned(),
        edit_at,
        granted_by: None,
        remedy: None,
    };
    let edit_at = EditAt {
        object: "MessagingEndUser".into(),
        field: "AccountId".into(),
        record: Some(id(7)),
        sessions: Some(3),
        editable: true,
    };
    let mut errors = vec![
        Error::FieldsNotWritable {
            fields: vec![lock(Some(edit_at)), lock(None)],
        },
        Error::NotAllowed {
            verb: Verb::Update,
            object: "Account".into(),
            record: Some(id(7)),
        },
    ];
    for verb in [Verb::Read, Verb::Create, Verb::Update, Verb::Delete] {
        let object = "Account".into();
        errors.push(Error::NotAllowed {
            verb,
            object,
            record: None,
        });
        let object = "CaseHistory".into();
        errors.push(Error::CallNotSupported { verb, object });
    }
    errors
}

fn metadata_errors() -> impl Iterator<Item = CatalogueError> {
    [
        CatalogueError::DuplicateObject("A__c".into()),
        CatalogueError::DuplicateField("A__c".into(), "B__c".into()),
        CatalogueError::BadName("1".into()),
        CatalogueError::UnknownTarget("A__c".into(), "B__c".into(), "C".into()),
        CatalogueError::BadDefault("A__c".into(), "B__c".into()),
    ]
    .into_iter()
}

fn problems() -> Vec<Problem> {
    let (field, label) = ("Email", "Email Address");
    let value = || "x".to_owned();
    vec![
        Problem::Missing {
            fields: vec!["Name".into(), "LastName".into()],
        },
        Problem::TooLong {
            field: field.into(),
            label: label.into(),
            value: value(),
            max: 80,
        },
        Problem::TooLarge {
            field: "Body".into(),
            label: "Body".into(),
            max: 39_321_600,
        },
        Problem::Infected {
            field: "Body".into(),
            label: "Body".into(),
            found: "Eicar-Test-Signature".to_owned(),
        },
        Problem::NotInPicklist {
            field: field.into(),
            label: label.into(),
            value: value(),
        },
        Problem::BadEmail {
            field: field.into(),
            label: label.into(),
            value: value(),
        },
        Problem::WrongId {
            field: field.into(),
            label: label.into(),
            value: value(),
        },
        Problem::WrongType {
            field: field.into(),
            kind: "date",
            value: value(),
        },
        Problem::OutOfRange {
            field: field.into(),
            label: label.into(),
            value: value(),
        },
        Problem::NoSuchRecord {
            field: field.into(),
            id: id(1),
        },
        Problem::HiddenRecord {
            field: field.into(),
            id: id(1),
        },
        Problem::NoSuchParent {
            field: field.into(),
            object: "Account".into(),
            by: "Ext__c".to_owned(),
            value: value(),
        },
        Problem::WrongRecordType {
            field: "RecordTypeId".into(),
            label: "Record Type ID".into(),
            id: id(1),
        },
        Problem::ConvertedLead { id: id(1) },
        Problem::InactiveOwner {
            field: field.into(),
            id: id(1),
        },
        Problem::Rule {
            fields: vec![field.into()],
            message: "A rule's own words".to_owned(),
        },
    ]
}

#[test]
fn every_error_has_its_status_and_body() {
    let mut seen = std::collections::BTreeSet::new();
    let mut lines = Vec::new();
    for error in errors() {
        let name = name(&error);
        seen.insert(name);
        let failure = Failure::from(error);
        let status = failure.status.as_u16();
        let body = failure.body(Format::Json, Version::NEWEST, "req-1");
        assert!(!body.contains("/secret"), "{body}");
        lines.push(format!("{name} {status} {body}"));
        if let Some((_, place)) = failure.edit_at(Version::NEWEST) {
            lines.push(format!(
                "    Headwater-Edit-At: {}",
                place.to_str().unwrap()
            ));
        }
    }
    assert_eq!(seen.len(), ERRORS, "an error is missing from the table");
    for (name, failure) in [
        ("invalid_session", Failure::invalid_session()),
        ("invalid_auth_header", Failure::invalid_auth_header()),
        ("request_limit", Failure::request_limit_exceeded()),
        ("media_type", Failure::unsupported_media_type("text/csv")),
        ("json", Failure::json("Unexpected end-of-input", 1, 2)),
    ] {
        let body = failure.body(Format::Json, Version::NEWEST, "req-1");
        lines.push(format!("{name} {} {body}", failure.status.as_u16()));
    }
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("errors", lines.join("\n"));
    });
}
