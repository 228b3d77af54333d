"""A service of one's own, by Salesforce's Interaction Service API; its callbacks are checked by the library of
Standard Webhooks."""

import base64
import json
import time
import uuid

import requests
from standardwebhooks import Webhook, WebhookVerificationError

from carriers import StandIn, expect, org, say, until

ADDRESS, CUSTOMER, DEFINITION = str(uuid.uuid4()), "David Wood", "Partner_Channel"
SIGNING = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes here").decode()

service = StandIn(lambda asked: {})
with org() as headwater:
    channel = headwater.channel("Channel_of_ours", "Custom", ADDRESS)
    connected = headwater.connect("Channel_of_ours", "partner", f"{service.url}/events", SIGNING, key=DEFINITION)
    expect("the address to call is Salesforce's", f"{headwater.url}/api/v1/interactions", connected["webhook"])
    customers, agents = headwater.said(channel, "EndUser"), headwater.said(channel, "Agent")
    token = headwater.interaction_token()
    organization = headwater.query("SELECT Id FROM Organization")[0]["Id"]

    def asks(method, path, token=token, **body):
        return requests.request(method, f"{headwater.url}/api/v1/{path}", headers={
            "Authorization": f"Bearer {token}", "OrgId": organization[:15],
            "AuthorizationContext": DEFINITION, "RequestId": str(uuid.uuid4())}, **body)

    def interacts(interaction, attachment=None, **more):
        request = {"to": ADDRESS, "from": CUSTOMER, "interactions": [
            {"timestamp": 1688190840000, **interaction}]}
        parts = {"json": (None, json.dumps(request), "application/json")}
        if attachment:
            parts["attachments"] = attachment
        return asks("POST", "interactions", files=parts, **more)

    def message(text):
        name = str(uuid.uuid4())
        return {"interactionType": "EntryInteraction", "payload": {
            "id": name, "entryType": "Message", "abstractMessage": {
                "messageType": "StaticContentMessage", "id": name,
                "staticContent": {"formatType": "Text", "text": text}}}}

    say("What the service brings is in the transcript.")
    hello = message("Hi there")
    first = interacts(hello)
    expect("a message is taken", 202, first.status_code)
    expect("and again, once", first.json()["workItemIds"], interacts(hello).json()["workItemIds"])
    expect("whoever has a token for something else is refused", 10003,
           interacts(hello, token=headwater.token).json()["code"])
    bill = {"interactionType": "AttachmentInteraction", "id": str(uuid.uuid4()), "attachmentIndex": 0,
            "contentLength": 6, "text": "This is my file"}
    expect("a file is taken", 202, interacts(bill, ("bill.pdf", b"a bill", "application/pdf")).status_code)
    headwater.until("both are there", customers, "Message", ["Hi there", "This is my file"])
    session = headwater.session(channel)
    expect("the session is the one that was told", first.json()["workItemIds"], [session[:15]])
    expect("the file is at it", [("bill.pdf", b"a bill")], headwater.files(session))

    say("What an agent writes is called back, signed.")
    files = [("photo.jpg", b"a picture", "image/jpeg")]
    expect("an agent answers with a file", 303, headwater.agent_sends(session, "Good day", files=files))
    headwater.until("it is sent", agents, "MessageStatus", ["Sent"])
    called = service.last("/events")
    event = Webhook(SIGNING).verify(called.body, called.headers)
    try:
        Webhook(SIGNING).verify(called.body.replace(b"Good", b"Bad!"), called.headers)
        expect("the library refuses what was changed", True, False)
    except WebhookVerificationError:
        pass
    told = event["payload"]
    expect("it is for the customer", (CUSTOMER, ADDRESS),
           (told["recipient"]["subject"], told["channelAddressIdentifier"]))
    content = told["payload"]["entryPayload"]["abstractMessage"]["staticContent"]
    expect("it says what the agent wrote", "Good day", content["text"])
    expect("and the file can be fetched", b"a picture", requests.get(content["attachments"][0]["url"]).content)

    say("The service says how far the customer has come.")
    for kind, shown in [("Delivered", "Delivered"), ("Read", "Read")]:
        answer = asks("POST", "acknowledgement", json={
            "conversationIdentifier": told["conversationIdentifier"],
            "sender": {"appType": "custom", "subject": CUSTOMER, "role": "EndUser"},
            "acknowledgements": [{
                "acknowledgementType": kind, "acknowledgementTimestamp": str(int(time.time() * 1000)),
                "acknowledgedConversationEntryIdentifier": told["payload"]["identifier"],
                "acknowledgmentCreatedConversationEntryIdentifier": str(uuid.uuid4())}]})
        expect(f"'{kind}' is taken", (200, {"success": True}), (answer.status_code, answer.json()))
        headwater.until(f"the message is {shown}", agents, "MessageStatus", [shown])
    ended = asks("POST", "messagingSession", json={
        "sessionId": session, "operation": "End", "operationBy": "EndUser"})
    expect("and that they have left", 202, ended.status_code)

    say("It is told how the session stands and who is in it, and reads what was said.")
    def happenings(kind):
        events = [Webhook(SIGNING).verify(asked.body, asked.headers) for asked in service.asked
                  if asked.path.endswith("/events")]
        entries = [event["payload"]["payload"] for event in events if event["eventType"] == "Interaction"]
        return [entry["entryPayload"] for entry in entries if entry["entryType"] == kind]

    def statuses():
        return [entry["sessionStatus"] for entry in happenings("SessionStatusChanged")]

    until("it has begun to wait, was taken, and is over", statuses, ["Waiting", "Active", "Ended"])
    participants = [entry["entries"][0]["operation"] for entry in happenings("ParticipantChanged")]
    expect("the agent came and went", ["add", "remove"], participants)
    listed = asks("GET", "conversationEntry", params={"conversationIdentifier": told["conversationIdentifier"]})
    expect("the newest message comes first", [("Agent", "Good day"), ("EndUser", "This is my file"),
           ("EndUser", "Hi there")], [(one["sender"]["role"], one["entryPayload"]["abstractMessage"]["staticContent"]["text"])
                                      for one in listed.json()["conversationEntries"]])

    say("It says itself who gets a session.")
    headwater.changes("MessagingChannel", channel, RoutingOwner="Partner")
    available = next(one for one in headwater.own("GET", "presence")["statuses"] if one["label"] == "Available")
    headwater.own("POST", "presence", statusId=available["id"])
    work_item = interacts(message("Me again")).json()["workItemIds"][0]

    def requested():
        events = [json.loads(asked.body) for asked in service.asked if asked.path.endswith("/events")]
        return [event["payload"]["payload"]["workRecordId"][:15] for event in events if event["eventType"] == "RoutingRequested"]

    until("it is asked to route the session", requested, [work_item])
    admin = headwater.query("SELECT Id FROM User WHERE Username = 'admin@headwater.example'")[0]["Id"]
    offered = asks("POST", "agentWork", json={"userId": admin, "workItemId": work_item, "capacityWeight": 1})
    expect("it names an agent", 202, offered.status_code)
    offers = [one["workId"] for one in headwater.own("GET", "presence")["offers"]]
    expect("who is offered it, beside what waits in the demo", True, offered.json()["agentWorkId"] in offers)
    headwater.own("POST", f"offers/{offered.json()['agentWorkId']}/accept")
    until("and takes it", lambda: [entry["workType"] for entry in happenings("RoutingWorkResult")][-2:],
          ["Assigned", "Accepted"])
