//! `/sobjects` and `/sobjects/{object}/describe`.

use headwater_records::{Layout, LayoutField, LayoutSection};
use headwater_testkit::{ADMIN, AGENT, TestServer};
use serde_json::{Value, json};

use crate::data;

const FIELD_KEYS: &str = "aggregatable aiPredictionField autoNumber byteLength calculated \
    calculatedFormula cascadeDelete caseSensitive compoundFieldName controllerName createable \
    custom dataTranslationEnabled defaultValue defaultValueFormula defaultedOnCreate \
    dependentPicklist deprecatedAndHidden digits displayLocationInDecimal encrypted externalId \
    extraTypeInfo filterable filteredLookupInfo formulaTreatNullNumberAsZero groupable \
    highScaleNumber htmlFormatted idLookup inlineHelpText label length mask maskType name \
    nameField namePointing nillable permissionable picklistValues polymorphicForeignKey precision \
    queryByDistance referenceTargetField referenceTo relationshipName relationshipOrder \
    restrictedDelete restrictedPicklist scale searchPrefilterable soapType sortable type unique \
    updateable writeRequiresMasterRead";

const OBJECT_KEYS: &str = "actionOverrides activateable associateEntityType associateParentEntity \
    childRelationships compactLayoutable createable custom customSetting deepCloneable \
    defaultImplementation deletable deprecatedAndHidden extendedBy extendsInterfaces feedEnabled \
    fields hasSubtypes implementedBy implementsInterfaces isInterface isSubtype keyPrefix label \
    labelPlural layoutable listviewable lookupLayoutable mergeable mruEnabled name namedLayoutInfos \
    networkScopeFieldName queryable recordTypeInfos replicateable retrieveable searchLayoutable \
    searchable sobjectDescribeOption supportedScopes triggerable undeletable updateable urls";

/// What extractors of this data know; they stop at any other type.
const TYPES: [&str; 22] = [
    "id",
    "string",
    "boolean",
    "int",
    "double",
    "currency",
    "percent",
    "date",
    "datetime",
    "time",
    "textarea",
    "phone",
    "url",
    "email",
    "picklist",
    "multipicklist",
    "combobox",
    "reference",
    "base64",
    "address",
    "anyType",
    "long",
];

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

async fn describe(server: &TestServer, object: &str, user: &str) -> Value {
    let path = data(&format!("/sobjects/{object}/describe"));
    server.get(&path).as_(user).send().await.expect(200)
}

#[tokio::test]
async fn every_object_of_the_list_is_described_with_every_key() {
    let server = TestServer::start().await;
    let list = server
        .get(&data("/sobjects/"))
        .as_(ADMIN)
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&list["encoding"], &list["maxBatchSize"]),
        (&"UTF-8".into(), &200.into())
    );
    let objects = list["sobjects"].as_array().unwrap();
    assert!(objects.len() > 25, "{}", objects.len());
    let object_keys: Vec<_> = OBJECT_KEYS.split_whitespace().collect();
    let field_keys: Vec<_> = FIELD_KEYS.split_whitespace().collect();
    for object in objects {
        let name = object["name"].as_str().unwrap();
        let described = describe(&server, name, ADMIN).await;
        assert_eq!(keys(&described), object_keys, "{name}");
        for field in described["fields"].as_array().unwrap() {
            assert_eq!(keys(field), field_keys, "{name}.{}", field["name"]);
            let kind = field["type"].as_str().unwrap();
            assert!(TYPES.contains(&kind), "{name}.{}: {kind}", field["name"]);
        }
        for key in keys(object) {
            if key != "urls" {
                assert_eq!(object[key], described[key], "{name}.{key}");
            }
        }
    }
}

#[tokio::test]
async fn the_session_and_the_messaging_user_are_described_as_goldens_say() {
    let server = TestServer::start().await;
    for object in ["MessagingSession", "MessagingEndUser"] {
        let described = describe(&server, object, AGENT).await;
        let text = serde_json::to_string_pretty(&described).unwrap();
        insta::with_settings!({ prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("describe_{object}"), text);
        });
    }
}

#[tokio::test]
async fn an_inherited_field_is_neither_createable_nor_updateable_for_anybody() {
    let server = TestServer::start().await;
    for user in [ADMIN, AGENT] {
        let described = describe(&server, "MessagingSession", user).await;
        let fields = described["fields"].as_array().unwrap();
        let account = fields
            .iter()
            .find(|field| field["name"] == "EndUserAccountId")
            .unwrap();
        assert_eq!(account["createable"], false);
        assert_eq!(account["updateable"], false);
        assert_eq!(account["referenceTo"], serde_json::json!(["Account"]));
        let case = fields
            .iter()
            .find(|field| field["name"] == "CaseId")
            .unwrap();
        assert_eq!(case["updateable"], true);
    }
}

#[tokio::test]
async fn a_describe_that_the_client_has_is_not_sent_again() {
    let server = TestServer::start().await;
    for path in ["/sobjects", "/sobjects/Account/describe"] {
        let first = server.get(&data(path)).as_(AGENT).send().await;
        let known = server.get(&data(path)).as_(AGENT);
        let known = known
            .header("if-none-match", first.header("etag"))
            .send()
            .await;
        assert_eq!((known.status, known.text.as_str()), (304, ""));
        let dated = server.get(&data(path)).as_(AGENT);
        let dated = dated
            .header("if-modified-since", first.header("last-modified"))
            .send()
            .await;
        assert_eq!(dated.status, 304);
        let old = server.get(&data(path)).as_(AGENT);
        let old = old
            .header("if-modified-since", "Thu, 01 Jan 2026 00:00:00 GMT")
            .send()
            .await;
        assert_eq!(old.status, 200);
    }
}

