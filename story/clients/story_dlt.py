"""What users of dlt's source for Salesforce do: load objects, and load them again.

dlt hands its source out as files and not as a package; ingestr carries it in one, and is used here. The
objects it follows by a moment name their key `id`, which no record of any server has and this dlt looks
for; so the story keeps to those that it loads whole.
"""

import gzip
import json
import os
from pathlib import Path

import dlt
from ingestr.src.salesforce import salesforce_source
from simple_salesforce import Salesforce

from demo_org import ADMIN, DOMAIN, PASSWORD
from server import expect, say

HOME = Path(os.environ["HOME"])
os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}


def load(pipeline):
    """Loads users, contacts and shipments; gives the rows that this run has brought, by table."""
    before = set(HOME.rglob("*.jsonl*"))
    source = salesforce_source(ADMIN, PASSWORD, "", DOMAIN, "Shipment__c")
    pipeline.run(source.with_resources("user", "contact", "custom"), loader_file_format="jsonl").raise_on_failed_jobs()
    brought = {"user": [], "contact": [], "custom": []}
    for path in (HOME / "loaded").rglob("*.jsonl*"):
        if path in before or path.parent.name not in brought:
            continue
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        brought[path.parent.name] += [json.loads(line) for line in content.decode().splitlines()]
    return brought


def story():
    sf = Salesforce(username=ADMIN, password=PASSWORD, security_token="", domain=DOMAIN)
    sf.Shipment__c.create({"Name": "To load", "Weight__c": 2.5, "Sent__c": "2026-03-01T10:20:30.000Z",
                           "Notes__c": "one\ntwo"})
    destination = dlt.destinations.filesystem(f"file://{HOME}/loaded")
    pipeline = dlt.pipeline("story", destination=destination, dataset_name="salesforce", pipelines_dir=str(HOME / "pipelines"))
    say("They load all there is.")
    brought = load(pipeline)
    expect("every contact once", sf.query("SELECT COUNT() FROM Contact")["totalSize"],
           len({row["id"] for row in brought["contact"]}))
    expect("every user, by name", {row["Username"] for row in sf.query("SELECT Username FROM User")["records"]},
           {row["username"] for row in brought["user"]})
    jordan = next(row for row in brought["contact"] if row["name"] == "Jordan Avery")
    expect("with its values, and without its compound fields", ("Jordan", "Avery", False),
           (jordan["first_name"], jordan["last_name"], "mailing_address" in jordan))
    shipment = brought["custom"][0]
    expect("custom objects too, moments as moments", ("To load", 2.5, "one\ntwo", "2026-03-01T10:20:30"),
           (shipment["name"], shipment["weight__c"], shipment["notes__c"], shipment["sent__c"][:19]))
    say("They load it again.")
    sf.Contact.create({"LastName": "Come since"})
    names = [row["last_name"] for row in load(pipeline)["contact"]]
    expect("with the contact that has come since", (len(brought["contact"]) + 1, True),
           (len(names), "Come since" in names))
    say("The story holds, with dlt's source.")


if __name__ == "__main__":
    story()
