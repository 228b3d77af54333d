"""WhatsApp's Cloud API by pywa, and Messenger: its validator takes the signatures that we take, its types
read what Meta brings us, and its client sends what we send."""

import hashlib
import hmac
import json

import httpx
import pywa
import requests
from pywa.types import Button
from pywa.utils import webhook_updates_validator

from carriers import StandIn, expect, org, say

SECRET, TOKEN = "app-secret-1", "EAAG-token"
NUMBER, PAGE, CUSTOMER = "106540352242922", "105", "12025550147"


def answers(asked):
    path = asked.path.split("?")[0]
    if path.endswith("/media/1"):
        return "image/jpeg", b"a picture"
    if path.endswith("/777"):
        return {"url": f"{meta.url}/media/1", "mime_type": "image/jpeg", "id": "777"}
    if path.endswith(f"/{NUMBER}/media"):
        return {"id": "900"}
    if path.endswith(f"/{PAGE}/messages"):
        return {"recipient_id": "7120", "message_id": f"m_{len(meta.asked)}"}
    return {"messaging_product": "whatsapp", "contacts": [{"input": CUSTOMER, "wa_id": CUSTOMER}],
            "messages": [{"id": f"wamid.{len(meta.asked)}"}]}


def library_sends(call):
    """The body that the library's client sends to Meta."""
    seen = []

    def transport(request):
        seen.append(json.loads(request.content))
        return httpx.Response(200, json={
            "messaging_product": "whatsapp", "contacts": [{"input": CUSTOMER, "wa_id": CUSTOMER}],
            "messages": [{"id": "wamid.x"}]})

    with httpx.Client(transport=httpx.MockTransport(transport)) as session:
        call(pywa.WhatsApp(NUMBER, TOKEN, session=session))
    return seen[-1]


