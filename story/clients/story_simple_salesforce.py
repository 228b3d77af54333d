"""What users of simple-salesforce do."""

import base64
import datetime
import hashlib
import tempfile

from simple_salesforce import Salesforce, SalesforceLogin, format_soql
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)

from demo_org import ADMIN, DOMAIN, HOST, PASSWORD, headwater
from server import expect, say

# More than two pages of the smallest size there is.
MANY = 410


def refusal(kind, act):
    """The error items of a call that must be refused in this way."""
    try:
        answer = act()
    except kind as refused:
        return refused.content
    raise SystemExit(f"not refused: {answer}")


def logging_in():
    say("They log in, each way there is.")
    sf = Salesforce(username=ADMIN, password=PASSWORD, security_token="")
    expect("by SOAP at login.salesforce.com", "login.salesforce.com", sf.sf_instance)
    session, instance = SalesforceLogin(username=ADMIN, password=PASSWORD, security_token="",
                                        domain=DOMAIN)
    expect("by SOAP at the org's own domain", HOST, instance)
    by_organization = SalesforceLogin(username=ADMIN, password=PASSWORD,
                                      organizationId=session.split("!")[0], domain=DOMAIN)
    expect("with the organization's id in place of a security token", HOST, by_organization[1])
    again = Salesforce(instance=HOST, session_id=session)
    expect("with the session of an earlier login", sf.query("SELECT Id FROM Organization")["records"],
           again.query("SELECT Id FROM Organization")["records"])
    app = headwater("app", "add", "Nightly", "--run-as", ADMIN)
    credentials = {"consumer_key": app["client_id"], "consumer_secret": app["client_secret"]}
    nightly = Salesforce(domain=DOMAIN, **credentials)
    expect("by an app's own credentials", HOST, nightly.sf_instance)
    by_password = Salesforce(username=ADMIN, password=PASSWORD, domain=DOMAIN, **credentials)
    expect("by OAuth's password flow", ADMIN, by_password.oauth2("userinfo")["preferred_username"])
    try:
        Salesforce(username=ADMIN, password="wrong", security_token="")
        raise SystemExit("a wrong password was good enough")
    except SalesforceAuthenticationFailed as refused:
        expect("a wrong password is refused", "INVALID_LOGIN", refused.code)
    return sf


def describing(sf):
    say("They look at what there is.")
    listed = {one["name"]: one for one in sf.describe()["sobjects"]}
    expect("the list has standard and custom objects", ("001", True),
           (listed["Account"]["keyPrefix"], listed["Shipment__c"]["custom"]))
    fields = {field["name"]: field for field in sf.Account.describe()["fields"]}
    expect("the key of imports is an external id", ("string", True, True),
           tuple(fields["Import_Key__c"][fact] for fact in ("type", "externalId", "unique")))
    expect("the metadata of an object tells itself", "Account",
           sf.Account.metadata()["objectDescribe"]["name"])
    expect("this is no sandbox", False, sf.is_sandbox())
    limits = sf.limits()["DailyApiRequests"]
    used = sf.api_usage["api-usage"].used
    expect("limits and the header of each answer agree on the calls of the day", True,
           abs(limits["Max"] - limits["Remaining"] - used) <= 2)


