//! SOAP's partner calls beyond logging in, as jsforce and older clients write them.

use headwater_catalogue::Id;
use headwater_testkit::{ADMIN, AGENT, Answer, TestServer, VIEWER};

/// A call by somebody, with more headers than the session's.
async fn call_with(server: &TestServer, who: &str, headers: &str, body: &str) -> Answer {
    let token = server.token(who).await;
    let envelope = format!(
        "<se:Envelope xmlns:se=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns=\"urn:partner.soap.sforce.com\"><se:Header><SessionHeader><sessionId>{token}\
         </sessionId></SessionHeader>{headers}</se:Header><se:Body>{body}</se:Body></se:Envelope>"
    );
    let request = server
        .post("/services/Soap/u/59.0")
        .header("soapaction", "\"\"");
    request
        .body("text/xml; charset=utf-8", envelope)
        .send()
        .await
}

async fn call(server: &TestServer, who: &str, body: &str) -> Answer {
    call_with(server, who, "", body).await
}

/// The texts of all elements of a name, as clients cut them out.
fn all(answer: &Answer, name: &str) -> Vec<String> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let parts = answer.text.split(&start).skip(1);
    let texts = parts.filter_map(|part| part.split(&end).next());
    texts.map(str::to_owned).collect()
}

#[track_caller]
fn fault(answer: &Answer, code: &str) {
    assert_eq!(answer.status, 500, "{}", answer.text);
    assert_eq!(all(answer, "sf:exceptionCode"), [code], "{}", answer.text);
}

fn ids(answer: &Answer) -> Vec<Id> {
    all(answer, "id")
        .iter()
        .filter_map(|id| id.parse().ok())
        .collect()
}

#[tokio::test]
async fn records_are_made_changed_read_deleted_and_brought_back() {
    let server = TestServer::start().await;
    let made = call(
        &server,
        ADMIN,
        "<create><sObjects><type>Account</type><Name>Alder &amp; Finch</Name>\
         <NumberOfEmployees>12</NumberOfEmployees></sObjects>\
         <sObjects><type>Account</type></sObjects></create>",
    )
    .await;
    made.expect(200);
    assert_eq!(all(&made, "success"), ["true", "false"]);
    assert_eq!(all(&made, "statusCode"), ["REQUIRED_FIELD_MISSING"]);
    assert_eq!(all(&made, "fields"), ["Name"]);
    let account = ids(&made)[0];
    let updated = call(
        &server,
        ADMIN,
        &format!(
            "<update><sObjects><type>Account</type><fieldsToNull>NumberOfEmployees</fieldsToNull>\
             <Id>{account}</Id><Phone>1</Phone><Website xsi:nil=\"true\"/></sObjects>\
             <sObjects><type>Account</type><Phone>1</Phone></sObjects></update>"
        ),
    )
    .await;
    assert_eq!(
        all(&updated, "success"),
        ["true", "false"],
        "{}",
        updated.text
    );
    let read = call(
        &server,
        ADMIN,
        &format!(
            "<retrieve><fieldList>Name, Phone,NumberOfEmployees</fieldList>\
             <sObjectType>Account</sObjectType><ids>{account}</ids>\
             <ids>001000000000000AAA</ids></retrieve>"
        ),
    )
    .await;
    let result = format!(
        "<retrieveResponse><result xsi:type=\"sf:sObject\"><sf:type>Account</sf:type>\
         <sf:Id>{account}</sf:Id><sf:Name>Alder &amp; Finch</sf:Name><sf:Phone>1</sf:Phone>\
         <sf:NumberOfEmployees xsi:nil=\"true\"/></result><result xsi:nil=\"true\"/>\
         </retrieveResponse>"
    );
    assert!(read.text.contains(&result), "{}", read.text);
    for (verb, expected) in [
        ("delete", ""),
        ("delete", "ENTITY_IS_DELETED"),
        ("undelete", ""),
        ("undelete", "UNDELETE_FAILED"),
        ("emptyRecycleBin", "DELETE_FAILED"),
        ("delete", ""),
        ("emptyRecycleBin", ""),
        ("undelete", "INVALID_CROSS_REFERENCE_KEY"),
    ] {
        let answer = call(
            &server,
            ADMIN,
            &format!("<{verb}><ids>{account}</ids></{verb}>"),
        )
        .await;
        let codes = all(&answer, "statusCode");
        assert_eq!(codes.join(""), expected, "{verb}: {}", answer.text);
    }
    let bad = call(&server, ADMIN, "<delete><ids>x</ids></delete>").await;
    assert_eq!(all(&bad, "statusCode"), ["MALFORMED_ID"]);
}

