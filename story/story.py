"""The story through simple-salesforce, unmodified, over TLS.

The library insists on `https://{domain}.salesforce.com`. So it gets what any client of an own domain
gets: a name that leads to the server, and a certificate for that name which it trusts. The name is led
to the server in this process only; the certificate is the one `serve --tls-self-signed` makes.
"""

import datetime
import sys

import requests
import urllib3.util.connection
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from server import PASSWORD, expect, say, server

# As a domain for the library; it makes headwater.my.salesforce.com of it.
DOMAIN = "headwater.my"
HOST = f"{DOMAIN}.salesforce.com"


def expect_refusal(what, kind, check, act):
    """Ends the story unless the act is refused in this way."""
    try:
        answer = act()
    except kind as refusal:
        problem = check(refusal)
        if problem:
            sys.exit(f"\nThe story breaks here: {what}\n  {problem}")
        print(f"  ✓ {what}", flush=True)
        return
    except SalesforceError as other:
        sys.exit(f"\nThe story breaks here: {what}\n  not {kind.__name__}, but: {other!r}")
    sys.exit(f"\nThe story breaks here: {what}\n  it was not refused: {answer}")


def lead_to(port):
    """Leads the name to the server, as DNS and the port 443 would."""
    connect = urllib3.util.connection.create_connection

    def connected(address, *arguments, **options):
        here = ("127.0.0.1", port) if address == (HOST, 443) else address
        return connect(here, *arguments, **options)

    urllib3.util.connection.create_connection = connected


def trusting(certificate):
    session = requests.Session()
    # Certificates named in the environment would take the place of this one.
    session.trust_env = False
    session.verify = certificate
    return session


def log_in(user, certificate, **more):
    return Salesforce(
        username=f"{user}@headwater.example", password=PASSWORD, domain=DOMAIN,
        session=trusting(certificate), **more,
    )


def rows(sf, soql):
    return sf.query_all(soql)["records"]


def count(sf, condition):
    return sf.query(f"SELECT COUNT() FROM MessagingSession WHERE {condition}")["totalSize"]


def not_writable(field):
    """Says what of a refusal is not as Salesforce words it; the pointer is our own key."""
    expected = {
        "message": f"Unable to create/update fields: {field}. Please check the security settings of "
        "this field and verify that it is read/write for your profile or permission set.",
        "errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE",
        "fields": [field],
    }

    def check(refusal):
        found = [{k: v for k, v in error.items() if k != "notWritable"} for error in refusal.content]
        return None if found == [expected] else f"expected: {[expected]}\n  found:    {found}"

    return check


def code(expected):
    def check(refusal):
        found = refusal.content[0]["errorCode"]
        return None if found == expected else f"expected: {expected}\n  found:    {found}"

    return check


def logging_in(certificate):
    say("An agent logs in, by SOAP as the library does by default.")
    expect_refusal(
        "a wrong password is refused in the library's own words",
        SalesforceAuthenticationFailed,
        lambda refusal: None if refusal.code == "INVALID_LOGIN" else repr(refusal),
        lambda: Salesforce(username="agent@headwater.example", password="wrong", security_token="",
                           domain=DOMAIN, session=trusting(certificate)),
    )
    agent = log_in("agent", certificate, security_token="")
    expect("the library found its instance", HOST, agent.sf_instance)
    say("The same by OAuth's password flow, with the client every server knows.")
    other = log_in("agent", certificate, consumer_key="PlatformCLI", consumer_secret="")
    expect("another session of the same user", True, other.session_id != agent.session_id)
    expect("in the same org", agent.session_id.split("!")[0], other.session_id.split("!")[0])
    return agent


def finding(sf):
    say("A customer has written many times, and every session shows the wrong account.")
    wrong = rows(sf, "SELECT Id, Status, MessagingEndUserId, EndUserAccountId, EndUserAccount.Name "
                     "FROM MessagingSession WHERE EndUserAccount.Name = 'Test1' "
                     "ORDER BY StartTime DESC")
    expect("there are many", True, len(wrong) > 5)
    expect("all of one Messaging User", 1, len({row["MessagingEndUserId"] for row in wrong}))
    expect("all show Test1", {"Test1"}, {row["EndUserAccount"]["Name"] for row in wrong})
    expect("open ones and ended ones", {True, False}, {row["Status"] == "Ended" for row in wrong})
    return wrong