def rows(sf):
    say("They create, read, change, upsert and delete single records.")
    made = sf.Account.create({"Name": "Ægir & Søn", "AnnualRevenue": 1250000, "Description": "one\ntwo"})
    expect("a record is made", (True, []), (made["success"], made["errors"]))
    account = made["id"]
    found = sf.Account.get(account)
    expect("it is read as it was written", ("Ægir & Søn", 1250000, "one\ntwo", False),
           tuple(found[name] for name in ("Name", "AnnualRevenue", "Description", "IsDeleted")))
    expect("it says what it is", ("Account", f"/services/data/v{sf.sf_version}/sobjects/Account/{account}"),
           (found["attributes"]["type"], found["attributes"]["url"]))
    expect("an update is taken", 204, sf.Account.update(account, {"Industry": "Retail", "Description": None}))
    found = sf.Account.get(account)
    expect("and changes what it named only", ("Retail", None, "Ægir & Søn"),
           tuple(found[name] for name in ("Industry", "Description", "Name")))
    expect("an upsert by external id makes a record", 201,
           sf.Account.upsert("Import_Key__c/a%2Fb", {"Name": "Upserted"}))
    expect("and then changes it", 200, sf.Account.upsert("Import_Key__c/a%2Fb", {"Industry": "Energy"}))
    by_key = sf.Account.get_by_custom_id("Import_Key__c", "a/b")
    expect("it is read by that id", ("Upserted", "Energy", "a/b"),
           tuple(by_key[name] for name in ("Name", "Industry", "Import_Key__c")))
    expect("a record is deleted", 204, sf.Account.delete(by_key["Id"]))
    expect("and gone", "NOT_FOUND", refusal(SalesforceResourceNotFound, lambda: sf.Account.get_by_custom_id(
        "Import_Key__c", "a/b"))[0]["errorCode"])
    expect("a name that is missing is told with its field", ("REQUIRED_FIELD_MISSING", ["Name"]), (lambda e: (
        e["errorCode"], e["fields"]))(refusal(SalesforceMalformedRequest, lambda: sf.Account.create({}))[0]))
    expect("a field that is not there is told by name", "No such column 'Nmae' on sobject of type Account",
           refusal(SalesforceMalformedRequest, lambda: sf.Account.create({"Nmae": "x"}))[0]["message"])
    return account


def custom(sf, account):
    say("They make objects and fields of their own, and write into them.")
    made = sf.restful("tooling/sobjects/CustomField", method="POST", json={
        "FullName": "Account.Region__c",
        "Metadata": {"label": "Region", "type": "Text", "length": 20, "externalId": True}})
    expect("a field is made, for good", True, made["success"])
    sf.Account.update(account, {"Region__c": "North"})
    sf.Account.create({"Name": "Another of the north", "Region__c": "North"})
    sent = "2026-03-01T10:20:30.000+0000"
    sf.Account.upsert("Import_Key__c/parent", {"Name": "Parent by key"})
    shipment = sf.Shipment__c.create({
        "Name": "S-1", "Weight__c": 12.5, "Sent__c": sent, "Due__c": "2026-03-09", "Fragile__c": True,
        "Account__r": {"Import_Key__c": "parent"}, "Key__c": "s1"})
    read = sf.query("SELECT Name, Weight__c, Sent__c, Due__c, Fragile__c, Account__r.Name FROM Shipment__c "
                    f"WHERE Id = '{shipment['id']}'")["records"][0]
    expect("a custom record has its values and its parent by external id",
           ("S-1", 12.5, sent, "2026-03-09", True, "Parent by key"),
           (read["Name"], read["Weight__c"], read["Sent__c"], read["Due__c"], read["Fragile__c"],
            read["Account__r"]["Name"]))
    several = refusal(SalesforceMoreThanOneRecord, lambda: sf.Account.get_by_custom_id("Region__c", "North"))
    expect("an external id that two records share is answered with their addresses", 2, len(several))


def querying(sf):
    say("They query, page by page.")
    for number in range(MANY):
        sf.Shipment__c.create({"Name": f"Page {number:03}", "Weight__c": number})
    sf.headers["Sforce-Query-Options"] = "batchSize=200"
    soql = "SELECT Id, Name, Weight__c FROM Shipment__c WHERE Name LIKE 'Page %' ORDER BY Weight__c"
    page = sf.query(soql)
    expect("the first page holds what was asked for", (MANY, False, 200),
           (page["totalSize"], page["done"], len(page["records"])))
    page = sf.query_more(page["nextRecordsUrl"], identifier_is_url=True)
    expect("the second goes on where it ended", ("Page 200", 200, False),
           (page["records"][0]["Name"], len(page["records"]), page["done"]))
    page = sf.query_more(page["nextRecordsUrl"].rsplit("/", 1)[1])
    expect("the last is the rest", ("Page 409", 10, True),
           (page["records"][-1]["Name"], len(page["records"]), page["done"]))
    expected = [f"Page {number:03}" for number in range(MANY)]
    expect("query_all gives each once and in order", expected,
           [record["Name"] for record in sf.query_all(soql)["records"]])
    expect("so does the iterator", expected, [record["Name"] for record in sf.query_all_iter(soql)])
    del sf.headers["Sforce-Query-Options"]
    expect("format_soql quotes", 1, sf.query(format_soql(
        "SELECT COUNT() FROM Account WHERE Name IN {} AND AnnualRevenue > {}", ["Ægir & Søn", "it's"],
        1249999))["totalSize"])
    found = refusal(SalesforceMalformedRequest, lambda: sf.query("SELECT Nmae FROM Account"))[0]
    expect("a mistake is shown with its place", ("INVALID_FIELD", True),
           (found["errorCode"], "ERROR at Row:1:Column:8" in found["message"]))