#[tokio::test]
async fn queries_come_in_pages_with_parents_and_typed_values() {
    let server = TestServer::start().await;
    let account = server.account("A").await;
    server.contact("<Byron>", Some(account)).await;
    let found = call(
        &server,
        ADMIN,
        "<query><queryString>SELECT Id, LastName, Account.Name, CreatedDate FROM Contact\
         </queryString></query>",
    )
    .await;
    found.expect(200);
    assert_eq!(all(&found, "sf:LastName"), ["&lt;Byron&gt;"]);
    assert_eq!(all(&found, "sf:Name"), ["A"]);
    assert_eq!(all(&found, "size"), ["1"]);
    assert!(all(&found, "sf:CreatedDate")[0].ends_with('Z'));
    for number in 0..250 {
        server.account(&format!("{number}")).await;
    }
    let options = "<QueryOptions><batchSize>200</batchSize></QueryOptions>";
    let query = "<query><queryString>SELECT Name FROM Account</queryString></query>";
    let first = call_with(&server, ADMIN, options, query).await;
    assert_eq!(all(&first, "done"), ["false"]);
    assert_eq!(all(&first, "sf:Name").len(), 200);
    let locator = all(&first, "queryLocator").remove(0);
    let more = format!("<queryMore><queryLocator>{locator}</queryLocator></queryMore>");
    let second = call(&server, ADMIN, &more).await;
    assert_eq!(all(&second, "done"), ["true"]);
    assert_eq!(all(&second, "sf:Name").len(), 51);
    let delete = format!("<delete><ids>{account}</ids></delete>");
    call(&server, ADMIN, &delete).await.expect(200);
    for (verb, count) in [("query", "250"), ("queryAll", "251")] {
        let body = format!(
            "<{verb}><queryString>SELECT Id FROM Account LIMIT 1000</queryString></{verb}>"
        );
        let answer = call(&server, ADMIN, &body).await;
        assert_eq!(all(&answer, "size"), [count]);
    }
}

#[tokio::test]
async fn upserts_merges_and_passwords_go_through_the_same_verbs() {
    let server = TestServer::start().await;
    let upsert = |name: &str| {
        format!(
            "<upsert><externalIDFieldName>Id</externalIDFieldName><sObjects><type>Account</type>\
             <Name>{name}</Name></sObjects></upsert>"
        )
    };
    let first = call(&server, ADMIN, &upsert("A")).await;
    assert_eq!(all(&first, "created"), ["true"], "{}", first.text);
    let second = call(&server, ADMIN, &upsert("B")).await;
    let (stays, goes) = (ids(&first)[0], ids(&second)[0]);
    let merged = call(
        &server,
        ADMIN,
        &format!(
            "<merge><request><masterRecord><type>Account</type><Id>{stays}</Id><Phone>7</Phone>\
             </masterRecord><recordToMergeIds>{goes}</recordToMergeIds></request></merge>"
        ),
    )
    .await;
    assert_eq!(
        all(&merged, "mergedRecordIds"),
        [goes.to_string()],
        "{}",
        merged.text
    );
    assert_eq!(all(&merged, "success"), ["true"]);
    let agent = server.user(AGENT).await;
    let set = format!("<setPassword><userId>{agent}</userId><password>x</password></setPassword>");
    fault(&call(&server, ADMIN, &set).await, "INVALID_NEW_PASSWORD");
    let reset = format!("<resetPassword><userId>{agent}</userId></resetPassword>");
    let reset = call(&server, ADMIN, &reset).await;
    assert_eq!(all(&reset, "password")[0].len(), 16, "{}", reset.text);
}

