"""Twilio's own library signs what we take, and sends what we send."""

import json
import logging

import requests
from twilio.http.http_client import HttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from carriers import StandIn, expect, org, say

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
US, CUSTOMER = "+12025550100", "+12025550147"


def answers(asked):
    if asked.path.endswith("/Media/ME1"):
        return "image/jpeg", b"a picture"
    if asked.form().get("To") == ["+12025550199"]:
        return 400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400}
    number = sum("/Messages.json" in one.path for one in twilio.asked)
    return 201, {"sid": f"SM{number:032d}", "status": "queued", "account_sid": ACCOUNT}


class Recorder(HttpClient):
    """What Twilio's library would ask Twilio, taken down."""

    def __init__(self):
        super().__init__(logging.getLogger(__name__), is_async=False)

    def request(self, method, url, params=None, data=None, headers=None, auth=None, **_):
        self.form = {name: value if isinstance(value, list) else [value] for name, value in data.items()}
        self.path, self.auth = url.removeprefix("https://api.twilio.com"), auth
        return Response(201, json.dumps({"sid": "SM1", "status": "queued"}))


def library_sends(**message):
    recorder = Recorder()
    Client(ACCOUNT, TOKEN, http_client=recorder).messages.create(**message)
    return recorder


twilio = StandIn(answers)
with org() as headwater:
    channel = headwater.channel("Texts_of_ours", "Text", US)
    connected = headwater.connect("Texts_of_ours", "twilio", twilio.url, TOKEN, key=ACCOUNT)
    webhook = connected["webhook"]
    customers, agents = headwater.said(channel, "EndUser"), headwater.said(channel, "Agent")

    def calls(form, url=webhook, token=TOKEN):
        """Twilio calls us, with the signature that its library makes."""
        signature = RequestValidator(token).compute_signature(url, form)
        return requests.post(url, data=form, headers={"X-Twilio-Signature": signature}).status_code

    say("What Twilio's library signs is taken, and nothing else.")
    hello = {"MessageSid": "SM1", "From": CUSTOMER, "To": US, "Body": "Grüße 👋 & more", "NumMedia": "0",
             "AccountSid": ACCOUNT, "SomethingNew": "tomorrow's parameter"}
    expect("a message signed with the token is taken", 200, calls(hello))
    expect("and again, for Twilio may call twice", 200, calls(hello))
    expect("one signed with another token is not", 403, calls(hello, token="another"))
    forged = requests.post(webhook, data={**hello, "Body": "changed"}, headers={
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(webhook, hello)})
    expect("nor one that was changed on its way", 403, forged.status_code)
    headwater.until("it is in the transcript once", customers, "Message", ["Grüße 👋 & more"])

    say("A picture is fetched from Twilio.")
    media = f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1"
    expect("a message with a picture is taken", 200, calls({
        **hello, "MessageSid": "MM1", "Body": "Look", "NumMedia": "1", "MediaUrl0": media,
        "MediaContentType0": "image/jpeg"}))
    headwater.until("its text is in the transcript", customers, "Message", ["Grüße 👋 & more", "Look"])
    session = headwater.session(channel)
    expect("the picture is at the session", [("file.jpg", b"a picture")], headwater.files(session))
    opened = twilio.last("/ME1").headers["authorization"]
    expect("and was asked for with the account's name and token",
           requests.auth._basic_auth_str(ACCOUNT, TOKEN), opened)

    say("What an agent writes goes out as Twilio's library would send it.")
    expect("an agent answers", 303, headwater.agent_sends(session, "Good day"))
    headwater.until("the message is sent", agents, "MessageStatus", ["Sent"])
    sent = twilio.last("/Messages.json")
    library = library_sends(to=CUSTOMER, from_=US, body="Good day", status_callback=f"{webhook}/status")
    expect("to the same address", library.path, sent.path)
    expect("with the same form", library.form, sent.form())
    expect("and the same name and token", library.auth, (ACCOUNT, TOKEN))

    expect("an agent sends a file", 303,
           headwater.agent_sends(session, "Your bill", files=[("bill.pdf", b"a bill", "application/pdf")]))
    headwater.until("it is sent with its text", agents, "MessageStatus", ["Sent", "Sent"])
    sent = twilio.last("/Messages.json").form()
    address = sent["MediaUrl"][0]
    library = library_sends(to=CUSTOMER, from_=US, body="Your bill", media_url=[address],
                            status_callback=f"{webhook}/status")
    expect("as Twilio's library would send it", library.form, sent)
    expect("and Twilio can fetch it", b"a bill", requests.get(address).content)
    expect("which nobody can who changes the address", 403,
           requests.get(address.replace("expires=", "expires=9")).status_code)

    say("Reports move the message's status on, and never back.")
    for state, shown in [("delivered", "Delivered"), ("sent", "Delivered"), ("read", "Read")]:
        report = {"MessageSid": f"SM{1:032d}", "MessageStatus": state, "AccountSid": ACCOUNT,
                  "To": CUSTOMER, "From": US}
        expect(f"the report '{state}' is taken", 204, calls(report, url=f"{webhook}/status"))
        headwater.until(f"the message is {shown}", agents, "MessageStatus", [shown, "Sent"])

    say("STOP, as Twilio has heeded it.")
    expect("a word of the messaging service's is taken", 200, calls({
        **hello, "MessageSid": "SM3", "Body": "Halt", "OptOutType": "STOP"}))
    consent = f"SELECT MessagingConsentStatus FROM MessagingEndUser WHERE MessagingChannelId = '{channel}'"
    headwater.until("the customer has opted out", consent, "MessagingConsentStatus", ["OptedOut"])
    expect("and an agent cannot write any more", True,
           headwater.rest.get(f"{headwater.url}/services/data/v67.0/sobjects/MessagingSession/{session}"
                              ).json()["Status"] == "Ended")