def describing(sf):
    say("Describe says where it is edited, and where not.")
    for name, fields, editable in [
        (sf.MessagingSession, ["EndUserAccountId", "EndUserContactId"], False),
        (sf.MessagingSession, ["CaseId", "LeadId", "OpportunityId", "CampaignId"], True),
        (sf.MessagingEndUser, ["AccountId", "ContactId"], True),
    ]:
        described = {field["name"]: field for field in name.describe()["fields"]}
        for field in fields:
            facts = described[field]
            expect(f"{name.name}.{field}: {'editable' if editable else 'read only'}",
                   (editable, editable), (facts["createable"], facts["updateable"]))


def refusing(sf, sessions, sample):
    say("The agent tries to change it on the session.")
    ended = next(row for row in sessions if row["Status"] == "Ended")
    for field in ["EndUserAccountId", "EndUserContactId"]:
        expect_refusal(f"{field} is refused in Salesforce's words", SalesforceMalformedRequest,
                       not_writable(field),
                       lambda field=field: sf.MessagingSession.update(ended["Id"], {field: None}))
    expect_refusal("so is an upsert", SalesforceMalformedRequest, not_writable("EndUserAccountId"),
                   lambda: sf.MessagingSession.upsert(f"Id/{ended['Id']}",
                                                      {"EndUserAccountId": sample}))
    expect("nothing has changed", len(sessions), count(sf, "EndUserAccount.Name = 'Test1'"))


def following(sf, sessions, user, test1, sample):
    say("The agent changes it on the Messaging User, and every session follows.")
    already = count(sf, f"EndUserAccountId = '{sample}'")
    expect("the update is taken", 204, sf.MessagingEndUser.update(user, {"AccountId": sample}))
    for row in sessions:
        found = sf.MessagingSession.get(row["Id"])
        if found["EndUserAccountId"] != sample:
            sys.exit(f"\nThe story breaks here: {row['Id']} shows {found['EndUserAccountId']}")
    print(f"  ✓ all {len(sessions)} sessions show Sample, read one by one")
    expect("none is left at Test1", 0, count(sf, f"EndUserAccountId = '{test1}'"))
    expect("all are counted at Sample", already + len(sessions),
           count(sf, f"EndUserAccountId = '{sample}'"))
    expect("by its name too, whatever the case", already + len(sessions),
           count(sf, "EndUserAccount.Name = 'SAMPLE'"))
    listed = rows(sf, "SELECT EndUserAccount.Name FROM MessagingSession "
                      "WHERE EndUserAccountId != null ORDER BY EndUserAccount.Name DESC")
    names = [row["EndUserAccount"]["Name"].lower() for row in listed]
    expect("a list by account name is in order", sorted(names, reverse=True), names)


def editing(sf, session):
    say("Case, lead and opportunity are the session's own, and are edited there.")
    for field, kind in [("CaseId", "Case"), ("LeadId", "Lead"), ("OpportunityId", "Opportunity")]:
        record = rows(sf, f"SELECT Id FROM {kind} ORDER BY CreatedDate DESC, Id LIMIT 1")[0]["Id"]
        sf.MessagingSession.update(session, {field: record})
        expect(f"{field} is changed", record, sf.MessagingSession.get(session)[field])
    case = sf.Case.create({"Subject": "Asked in the story", "Origin": "Web"})
    expect("a case is made", True, case["success"])
    sf.MessagingSession.update(session, {"CaseId": case["id"]})
    expect("and linked", "Asked in the story", rows(
        sf, f"SELECT Case.Subject FROM MessagingSession WHERE Id = '{session}'")[0]["Case"]["Subject"])