#[tokio::test]
async fn what_exists_and_what_changed_is_told() {
    let server = TestServer::start().await;
    let gone = server.account("A").await;
    let global = call(&server, ADMIN, "<describeGlobal/>").await;
    global.expect(200);
    assert!(all(&global, "name").contains(&"MessagingSession".to_owned()));
    let one = "<describeSObjects><sObjectType>Account</sObjectType>\
               <sObjectType>Contact</sObjectType></describeSObjects>";
    let described = call(&server, ADMIN, one).await;
    assert_eq!(described.text.matches("<result>").count(), 2);
    assert!(described.text.contains("<soapType>tns:ID</soapType>"));
    assert!(!described.text.contains("<urls>"), "no addresses of REST");
    let unknown = "<describeSObject><sObjectType>Nothing</sObjectType></describeSObject>";
    fault(&call(&server, ADMIN, unknown).await, "INVALID_TYPE");
    let delete = format!("<delete><ids>{gone}</ids></delete>");
    call(&server, ADMIN, &delete).await.expect(200);
    let now = server.org().now();
    let minutes = jiff::SignedDuration::from_mins(5);
    let (start, end) = (now - minutes, now + minutes);
    let stretch = format!(
        "<sObjectType>Account</sObjectType><startDate>{start}</startDate><endDate>{end}</endDate>"
    );
    let deleted = call(
        &server,
        ADMIN,
        &format!("<getDeleted>{stretch}</getDeleted>"),
    )
    .await;
    assert_eq!(ids(&deleted), [gone], "{}", deleted.text);
    let updated = call(
        &server,
        ADMIN,
        &format!("<getUpdated>{stretch}</getUpdated>"),
    )
    .await;
    assert_eq!(
        all(&updated, "latestDateCovered").len(),
        1,
        "{}",
        updated.text
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_call_is_a_fault_and_changes_nothing() {
    let server = TestServer::start().await;
    let query = |soql: &str| format!("<query><queryString>{soql}</queryString></query>");
    for (body, code) in [
        (query("SELECT Nothing FROM Account"), "INVALID_FIELD"),
        (query("SELECT"), "MALFORMED_QUERY"),
        (query("SELECT Id FROM Nothing"), "INVALID_TYPE"),
        (
            "<queryMore><queryLocator>x</queryLocator></queryMore>".to_owned(),
            "INVALID_QUERY_LOCATOR",
        ),
        (
            "<create><sObjects><Name>A</Name></sObjects></create>".to_owned(),
            "INVALID_TYPE",
        ),
    ] {
        fault(&call(&server, ADMIN, &body).await, code);
    }
    let one = "<sObjects><type>Account</type><Name>A</Name></sObjects>";
    let many = format!("<create>{}</create>", one.repeat(201));
    fault(&call(&server, ADMIN, &many).await, "EXCEEDED_ID_LIMIT");
    let create = format!("<create>{one}</create>");
    let options = "<QueryOptions><batchSize>many</batchSize></QueryOptions>";
    let refused = call_with(&server, ADMIN, options, &query("SELECT Id FROM Account")).await;
    assert_eq!(refused.status, 500);
    assert!(refused.text.contains("batchSize"), "{}", refused.text);
    let refused = call(&server, VIEWER, &create).await;
    assert_eq!(
        all(&refused, "statusCode"),
        ["INSUFFICIENT_ACCESS_OR_READONLY"]
    );
    let count = call(&server, ADMIN, &query("SELECT COUNT() FROM Account")).await;
    assert_eq!(all(&count, "size"), ["0"], "{}", count.text);
    let envelope = "<Envelope><Header/><Body><create/></Body></Envelope>";
    let nobody = server
        .post("/services/Soap/u/59.0")
        .body("text/xml", envelope);
    fault(&nobody.send().await, "INVALID_SESSION_ID");
    let unknown = call(&server, ADMIN, "<doNothing/>").await;
    assert!(
        unknown.text.contains("No operation available"),
        "{}",
        unknown.text
    );
}

const ALL_OR_NONE: &str = "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>";

#[tokio::test]
async fn all_records_of_a_call_are_changed_or_none() {
    let server = TestServer::start().await;
    let (one, other) = (server.account("A").await, server.account("B").await);
    let never = "001000000000001AAA";
    let rolled_back = "ALL_OR_NONE_OPERATION_ROLLED_BACK";
    let record = |fields: &str| format!("<sObjects><type>Account</type>{fields}</sObjects>");
    let update = |id: &str| record(&format!("<Id>{id}</Id><Phone>1</Phone>"));
    let by_id = "<externalIDFieldName>Id</externalIDFieldName>";
    let (good, bad) = (record("<Name>C</Name>"), record(""));
    for (verb, body, codes) in [
        (
            "create",
            format!("{good}{bad}"),
            [rolled_back, "REQUIRED_FIELD_MISSING"],
        ),
        (
            "update",
            format!("{}{}", update(never), update(one.as_str())),
            ["INVALID_CROSS_REFERENCE_KEY", rolled_back],
        ),
        // Not even tried.
        (
            "update",
            format!("{}{}", record("<Phone>1</Phone>"), update(one.as_str())),
            ["MISSING_ARGUMENT", rolled_back],
        ),
        (
            "upsert",
            format!("{by_id}{good}{}", update(never)),
            [rolled_back, "INVALID_CROSS_REFERENCE_KEY"],
        ),
        (
            "delete",
            format!("<ids>{one}</ids><ids>{never}</ids>"),
            [rolled_back, "INVALID_CROSS_REFERENCE_KEY"],
        ),
    ] {
        let body = format!("<{verb}>{body}</{verb}>");
        let answer = call_with(&server, ADMIN, ALL_OR_NONE, &body).await;
        answer.expect(200);
        assert_eq!(all(&answer, "statusCode"), codes, "{verb}: {}", answer.text);
        assert_eq!(all(&answer, "success"), ["false", "false"], "{verb}");
    }
    let query =
        "<query><queryString>SELECT Name, Phone FROM Account ORDER BY Name</queryString></query>";
    let left = call(&server, ADMIN, query).await;
    assert_eq!(all(&left, "sf:Name"), ["A", "B"]);
    assert_eq!(all(&left, "sf:Phone"), Vec::<String>::new());
    let body = format!(
        "<update>{}{}</update>",
        update(one.as_str()),
        update(other.as_str())
    );
    let done = call_with(&server, ADMIN, ALL_OR_NONE, &body).await;
    assert_eq!(all(&done, "success"), ["true", "true"], "{}", done.text);
    assert_eq!(ids(&done), [one, other]);
    // What treats each record by itself does not promise more; of one record nothing more is wanted.
    let both = format!("<delete><ids>{one}</ids><ids>{other}</ids></delete>");
    call_with(&server, ADMIN, ALL_OR_NONE, &both)
        .await
        .expect(200);
    let both = format!("<undelete><ids>{one}</ids><ids>{other}</ids></undelete>");
    let refused = call_with(&server, ADMIN, ALL_OR_NONE, &both).await;
    assert_eq!(refused.status, 500);
    assert!(refused.text.contains("AllOrNoneHeader"), "{}", refused.text);
    let back = format!("<undelete><ids>{one}</ids></undelete>");
    let back = call_with(&server, ADMIN, ALL_OR_NONE, &back).await;
    assert_eq!(all(&back, "success"), ["true"], "{}", back.text);
}

#[tokio::test]
async fn words_are_found_in_records_of_several_objects() {
    let server = TestServer::start().await;
    let account = server.account("Byron & Sons").await;
    server.contact("Byron", None).await;
    server.contact("Keats", None).await;
    let search = |sosl: &str| format!("<search><searchString>{sosl}</searchString></search>");
    let found = call(
        &server,
        ADMIN,
        &search("FIND {byron} RETURNING Account(Id, Name), Contact(LastName)"),
    )
    .await;
    found.expect(200);
    let records = all(&found, "searchRecords");
    assert_eq!(records.len(), 2, "{}", found.text);
    assert_eq!(
        records[0],
        format!(
            "<record xsi:type=\"sf:sObject\"><sf:type>Account</sf:type><sf:Id>{account}</sf:Id>\
             <sf:Name>Byron &amp; Sons</sf:Name></record>"
        )
    );
    assert_eq!(all(&found, "sf:LastName"), ["Byron"]);
    let nothing = call(&server, ADMIN, &search("FIND {shelley}")).await;
    nothing.expect(200);
    assert_eq!(all(&nothing, "searchRecords"), Vec::<String>::new());
    fault(
        &call(&server, ADMIN, &search("FIND")).await,
        "MALFORMED_SEARCH",
    );
}

#[tokio::test]
async fn leads_are_converted() {
    let server = TestServer::start().await;
    let lead = call(
        &server,
        ADMIN,
        "<create><sObjects><type>Lead</type><LastName>Byron</LastName><Company>Alder</Company>\
         </sObjects></create>",
    )
    .await;
    let lead = ids(&lead)[0];
    let convert = format!(
        "<convertLead><leadConverts><leadId>{lead}</leadId>\
         <convertedStatus>Closed - Converted</convertedStatus></leadConverts></convertLead>"
    );
    let converted = call(&server, ADMIN, &convert).await;
    assert_eq!(all(&converted, "success"), ["true"], "{}", converted.text);
    for id in ["accountId", "contactId", "opportunityId", "leadId"] {
        assert_eq!(all(&converted, id).len(), 1, "{id}: {}", converted.text);
    }
    let again = call(&server, ADMIN, &convert).await;
    assert_eq!(all(&again, "statusCode"), ["CANNOT_UPDATE_CONVERTED_LEAD"]);
    let path = format!("/services/headwater/v1/leads/{lead}/convert");
    let again = server.post(&path).as_(ADMIN).json(&serde_json::json!({}));
    let again = again.send().await;
    again.expect_error(400, "CANNOT_UPDATE_CONVERTED_LEAD");
}

#[tokio::test]
async fn code_that_clients_bring_along_is_answered_as_what_does_not_compile() {
    let server = TestServer::start().await;
    let run = async |session: &str| {
        let envelope = format!(
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:apex=\"http://soap.sforce.com/2006/08/apex\"><soapenv:Header><apex:SessionHeader>\
             <apex:sessionId>{session}</apex:sessionId></apex:SessionHeader></soapenv:Header>\
             <soapenv:Body><apex:executeAnonymous><apex:apexcode>System.debug(1);</apex:apexcode>\
             </apex:executeAnonymous></soapenv:Body></soapenv:Envelope>"
        );
        let request = server.post("/services/Soap/s/59.0/00D000000000001");
        request.body("text/xml", envelope).send().await
    };
    let ran = run(&server.token(AGENT).await).await;
    ran.expect(200);
    assert_eq!(all(&ran, "success"), ["false"], "{}", ran.text);
    assert!(all(&ran, "compileProblem")[0].contains("Apex"));
    assert_eq!(all(&ran, "debugLog"), [""]);
    fault(&run("nobody").await, "INVALID_SESSION_ID");
}
