"""What users of simple-salesforce do with many records: collections, Bulk API 2.0 and 1.0."""

import csv
import io

from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceGeneralError

from demo_org import ADMIN, DOMAIN, PASSWORD
from server import expect, say

MANY = 2500
WAIT_SECONDS = 0.2


def in_csv(text):
    return list(csv.DictReader(io.StringIO(text)))


def in_calls(sf):
    say("They hand over collections, and a composite of calls.")
    made = sf.restful("composite/sobjects", method="POST", json={"allOrNone": False, "records": [
        {"attributes": {"type": "Account"}, "Name": "Together"}, {"attributes": {"type": "Account"}}]})
    expect("one that is wrong is told beside one that is right", [(True, None), (False, "REQUIRED_FIELD_MISSING")],
           [(one["success"], one["errors"][0]["statusCode"] if one["errors"] else None) for one in made])
    base = f"/services/data/v{sf.sf_version}"
    answer = sf.restful("composite", method="POST", json={"allOrNone": True, "compositeRequest": [
        {"method": "GET", "referenceId": "found", "url": f"{base}/query?q=SELECT+Id+FROM+Account+WHERE+Name='Together'"},
        {"method": "POST", "referenceId": "made", "url": f"{base}/sobjects/Contact",
         "body": {"LastName": "Referred", "AccountId": "@{found.records[0].Id}"}},
    ]})["compositeResponse"]
    expect("each call is answered", [200, 201], [one["httpStatusCode"] for one in answer])
    contact = sf.query("SELECT Account.Name FROM Contact WHERE LastName = 'Referred'")["records"][0]
    expect("and refers to the one before", "Together", contact["Account"]["Name"])


def by_bulk_2(sf):
    say("They load thousands by Bulk API 2.0.")
    records = [{"Name": f"V2 {number}", "Key__c": f"v{number}", "Weight__c": str(number),
                "Notes__c": f'line "{number}",\nand more'} for number in range(MANY)]
    done = sf.bulk2.Shipment__c.insert(records=records, wait=WAIT_SECONDS)
    expect("in one job", [(MANY, 0, MANY)], [(one["numberRecordsProcessed"], one["numberRecordsFailed"],
                                               one["numberRecordsTotal"]) for one in done])
    job = done[0]["job_id"]
    results = in_csv(sf.bulk2.Shipment__c.get_successful_records(job))
    expect("each is told with what was sent", [(row["Name"], row["Notes__c"]) for row in records],
           [(row["Name"], row["Notes__c"]) for row in sorted(results, key=lambda row: int(row["Weight__c"]))])
    failed = sf.bulk2.Shipment__c.insert(records=[{"Name": "Again", "Key__c": "v1"}], wait=WAIT_SECONDS)
    told = in_csv(sf.bulk2.Shipment__c.get_failed_records(failed[0]["job_id"]))
    expect("one whose key is taken is told", [("Again", True)],
           [(row["Name"], row["sf__Error"].startswith("DUPLICATE_VALUE:")) for row in told])
    pages = [in_csv(page) for page in sf.bulk2.Shipment__c.query(
        "SELECT Id, Name FROM Shipment__c WHERE Key__c LIKE 'v%'", max_records=1000, wait=WAIT_SECONDS)]
    expect("they come in pages of the size asked for", [1000, 1000, 500], [len(page) for page in pages])
    rows = [row for page in pages for row in page]
    expect("each once", {f"V2 {number}" for number in range(MANY)}, {row["Name"] for row in rows})
    upserted = sf.bulk2.Shipment__c.upsert(records=[{"Key__c": "v1", "Name": "Changed"}, {"Key__c": "w", "Name": "Made"}],
                                           external_id_field="Key__c", wait=WAIT_SECONDS)
    results = in_csv(sf.bulk2.Shipment__c.get_successful_records(upserted[0]["job_id"]))
    expect("an upsert tells what it made", {"Changed": "false", "Made": "true"},
           {row["Name"]: row["sf__Created"] for row in results})
    return [row["Id"] for row in rows]


def by_bulk_1(sf, ids):
    say("They go on by Bulk API 1.0.")
    results = sf.bulk.Shipment__c.update([{"Id": one, "Weight__c": 0.5} for one in ids[:300]],
                                         batch_size=100)
    expect("an update is taken, in batches", (300, {True}), (len(results), {one["success"] for one in results}))
    found = sf.bulk.Shipment__c.query("SELECT Id, Weight__c, CreatedDate FROM Shipment__c WHERE Weight__c = 0.5")
    expect("and read", (set(ids[:300]), {0.5}, True), ({row["Id"] for row in found}, {row["Weight__c"] for row in found},
                                                       isinstance(found[0]["CreatedDate"], int)))
    results = sf.bulk.Shipment__c.upsert([{"Key__c": "w", "Name": "Changed in 1.0"}, {"Key__c": "x", "Name": "Made in 1.0"}],
                                         "Key__c")
    expect("an upsert tells what it made", [False, True], [one["created"] for one in results])
    wrong = sf.bulk.Account.insert([{"Industry": "Energy"}])
    expect("what is wrong is told", ("REQUIRED_FIELD_MISSING", ["Name"]),
           (wrong[0]["errors"][0]["statusCode"], wrong[0]["errors"][0]["fields"]))
    try:
        sf.bulk.Shipment__c.query("SELECT Nmae FROM Shipment__c")
        raise SystemExit("a query that is wrong was answered")
    except SalesforceGeneralError as refused:
        expect("a query that is wrong fails its batch", True, "Nmae" in str(refused.content))
    sf.bulk.Shipment__c.delete([{"Id": one} for one in ids[:500]], batch_size=500)
    sf.bulk2.Shipment__c.delete(records=[{"Id": one} for one in ids[500:]], wait=WAIT_SECONDS)
    expect("all are deleted", 2, sf.query("SELECT COUNT() FROM Shipment__c")["totalSize"])
    deleted = sf.bulk.Shipment__c.query_all("SELECT Id FROM Shipment__c WHERE IsDeleted = TRUE")
    expect("and found among all", MANY, len(deleted))


def story():
    sf = Salesforce(username=ADMIN, password=PASSWORD, security_token="", domain=DOMAIN)
    in_calls(sf)
    by_bulk_1(sf, by_bulk_2(sf))
    say("The story holds, with simple-salesforce and many records.")


if __name__ == "__main__":
    story()
