"""What users of Singer's tap-salesforce do: discover, choose streams, sync, and sync again from the state."""

import json
import os
import sys
from collections import Counter
from pathlib import Path

from demo_org import CALLBACK, headwater, refresh_token, run
from server import expect, say

HOME = Path(os.environ["HOME"])
TAP = str(Path(sys.executable).with_name("tap-salesforce"))
CHOSEN = {"Account", "MessagingSession", "MessagingEndUser", "Shipment__c"}


def wrote(name, content):
    path = HOME / name
    path.write_text(json.dumps(content))
    return str(path)


def configured(kind):
    app = headwater("app", "add", f"Tap by {kind}", "--callback", CALLBACK)
    return wrote(f"{kind}.json", {
        "client_id": app["client_id"], "client_secret": app["client_secret"],
        "refresh_token": refresh_token(app["client_id"], app["client_secret"]),
        "start_date": "2020-01-01T00:00:00Z", "api_type": kind, "select_fields_by_default": True})


def discover(config):
    """What there is, all of it described, with the chosen streams selected."""
    catalog = json.loads(run(TAP, "--config", config, "--discover").stdout)
    streams = {stream["stream"]: stream for stream in catalog["streams"]}
    expect("the chosen streams are there", CHOSEN, CHOSEN & set(streams))
    properties = streams["Shipment__c"]["schema"]["properties"]
    expect("fields have the types that they have",
           ([["null", "number"], ["null", "boolean"], ["null", "string"]], "date-time"),
           ([properties[name]["type"] for name in ("Weight__c", "Fragile__c", "Notes__c")],
            properties["Sent__c"]["anyOf"][0]["format"]))
    for name in CHOSEN:
        whole = next(entry for entry in streams[name]["metadata"] if entry["breadcrumb"] == [])
        expect(f"{name} can be followed by its modification", ["SystemModstamp"],
               whole["metadata"]["valid-replication-keys"])
        whole["metadata"] |= {"selected": True, "replication-method": "INCREMENTAL",
                              "replication-key": "SystemModstamp"}
    return wrote("catalog.json", {"streams": [streams[name] for name in sorted(CHOSEN)]})


def sync(config, catalog, state=None):
    """The records by stream, and the last state."""
    more = ["--state", wrote("state.json", state)] if state else []
    printed = run(TAP, "--config", config, "--properties", catalog, *more).stdout
    messages = [json.loads(line) for line in printed.splitlines()]
    records = {name: [] for name in CHOSEN}
    for message in messages:
        if message["type"] == "RECORD":
            records[message["stream"]].append(message["record"])
    return records, [message["value"] for message in messages if message["type"] == "STATE"][-1]


def told(kind):
    say(f"Over {kind}: discover.")
    config = configured(kind)
    catalog = discover(config)
    say(f"Over {kind}: sync.")
    records, state = sync(config, catalog)
    accounts = {record["Name"]: record for record in records["Account"]}
    expect("every account comes, in the types of its schema", ("Retail", 48, False),
           tuple(accounts["Sample"][name] for name in ("Industry", "NumberOfEmployees", "IsDeleted")))
    sessions = records["MessagingSession"]
    expect("every session comes once", (len(sessions), 1),
           (len({session["Id"] for session in sessions}), max(Counter(s["Id"] for s in sessions).values())))
    users = {user["Id"]: user for user in records["MessagingEndUser"]}
    expect("and shows the account of its Messaging User", [], [
        session["Id"] for session in sessions
        if session["EndUserAccountId"] != users[session["MessagingEndUserId"]]["AccountId"]])
    newest = max(account["SystemModstamp"] for account in records["Account"])
    expect("the state is the newest that was seen", newest[:19],
           state["bookmarks"]["Account"]["SystemModstamp"][:19])
    say(f"Over {kind}: sync again from that state.")
    again, _ = sync(config, catalog, state)
    expect("only what is as new as the state comes again", True,
           0 < len(again["MessagingSession"]) < len(sessions) or len(sessions) == 1)


def story():
    for kind in sys.argv[1:]:
        told(kind)
    say("The story holds, with tap-salesforce.")


if __name__ == "__main__":
    story()
