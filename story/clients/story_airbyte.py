"""What Airbyte does with its source for Salesforce: check, discover, read, and read again from the state."""

import json
import os
import sys
from pathlib import Path

import requests

from demo_org import CALLBACK, URL, headwater, refresh_token, run
from server import expect, say

HOME = Path(os.environ["HOME"])
SOURCE = str(Path(sys.executable).with_name("source-salesforce"))
CHOSEN = ["Account", "MessagingSession", "Shipment__c"]


def wrote(name, content):
    path = HOME / name
    path.write_text(json.dumps(content))
    return str(path)


def messages(*arguments):
    """What the source tells, a list for each type of message."""
    told = {}
    for line in run(SOURCE, *arguments).stdout.splitlines():
        if line.startswith("{"):
            message = json.loads(line)
            told.setdefault(message["type"], []).append(message)
    return told


def connected():
    app = headwater("app", "add", "Airbyte", "--callback", CALLBACK)
    return wrote("config.json", {
        "auth_type": "Client", "client_id": app["client_id"], "client_secret": app["client_secret"],
        "refresh_token": refresh_token(app["client_id"], app["client_secret"]),
        # One slice for all of it, in days: with years or months the source fails when it reads from a
        # state, for its moments can be moved by nothing else. Account has compound fields, which come by
        # REST, the others by Bulk.
        "start_date": "2025-01-01T00:00:00Z", "stream_slice_step": "P2000D",
        "streams_criteria": [{"criteria": "exacts", "value": name} for name in CHOSEN]})


def configured(streams):
    return wrote("catalog.json", {"streams": [
        {"stream": streams[name], "sync_mode": "incremental", "destination_sync_mode": "append_dedup",
         "cursor_field": ["SystemModstamp"], "primary_key": [["Id"]]} for name in CHOSEN]})


def read(*arguments):
    """The records by stream, and the states."""
    told = messages("read", *arguments)
    records = {name: [] for name in CHOSEN}
    for message in told.get("RECORD", []):
        records[message["record"]["stream"]].append(message["record"]["data"])
    return records, [message["state"] for message in told["STATE"]]


def change_sample(config, accounts):
    """Changes an account, as somebody does between two reads: its id."""
    account = next(account["Id"] for account in accounts if account["Name"] == "Sample")
    known = json.loads(Path(config).read_text())
    asked = {name: known[name] for name in ("client_id", "client_secret", "refresh_token")}
    token = requests.post(f"{URL}/services/oauth2/token", data={"grant_type": "refresh_token", **asked})
    bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
    requests.patch(f"{URL}/services/data/v62.0/sobjects/Account/{account}", headers=bearer,
                   json={"NumberOfEmployees": 9}).raise_for_status()
    return account


def story():
    say("It checks the connection, and discovers.")
    config = connected()
    status = messages("check", "--config", config)["CONNECTION_STATUS"][0]["connectionStatus"]
    expect("it is connected", "SUCCEEDED", status["status"])
    catalog = messages("discover", "--config", config)["CATALOG"][0]["catalog"]
    streams = {stream["name"]: stream for stream in catalog["streams"]}
    expect("the chosen streams are there", set(CHOSEN), set(CHOSEN) & set(streams))
    properties = streams["Shipment__c"]["json_schema"]["properties"]
    expect("with the types of their fields", (["number", "null"], "date-time"),
           (properties["Weight__c"]["type"], properties["Sent__c"]["format"]))
    say("It reads.")
    catalog = configured(streams)
    records, states = read("--config", config, "--catalog", catalog)
    accounts = {record["Name"]: record for record in records["Account"]}
    expect("accounts come with their address", ("Washington", 48),
           (accounts["Sample"]["BillingAddress"]["city"], accounts["Sample"]["NumberOfEmployees"]))
    sessions = records["MessagingSession"]
    expect("sessions come once", len(sessions), len({session["Id"] for session in sessions}))
    names = {record["Id"] for record in records["Account"]}
    # What is null is not in the record.
    linked = {session["EndUserAccountId"] for session in sessions if session.get("EndUserAccountId")}
    expect("each with an account that is there", (True, True), (bool(linked), linked <= names))
    say("It reads again from the state.")
    changed = change_sample(config, records["Account"])
    latest = {state["stream"]["stream_descriptor"]["name"]: state for state in states}
    again, _ = read("--config", config, "--catalog", catalog, "--state", wrote("state.json", list(latest.values())))
    expect("no more than what is new, and what it looks back at", True, all(
        len(again[name]) <= len(records[name]) for name in CHOSEN))
    expect("what was changed meanwhile is among it", [9], [
        account["NumberOfEmployees"] for account in again["Account"] if account["Id"] == changed])
    say("The story holds, with Airbyte's source.")


if __name__ == "__main__":
    story()