meta = StandIn(answers)
with org() as headwater:
    channel = headwater.channel("WhatsApp_of_ours", "WhatsApp", "+15550100")
    connected = headwater.connect("WhatsApp_of_ours", "whatsapp", meta.url, TOKEN, SECRET, key=NUMBER)
    webhook = connected["webhook"]
    customers, agents = headwater.said(channel, "EndUser"), headwater.said(channel, "Agent")

    def signed(body, secret=SECRET):
        return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()

    def brings(event, address=webhook, secret=SECRET):
        """Meta brings an event, with a signature that the library's validator takes."""
        # As Meta writes it: nothing but ASCII.
        body = json.dumps(event).encode()
        signature = signed(body, secret)
        if secret == SECRET and not webhook_updates_validator(SECRET, body, signature):
            expect("the library's validator takes the signature", True, False)
        return requests.post(address, data=body, headers={
            "Content-Type": "application/json", "X-Hub-Signature-256": signature}).status_code

    def update(**value):
        return {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [{
            "field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "15550100", "phone_number_id": NUMBER}, **value}}]}]}

    def written(number, **message):
        return update(
            contacts=[{"profile": {"name": "Jordan Lee"}, "wa_id": CUSTOMER, "user_id": "US.1349120865"}],
            messages=[{"from": CUSTOMER, "id": f"wamid.in{number}", "timestamp": "1760000000", **message}])

    say("Meta is shown that the address is ours.")
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    shown = requests.get(webhook, params={**asked, "hub.verify_token": connected["verify_token"]})
    expect("by the token, which is answered with the challenge", (200, "1158201444"),
           (shown.status_code, shown.text))
    expect("and by nothing else", 403,
           requests.get(webhook, params={**asked, "hub.verify_token": "guess"}).status_code)

    say("What the library takes for genuine is taken, and says the same to both.")
    hello = written(1, type="text", text={"body": "Grüße 👋"})
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(500))) as session:
        client = pywa.WhatsApp(NUMBER, TOKEN, session=session)
        read = pywa.types.Message.from_update(client, hello)
    expect("a text is taken", 200, brings(hello))
    expect("and again", 200, brings(hello))
    expect("one that was signed otherwise is not", 403, brings(hello, secret="guess"))
    headwater.until("what the library reads is in the transcript once", customers, "Message", [read.text])
    image = written(2, type="image", image={"id": "777", "mime_type": "image/jpeg", "caption": "Look"})
    expect("a picture is taken", 200, brings(image))
    headwater.until("with its caption", customers, "Message", ["Grüße 👋", "Look"])
    session = headwater.session(channel)
    expect("and is at the session", [("image.jpg", b"a picture")], headwater.files(session))

    say("What an agent writes is what the library's client would send.")
    expect("an agent answers", 303, headwater.agent_sends(session, "Good day"))
    headwater.until("the message is sent", agents, "MessageStatus", ["Sent"])
    first = meta.last("/messages")
    expect("the library sends the same",
           library_sends(lambda client: client.send_message(CUSTOMER, "Good day")), first.json())
    expect("with the same token", f"Bearer {TOKEN}", first.headers["authorization"])
    name = f"wamid.{meta.asked.index(first) + 1}"

    expect("an agent offers answers", 303, headwater.agent_sends(session, "Which size?", "Small | Large"))
    headwater.until("they are sent", agents, "MessageStatus", ["Sent", "Sent"])
    buttons = [Button(title=size, callback_data=size) for size in ("Small", "Large")]
    expect("as the library sends them",
           library_sends(lambda client: client.send_message(CUSTOMER, "Which size?", buttons=buttons)),
           meta.last("/messages").json())
    chosen = written(3, type="interactive", interactive={
        "type": "button_reply", "button_reply": {"id": "Large", "title": "Large"}})
    expect("a pressed button is taken", 200, brings(chosen))
    headwater.until("and is in the transcript", customers, "Message", ["Grüße 👋", "Look", "Large"])

    expect("an agent sends a file", 303,
           headwater.agent_sends(session, "", files=[("bill.pdf", b"a bill", "application/pdf")]))
    headwater.until("it is sent", agents, "MessageStatus", ["Sent"] * 3)
    expect("Meta got it first", ("bill.pdf", b"a bill"), meta.last(f"/{NUMBER}/media").parts()["file"])
    expect("and then a message that names it, as the library sends one",
           library_sends(lambda client: client.send_document(CUSTOMER, "900", filename="bill.pdf")),
           meta.last("/messages").json())

    zipped = [("all.zip", b"zip", "application/zip")]
    expect("what WhatsApp does not take is refused", 422, headwater.agent_sends(session, "", files=zipped))
    expect("with the reason", True, "takes no files of type application/zip" in headwater.answer)

    say("Reports move the status on, and never back.")
    for state, shown in [("delivered", "Delivered"), ("sent", "Delivered"), ("read", "Read")]:
        report = update(statuses=[{"id": name, "status": state, "timestamp": "1760000001",
                                   "recipient_id": CUSTOMER}])
        expect(f"the report '{state}' is taken", 200, brings(report))
        headwater.until(f"the message is {shown}", agents, "MessageStatus", [shown, "Sent", "Sent"])

    say("A page at Facebook.")
    channel = headwater.channel("Page_of_ours", "Facebook", PAGE)
    connected = headwater.connect("Page_of_ours", "messenger", meta.url, TOKEN, SECRET, key=PAGE)
    hello = {"object": "page", "entry": [{"id": PAGE, "time": 1760000000000, "messaging": [{
        "sender": {"id": "7120"}, "recipient": {"id": PAGE}, "timestamp": 1760000000000,
        "message": {"mid": "m_in1", "text": "Hello"}}]}]}
    expect("a message is taken", 200, brings(hello, connected["webhook"]))
    headwater.until("and is in the transcript", headwater.said(channel, "EndUser"), "Message", ["Hello"])
    session = headwater.session(channel)
    expect("an agent offers answers", 303, headwater.agent_sends(session, "Which size?", "Small | Large"))
    headwater.until("they are sent", headwater.said(channel, "Agent"), "MessageStatus", ["Sent"])
    sent = meta.last(f"/{PAGE}/messages").json()
    expect("as quick replies", ["Small", "Large"],
           [reply["title"] for reply in sent["message"]["quick_replies"]])
