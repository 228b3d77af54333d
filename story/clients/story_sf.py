"""What users of Salesforce's command line do."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

from demo_org import ADMIN, URL, headwater, run
from server import expect, say

HOME = Path(os.environ["HOME"])
SF = sys.argv[1]
os.environ |= {
    # No update, no telemetry, no key ring of the desktop: a machine that runs this has none.
    "SF_AUTOUPDATE_DISABLE": "true", "SF_DISABLE_TELEMETRY": "true", "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
    # Its own advice for machines that reach the org through a proxy only, where names are not resolved.
    "SFDX_DISABLE_DNS_CHECK": "true",
    "SF_TARGET_ORG": "story",
    # It starts itself by its name.
    "PATH": f"{Path(SF).parent}:{os.environ['PATH']}",
}


def sf(*arguments):
    """What a command answers."""
    return json.loads(run(SF, *arguments, "--json", cwd=HOME).stdout)["result"]


def refusal(*arguments):
    """What a command says that must fail."""
    done = subprocess.run([SF, *arguments, "--json"], cwd=HOME, capture_output=True, text=True)
    if not done.returncode:
        sys.exit(f"{' '.join(arguments)} was not refused: {done.stdout}")
    return json.loads(done.stdout)


def logging_in():
    say("They log in with a key, as pipelines do, and with an access token.")
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=pipeline",
        "-keyout", "key.pem", "-out", "certificate.pem", cwd=HOME)
    app = headwater("app", "add", "Pipeline", "--certificate", str(HOME / "certificate.pem"))
    org = sf("org", "login", "jwt", "--username", ADMIN, "--jwt-key-file", "key.pem", "--client-id",
             app["client_id"], "--instance-url", URL, "--alias", "story")
    expect("by a key", (ADMIN, URL), (org["username"], org["instanceUrl"].rstrip("/")))
    os.environ["SF_ACCESS_TOKEN"] = headwater("token", "--user", ADMIN)["access_token"]
    by_token = sf("org", "login", "access-token", "--instance-url", URL, "--alias", "token", "--no-prompt")
    expect("by a token", (ADMIN, org["orgId"]), (by_token["username"], by_token["orgId"]))
    del os.environ["SF_ACCESS_TOKEN"]
    shown = sf("org", "display")
    expect("the org is connected", ("Connected", org["orgId"]), (shown["connectedStatus"], shown["id"]))
    link = sf("org", "open", "--url-only")["url"]
    expect("it opens by a link that logs in", True, link.startswith(f"{URL}/secur/frontdoor.jsp?"))


def looking():
    say("They look at what there is.")
    names = sf("sobject", "list", "--sobject", "all")
    expect("objects are listed", True, {"Account", "MessagingSession", "Shipment__c"} <= set(names))
    described = sf("sobject", "describe", "--sobject", "Shipment__c")
    weight = next(field for field in described["fields"] if field["name"] == "Weight__c")
    expect("and described", ("double", 8, 2), (weight["type"], weight["precision"], weight["scale"]))
    limits = {limit["name"]: limit for limit in sf("org", "list", "limits")}
    expect("limits are listed", True, limits["DailyApiRequests"]["max"] > 0)
    counts = {one["name"]: one["count"] for one in sf("org", "list", "sobject", "record-counts",
                                                      "--sobject", "Account")}
    accounts = sf("data", "query", "--query", "SELECT COUNT() FROM Account")
    expect("and counts of records", accounts["totalSize"], counts["Account"])


def rows():
    say("They create, read, change and delete a record.")
    made = sf("data", "create", "record", "--sobject", "Account", "--values",
              "Name='Pipe & Line' NumberOfEmployees=5 Import_Key__c=sf-1")
    read = sf("data", "get", "record", "--sobject", "Account", "--record-id", made["id"])
    expect("it is read as it was written", ("Pipe & Line", 5), (read["Name"], read["NumberOfEmployees"]))
    sf("data", "update", "record", "--sobject", "Account", "--where", "Import_Key__c=sf-1", "--values",
       "Industry=Energy")
    read = sf("data", "get", "record", "--sobject", "Account", "--where", "Import_Key__c=sf-1")
    expect("it is found and changed by a field's value", (made["id"], "Energy"), (read["Id"], read["Industry"]))
    refused = refusal("data", "create", "record", "--sobject", "Contact", "--values", "FirstName=Only")
    expect("what is missing is told", True, "Required fields are missing: [LastName]" in refused["message"])
    sf("data", "delete", "record", "--sobject", "Account", "--record-id", made["id"])
    gone = sf("data", "query", "--query", f"SELECT Id FROM Account WHERE Id = '{made['id']}'")
    expect("it is deleted", 0, gone["totalSize"])


def querying():
    say("They query, for people and for programs.")
    soql = ("SELECT Name, Owner.Username, BillingCity FROM Account WHERE Name IN ('Sample', 'Test1') "
            "ORDER BY Name")
    found = sf("data", "query", "--query", soql)
    expect("records come with their parents", [("Sample", "agent@headwater.example"),
                                               ("Test1", "admin@headwater.example")],
           [(record["Name"], record["Owner"]["Username"]) for record in found["records"]])
    printed = run(SF, "data", "query", "--query", soql, "--result-format", "csv", cwd=HOME).stdout
    expect("as a table with a column for each", [
        {"Name": "Sample", "Owner.Username": "agent@headwater.example", "BillingCity": "Washington"},
        {"Name": "Test1", "Owner.Username": "admin@headwater.example", "BillingCity": ""},
    ], list(csv.DictReader(io.StringIO(printed))))
    fields = sf("data", "query", "--use-tooling-api", "--query",
                "SELECT DeveloperName FROM CustomField WHERE TableEnumOrId = 'Account'")
    expect("metadata too", ["Import_Key"], [record["DeveloperName"] for record in fields["records"]])
    wrong = refusal("data", "query", "--query", "SELECT Nmae FROM Account")
    expect("a mistake is shown with its place", True, "Row:1:Column:8" in wrong["message"])
    answered = json.loads(run(SF, "api", "request", "rest", "services/data/v67.0/limits", cwd=HOME).stdout)
    expect("any resource can be asked", True, "DailyApiRequests" in answered)


def story():
    logging_in()
    looking()
    rows()
    querying()
    say("The story holds, with Salesforce's command line.")


if __name__ == "__main__":
    story()
