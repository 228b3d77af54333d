"""The story with simple-salesforce, over TLS: the client as it is on PyPI, with its own login. A session shows the wrong account; it cannot be changed there; it is changed on the
Messaging User; every session follows. Then: why, relink, undo, history, and what it showed before.

Starts a server of its own on a new data directory. HEADWATER_BINARY names the binary.
"""

import datetime
import os
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile

import requests
import urllib3
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

BINARY = os.environ.get("HEADWATER_BINARY", "../target/release/headwater")
HOST = "headwater.my.salesforce.com"
REFUSAL = (
    "Unable to create/update fields: EndUserAccountId. Please check the security settings of this "
    "field and verify that it is read/write for your profile or permission set."
)


def say(text):
    print(f"\n-- {text}")


def same(what, expected, found):
    if expected != found:
        sys.exit(f"FAILED: {what}: expected {expected!r}, found {found!r}")
    print(f"   {what}: {found}")


class Server:
    """A demo server with a certificate of its own."""

    def __init__(self, directory):
        self.password = secrets.token_urlsafe(12)
        self.log = open(directory / "log", "w+")
        data = directory / "data"
        self.process = subprocess.Popen(
            [BINARY, "serve", "--demo", "--tls-self-signed", "--listen", "127.0.0.1:0", "--data", data],
            env={**os.environ, "HEADWATER_DEMO_PASSWORD": self.password},
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        for line in self.process.stdout:
            ready = re.match(r"headwater is ready: https://127.0.0.1:(\d+)", line)
            if ready:
                self.port = int(ready.group(1))
                break
        else:
            sys.exit(f"FAILED: the server ended:\n{self.complaints()}")
        self.certificate = str(data / "tls-certificate.pem")

    def complaints(self):
        self.log.seek(0)
        return "".join(line for line in self.log if '"level":"INFO"' not in line)

    def stop(self):
        self.process.terminate()
        same("the server's exit status", 0, self.process.wait(20))
        same("its complaints", "", self.complaints())


def stand_in_for_dns(port):
    """The client makes its login address from a domain of Salesforce's and knows no port, so that
    name leads to our server, as an entry in DNS and port 443 would. TLS checks the name all the
    same: the server's certificate holds it."""
    connect = urllib3.util.connection.create_connection

    def connect_to_ours(address, *arguments, **named):
        if address[0] == HOST:
            address = ("127.0.0.1", port)
        return connect(address, *arguments, **named)

    urllib3.util.connection.create_connection = connect_to_ours


def log_in(server):
    session = requests.Session()
    # Certificates named in the environment would take the place of this one.
    session.trust_env = False
    session.verify = server.certificate
    stand_in_for_dns(server.port)
    sf = Salesforce(
        username="agent@headwater.example",
        password=server.password,
        security_token="",
        domain=HOST.removesuffix(".salesforce.com"),
        session=session,
    )
    same("the client goes on at", HOST, sf.sf_instance)
    return sf, session


def story(server):
    say("the client logs in, as it does at Salesforce")
    sf, session = log_in(server)
    ours = f"https://{HOST}/services/headwater/v1"

    def call(method, path, **more):
        answer = session.request(method, f"{ours}/{path}", headers=sf.headers, **more)
        answer.raise_for_status()
        return answer.json()

    def count(account):
        where = f"EndUserAccount.Name = '{account}'"
        return sf.query(f"SELECT COUNT() FROM MessagingSession WHERE {where}")["totalSize"]

    def account(name):
        return sf.query(f"SELECT Id FROM Account WHERE Name = '{name}'")["records"][0]["Id"]

    say("a session of Jordan Avery shows the account Test1")
    found = sf.query(
        "SELECT Id, EndUserAccount.Name, MessagingEndUserId FROM MessagingSession "
        "WHERE MessagingEndUser.Name = 'Jordan Avery' ORDER BY StartTime DESC"
    )
    newest = found["records"][0]
    user = newest["MessagingEndUserId"]
    same("the session's account", "Test1", newest["EndUserAccount"]["Name"])
    wrong, right = count("Test1"), count("Sample")
    same("sessions with Test1 are all of Jordan's", found["totalSize"], wrong)
    test1, sample = account("Test1"), account("Sample")

    say("describe says so before anybody tries")
    fields = {field["name"]: field for field in sf.MessagingSession.describe()["fields"]}
    for name in ("EndUserAccountId", "EndUserContactId"):
        same(f"{name} updateable", False, fields[name]["updateable"])
    for name in ("CaseId", "LeadId", "OpportunityId", "CampaignId"):
        same(f"{name} updateable", True, fields[name]["updateable"])

    say("it cannot be changed on the session")
    for what, attempt in [
        ("update", lambda: sf.MessagingSession.update(newest["Id"], {"EndUserAccountId": sample})),
        ("create", lambda: sf.MessagingSession.create({"EndUserAccountId": sample})),
    ]:
        try:
            attempt()
        except SalesforceMalformedRequest as refused:
            [error] = refused.content
            same(f"{what}: code", "INVALID_FIELD_FOR_INSERT_UPDATE", error["errorCode"])
            same(f"{what}: message", REFUSAL, error["message"])
            same(f"{what}: fields", ["EndUserAccountId"], error["fields"])
        else:
            sys.exit(f"FAILED: the {what} was not refused")

    say("what belongs to the session is changed on the session")
    case = sf.query("SELECT Id FROM Case WHERE Account.Name = 'Sample' LIMIT 1")["records"][0]["Id"]
    sf.MessagingSession.update(newest["Id"], {"CaseId": case})
    same("the session's case", case, sf.MessagingSession.get(newest["Id"])["CaseId"])

    say("the account is changed on the Messaging User, and every session follows")
    before = datetime.datetime.now(datetime.timezone.utc).isoformat()
    same("status", 204, sf.MessagingEndUser.update(user, {"AccountId": sample}))
    same("the session's account", sample, sf.MessagingSession.get(newest["Id"])["EndUserAccountId"])
    rows = sf.query_all(
        f"SELECT EndUserAccountId FROM MessagingSession WHERE MessagingEndUserId = '{user}'"
    )["records"]
    same("accounts of all", {sample}, {row["EndUserAccountId"] for row in rows})
    same("sessions with Test1", 0, count("Test1"))
    same("sessions with Sample", wrong + right, count("Sample"))

    say("why: explain")
    why = call("GET", f"explain/MessagingSession/{newest['Id']}/EndUserAccountId")
    same("rule", "inherited", why["lock"]["rule"])
    same("edit at", ("MessagingEndUser", "AccountId", user), tuple(
        why["lock"]["editAt"][key] for key in ("object", "field", "id")
    ))

    say("relink: a dry run, then for good, then undone")
    order = {"messagingEndUserIds": [user], "accountId": test1, "reason": "to show it"}
    same("would follow", wrong, call("POST", "relinks", json={**order, "dryRun": True})["sessionsAffected"])
    same("sessions with Test1", 0, count("Test1"))
    relink = call("POST", "relinks", json=order)
    same("sessions with Test1", wrong, count("Test1"))
    call("POST", f"relinks/{relink['id']}/undo")
    same("sessions with Test1", 0, count("Test1"))
    same("the relink is a record", "to show it", sf.Relink.get(relink["id"])["Reason"])

    say("history, and what the session showed before")
    changes = sf.query(
        "SELECT OldValue, NewValue FROM MessagingEndUserHistory "
        f"WHERE MessagingEndUserId = '{user}' AND Field = 'Account'"
    )["records"]
    names = [row["NewValue"] for row in changes if row["NewValue"] in ("Test1", "Sample")]
    same("changes of the account", 3, len(names))
    then = call("GET", f"sessions/{newest['Id']}/identity", params={"asOf": before})
    same("the account before", "Test1", then["account"]["then"]["name"])
    same("and now", "Sample", then["account"]["now"]["name"])

    say("what is not there is not found")
    try:
        sf.MessagingSession.get("0MwHW00000000zz")
    except SalesforceResourceNotFound:
        print("   404")
    else:
        sys.exit("FAILED: a session that does not exist was found")


if __name__ == "__main__":
    os.chdir(pathlib.Path(__file__).parent)
    with tempfile.TemporaryDirectory() as directory:
        say("one command starts a server with a demo org and a certificate")
        server = Server(pathlib.Path(directory))
        try:
            story(server)
            say("the server ends in order")
            server.stop()
        finally:
            server.process.kill()
    print("\nThe story holds with simple-salesforce over TLS.")