def files(sf, account):
    say("They keep files.")
    # Every byte there is, in more than one piece of base64.
    content = bytes(range(256)) * 300
    encoded = base64.b64encode(content).decode()
    made = sf.Attachment.create({"ParentId": account, "Name": "all.bin", "Body": "c29vbiBvdGhlcnM="})
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        sf.Attachment.update_base64(made["id"], file.name)
    attached = sf.query(f"SELECT Id, Name, BodyLength FROM Attachment WHERE ParentId = '{account}'")["records"]
    expect("an attachment is listed with the size of what has replaced it", [("all.bin", len(content))],
           [(one["Name"], one["BodyLength"]) for one in attached])
    expect("and is downloaded as it was", content, sf.Attachment.get_base64(attached[0]["Id"]))
    made = sf.ContentVersion.create({"PathOnClient": "all.bin", "VersionData": encoded,
                                     "FirstPublishLocationId": account})
    version = sf.ContentVersion.get(made["id"])
    expect("a file says what it is", ("all", "bin", len(content), hashlib.md5(content).hexdigest()),
           (version["Title"], version["FileExtension"], version["ContentSize"], version["Checksum"]))
    expect("and is downloaded as it was", content,
           sf.ContentVersion.get_base64(version["Id"], base64_field="VersionData"))
    links = sf.query(f"SELECT ContentDocument.Title FROM ContentDocumentLink WHERE LinkedEntityId = '{account}'")
    expect("it belongs to the record it was published to", ["all"],
           [one["ContentDocument"]["Title"] for one in links["records"]])
    sf.ContentVersion.create({"ContentDocumentId": version["ContentDocumentId"], "PathOnClient": "two.txt",
                              "VersionData": base64.b64encode(b"two").decode()})
    latest = sf.query("SELECT VersionNumber, VersionData FROM ContentVersion WHERE IsLatest = true AND "
                      f"ContentDocumentId = '{version['ContentDocumentId']}'")["records"]
    expect("another version is the latest", ["2"], [one["VersionNumber"] for one in latest])


def changes(sf, account):
    say("They ask what has changed.")
    now = datetime.datetime.now(datetime.timezone.utc)
    start, end = now - datetime.timedelta(days=1), now + datetime.timedelta(minutes=2)
    gone = sf.Account.create({"Name": "Soon gone"})["id"]
    sf.Account.delete(gone)
    expect("what was made and changed is listed", True, account in sf.Account.updated(start, end)["ids"])
    deleted = sf.Account.deleted(start, end)
    expect("and what was deleted", True, gone in {one["id"] for one in deleted["deletedRecords"]})
    expect("with queryAll it is still found", [{"Name": "Soon gone", "IsDeleted": True}], [
        {"Name": one["Name"], "IsDeleted": one["IsDeleted"]} for one in sf.query_all(
            f"SELECT Name, IsDeleted FROM Account WHERE Id = '{gone}'", include_deleted=True)["records"]])
    expect("without, it is not", 0, sf.query(f"SELECT COUNT() FROM Account WHERE Id = '{gone}'")["totalSize"])


def story():
    sf = logging_in()
    describing(sf)
    account = rows(sf)
    custom(sf, account)
    querying(sf)
    files(sf, account)
    changes(sf, account)
    say("The story holds, with simple-salesforce.")


if __name__ == "__main__":
    story()
