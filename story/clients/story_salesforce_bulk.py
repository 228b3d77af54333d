"""What users of salesforce-bulk do: Bulk API 1.0 jobs in CSV, JSON and XML."""

import csv
import io
import json

from salesforce_bulk import BulkApiError, CsvDictsAdapter, SalesforceBulk

from demo_org import ADMIN, DOMAIN, PASSWORD
from server import expect, say

MANY = 250
POLL_SECONDS = 0.2


def load(bulk, job, content):
    """The results of a batch, by what the library makes of them."""
    batch = bulk.post_batch(job, content)
    bulk.close_job(job)
    bulk.wait_for_batch(job, batch, timeout=60, sleep_interval=POLL_SECONDS)
    return bulk.get_batch_results(batch)


def found(bulk, soql, kind="CSV"):
    """The rows of a query."""
    job = bulk.create_query_job("Shipment__c", contentType=kind)
    batch = bulk.query(job, soql)
    bulk.close_job(job)
    bulk.wait_for_batch(job, batch, timeout=60, sleep_interval=POLL_SECONDS)
    rows = []
    for result in bulk.get_all_results_for_query_batch(batch):
        text = result.read().decode()
        rows += json.loads(text) if kind == "JSON" else csv.DictReader(io.StringIO(text))
    return rows


def in_csv(bulk):
    say("They load many records as CSV.")
    job = bulk.create_insert_job("Shipment__c", contentType="CSV", concurrency="Parallel")
    rows = ({"Name": f"Bulk {number:03}", "Weight__c": str(number), "Key__c": f"b{number}",
             "Notes__c": 'says "so",\nand more'} for number in range(MANY))
    results = load(bulk, job, CsvDictsAdapter(rows))
    expect("each is made", [("true", "true", "")] * MANY,
           [(result.success, result.created, result.error) for result in results])
    expect("the job counts them", (str(MANY), "0", "Closed"), tuple(
        bulk.job_status(job)[name] for name in ("numberRecordsProcessed", "numberRecordsFailed", "state")))
    read = found(bulk, "SELECT Name, Weight__c, Notes__c FROM Shipment__c ORDER BY Weight__c")
    expect("they are read as they were written", [
        (f"Bulk {number:03}", number, 'says "so",\nand more') for number in range(MANY)],
        [(row["Name"], float(row["Weight__c"]), row["Notes__c"]) for row in read])
    expect("by the id of their results", {result.id for result in results},
           {row["Id"] for row in found(bulk, "SELECT Id FROM Shipment__c")})


def in_turn(bulk):
    say("They have batches go one after the other.")
    job = bulk.create_upsert_job("Shipment__c", "Key__c", contentType="CSV", concurrency="Serial")
    expect("the job says so", "Serial", bulk.job_status(job)["concurrencyMode"])
    batches = [bulk.post_batch(job, CsvDictsAdapter(iter([{"Key__c": "b1", "Weight__c": str(weight)}])))
               for weight in (30, 20, 10)]
    bulk.close_job(job)
    for batch in batches:
        bulk.wait_for_batch(job, batch, timeout=60, sleep_interval=POLL_SECONDS)
    read = found(bulk, "SELECT Weight__c FROM Shipment__c WHERE Key__c = 'b1'")
    expect("what the last of them says holds", [10], [float(row["Weight__c"]) for row in read])


def in_json(bulk):
    say("They change and upsert them, as CSV and as JSON.")
    job = bulk.create_upsert_job("Shipment__c", "Key__c", contentType="CSV")
    results = load(bulk, job, CsvDictsAdapter(iter([
        {"Key__c": "b7", "Weight__c": "700.5", "Notes__c": "#N/A"},
        {"Key__c": "new", "Weight__c": "1", "Notes__c": ""}])))
    expect("one is changed, one made", [("true", "false"), ("true", "true")],
           [(result.success, result.created) for result in results])
    read = found(bulk, "SELECT Name, Weight__c, Notes__c FROM Shipment__c WHERE Key__c = 'b7'", "JSON")
    expect("what is read as JSON has JSON's types", [("Bulk 007", 700.5, None)],
           [(row["Name"], row["Weight__c"], row["Notes__c"]) for row in read])
    job = bulk.create_insert_job("Account", contentType="JSON")
    results = load(bulk, job, json.dumps([{"Name": "In JSON"}, {"Industry": "Energy"}]))
    expect("a record that is wrong is told beside one that is right", [True, False],
           [result.success for result in results])
    expect("with what is wrong", ("REQUIRED_FIELD_MISSING", ["Name"]),
           (results[1].error[0]["statusCode"], results[1].error[0]["fields"]))


def ending(bulk):
    say("They delete them, and are told of mistakes.")
    ids = [row["Id"] for row in found(bulk, "SELECT Id FROM Shipment__c WHERE Name LIKE 'Bulk %'")]
    job = bulk.create_delete_job("Shipment__c", contentType="CSV")
    results = load(bulk, job, CsvDictsAdapter({"Id": one} for one in ids))
    expect("all are deleted", {"true"}, {result.success for result in results})
    expect("and gone", ["new"], [row["Key__c"] for row in found(bulk, "SELECT Key__c FROM Shipment__c")])
    job = bulk.create_insert_job("Account")
    bulk.abort_job(job)
    expect("a job is given up", "Aborted", bulk.job_state(job))
    try:
        bulk.job_status("750000000000000AAA")
        raise SystemExit("a job that is not there was found")
    except BulkApiError as refused:
        expect("a job that is not there is told", (400, True), (refused.status_code, "InvalidJob" in str(refused)))


def story():
    bulk = SalesforceBulk(username=ADMIN, password=PASSWORD, security_token="", domain=DOMAIN)
    in_csv(bulk)
    in_turn(bulk)
    in_json(bulk)
    ending(bulk)
    say("The story holds, with salesforce-bulk.")


if __name__ == "__main__":
    story()