def relinking(sf, user, test1, sample, sessions):
    ours = f"https://{HOST}/services/headwater/v1"

    def call(method, path, **more):
        answer = sf.session.request(method, f"{ours}{path}", headers=sf.headers, **more)
        answer.raise_for_status()
        return answer.json()

    say("Relinking does it for many at once, and keeps a journal.")
    order = {"messagingEndUserIds": [user], "accountId": test1, "reason": "To show the way back"}
    asked = call("POST", "/relinks", json={**order, "dryRun": True})
    expect(f"it would change {sessions} sessions", (sessions, None),
           (asked["sessionsAffected"], asked["id"]))
    expect("only asked, nothing changed", sample, sf.MessagingEndUser.get(user)["AccountId"])
    done = call("POST", "/relinks", json=order)
    expect("every session follows", sessions, count(sf, f"EndUserAccountId = '{test1}'"))
    kept = rows(sf, f"SELECT Reason, SessionsAffected FROM Relink WHERE Id = '{done['id']}'")[0]
    expect("the relink is a record", ("To show the way back", sessions),
           (kept["Reason"], kept["SessionsAffected"]))
    undone = call("POST", f"/relinks/{done['id']}/undo")
    expect("it is undone", (done["id"], sessions), (undone["undoOf"], undone["sessionsAffected"]))
    expect("every session follows back", 0, count(sf, f"EndUserAccountId = '{test1}'"))
    return call


def remembering(sf, call, user, session, before):
    say("History tells all of it.")
    told = rows(sf, "SELECT OldValue, NewValue, CreatedBy.Username FROM MessagingEndUserHistory "
                    f"WHERE MessagingEndUserId = '{user}' AND Field = 'Account' "
                    "AND DataType = 'Text' ORDER BY CreatedDate")
    expect("to Sample, to Test1, to Sample",
           [("Test1", "Sample"), ("Sample", "Test1"), ("Test1", "Sample")],
           [(row["OldValue"], row["NewValue"]) for row in told])
    expect("by the agent", {"agent@headwater.example"},
           {row["CreatedBy"]["Username"] for row in told})
    then = call("GET", f"/sessions/{session}/identity", params={"asOf": before})
    expect("what the session showed before all this", ("Test1", "Sample"),
           (then["account"]["then"]["name"], then["account"]["now"]["name"]))


def refusing_readers(certificate, user, sample):
    say("Somebody who may only read is refused.")
    viewer = log_in("viewer", certificate, security_token="")
    expect("they see the Messaging User", sample, viewer.MessagingEndUser.get(user)["AccountId"])
    expect_refusal("and may not change it", SalesforceRefusedRequest,
                   code("INSUFFICIENT_ACCESS_OR_READONLY"),
                   lambda: viewer.MessagingEndUser.update(user, {"AccountId": None}))
    expect_refusal("what is not there is not found", SalesforceResourceNotFound, code("NOT_FOUND"),
                   lambda: viewer.MessagingSession.get("0MwHW00000000zz"))
    nobody = Salesforce(instance=HOST, session_id="00D000000000000!nothing",
                        session=trusting(certificate))
    expect_refusal("without logging in there is nothing at all", SalesforceExpiredSession,
                   code("INVALID_SESSION_ID"), lambda: nobody.query("SELECT Id FROM Account"))


def story():
    with server() as served:
        certificate = served.certificate
        lead_to(served.port)
        sf = logging_in(certificate)
        sessions = finding(sf)
        user, test1 = sessions[0]["MessagingEndUserId"], sessions[0]["EndUserAccountId"]
        ended = next(row["Id"] for row in sessions if row["Status"] == "Ended")
        sample = rows(sf, "SELECT Id FROM Account WHERE Name = 'Sample'")[0]["Id"]
        describing(sf)
        refusing(sf, sessions, sample)
        before = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        following(sf, sessions, user, test1, sample)
        editing(sf, ended)
        call = relinking(sf, user, test1, sample, len(sessions))
        remembering(sf, call, user, ended, before)
        refusing_readers(certificate, user, sample)
    say("The story holds, with simple-salesforce over TLS.")


if __name__ == "__main__":
    story()