#[tokio::test]
async fn an_object_that_is_not_there_is_not_found() {
    let server = TestServer::start().await;
    for path in [
        "/sobjects/Nothing",
        "/sobjects/Nothing/describe",
        "/sobjects/Nothing/x",
    ] {
        let answer = server.get(&data(path)).as_(AGENT).send().await;
        answer.expect_error(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn layouts_and_lists_are_well_formed() {
    let server = TestServer::start().await;
    let get = async |path: &str| {
        let path = data(&format!("/sobjects/Case{path}"));
        server.get(&path).as_(AGENT).send().await
    };
    let layouts = get("/describe/layouts").await.expect(200);
    let id = layouts["recordTypeMappings"][0]["recordTypeId"]
        .as_str()
        .unwrap();
    let layout = get(&format!("/describe/layouts/{id}")).await.expect(200);
    assert_eq!(layouts["layouts"][0], layout);
    let compact = get("/describe/compactLayouts").await.expect(200);
    assert_eq!(compact["compactLayouts"][0]["name"], "SYSTEM");
    let approvals = get("/describe/approvalLayouts").await.expect(200);
    assert_eq!(approvals["approvalLayouts"], serde_json::json!([]));
    let lists = get("/listviews").await.expect(200);
    assert_eq!(lists["done"], true);
    assert_eq!(
        get("/quickActions").await.expect(200),
        serde_json::json!([])
    );
    assert_eq!(get("/describe/namedLayouts/x").await.status, 404);
}

#[tokio::test]
async fn a_layout_that_was_set_is_described() {
    let server = TestServer::start().await;
    let field = |name: &str, read_only| LayoutField {
        field: name.to_owned(),
        required: false,
        read_only,
    };
    let layout = Layout {
        sections: vec![LayoutSection {
            title: "What it is about".to_owned(),
            columns: 2,
            fields: vec![
                field("Subject", false),
                field("Priority", true),
                field("CaseNumber", false),
            ],
        }],
    };
    let org = server.org();
    org.set_layout(&org.system(), "Case", &layout)
        .await
        .unwrap();
    let path = data("/sobjects/Case/describe/layouts");
    let body = server.get(&path).as_(AGENT).send().await.expect(200);
    let section = &body["layouts"][0]["detailLayoutSections"][0];
    assert_eq!(
        (&section["heading"], &section["rows"]),
        (&"What it is about".into(), &2.into())
    );
    let item = |row: usize, column: usize| {
        let item = &section["layoutRows"][row]["layoutItems"][column];
        let field = &item["layoutComponents"][0]["value"];
        (field.clone(), item["editableForUpdate"].clone())
    };
    assert_eq!(item(0, 0), ("Subject".into(), true.into()));
    assert_eq!(item(0, 1), ("Priority".into(), false.into()));
    assert_eq!(item(1, 0), ("CaseNumber".into(), false.into()));
}

#[tokio::test]
async fn new_records_are_of_the_kind_that_describe_tells_as_the_default() {
    let server = TestServer::start().await;
    let make = async |object: &str, body: Value| {
        let path = data(&format!("/sobjects/{object}"));
        let made = server.post(&path).as_(ADMIN).json(&body).send().await;
        made.expect(201)["id"].as_str().unwrap().to_owned()
    };
    let kind = json!({ "Name": "Complaint", "DeveloperName": "Complaint", "SobjectType": "Case" });
    let kind = make("RecordType", kind).await;
    let default_of = async |who: &str| {
        let described = server.get(&data("/sobjects/Case/describe")).as_(who);
        let described = described.send().await.expect(200);
        let kinds = described["recordTypeInfos"].as_array().unwrap();
        let mut defaults = kinds
            .iter()
            .filter(|kind| kind["defaultRecordTypeMapping"] == true);
        let default = defaults.next().unwrap()["recordTypeId"].clone();
        assert_eq!(defaults.count(), 0);
        default
    };
    let master = json!("012000000000000AAA");
    assert_eq!(default_of(AGENT).await, master);
    let agent = server.user(AGENT).await;
    let soql = format!("SELECT ProfileId FROM User WHERE Id = '{agent}'");
    let profile = server.query(&soql).as_(ADMIN).send().await.records();
    let preset = json!({
        "ProfileId": profile[0]["ProfileId"],
        "SobjectType": "Case",
        "RecordTypeId": kind,
    });
    let refused = server.post(&data("/sobjects/DefaultRecordType"));
    let refused = refused.as_(AGENT).json(&preset).send().await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    let preset = make("DefaultRecordType", preset).await;
    assert_eq!(default_of(AGENT).await, kind);
    assert_eq!(default_of(ADMIN).await, master);
    let kind_of_new = async |who: &str| {
        let new = server.post(&data("/sobjects/Case")).as_(who);
        let new = new.json(&json!({ "Subject": "A" })).send().await;
        let id = new.expect(201)["id"].as_str().unwrap().to_owned();
        let soql = format!("SELECT RecordTypeId FROM Case WHERE Id = '{id}'");
        let found = server.query(&soql).as_(ADMIN).send().await.records();
        found[0]["RecordTypeId"].clone()
    };
    assert_eq!(kind_of_new(AGENT).await, kind);
    assert_eq!(kind_of_new(ADMIN).await, Value::Null);
    let path = data(&format!("/sobjects/DefaultRecordType/{preset}"));
    server.delete(&path).as_(ADMIN).send().await.expect(204);
    assert_eq!(default_of(AGENT).await, master);
    assert_eq!(kind_of_new(AGENT).await, Value::Null);
}
