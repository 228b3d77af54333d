"""What users of aiosfstream do: follow changes from Python's asyncio.

Its sessions take no proxy, so it is told the server's own address, as a library's `Client` is by an
authenticator of one's own.
"""

import asyncio
import os

import aiohttp
import requests
from aiosfstream_ng import Client, ReplayOption
from aiosfstream_ng.auth import AuthenticatorBase
from aiosfstream_ng.exceptions import AuthenticationError, ServerError

from demo_org import ADMIN, PASSWORD, URL, headwater
from server import expect, say

SECONDS_MAX = 60
CHANNEL = "/data/ContactChangeEvent"


class Direct(AuthenticatorBase):
    """Logs in with an app's own credentials, and says where the server itself is."""

    def __init__(self, app, secret):
        super().__init__()
        self.form = {"grant_type": "client_credentials", "client_id": app, "client_secret": secret}

    async def _authenticate(self):
        address = os.environ["HEADWATER_URL"]
        async with aiohttp.ClientSession() as session:
            async with session.post(f"{address}/services/oauth2/token", data=self.form) as answer:
                return answer.status, {**await answer.json(), "instance_url": address}


class Org:
    """The data, changed over REST."""

    def __init__(self, token):
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method, path, **body):
        answer = self.session.request(method, f"{URL}/services/data/v62.0/sobjects/{path}", json=body or None)
        answer.raise_for_status()
        return answer.json() if answer.content else None


async def told(client):
    """The next event's header and the rest of its payload."""
    message = await asyncio.wait_for(client.receive(), SECONDS_MAX)
    payload = message["data"]["payload"]
    return payload.pop("ChangeEventHeader"), payload


async def follow(auth):
    say("They follow an object's changes.")
    seen = {}
    async with Client(auth, replay=seen) as client:
        org = Org(auth.access_token)
        await client.subscribe(CHANNEL)
        contact = org.call("POST", "Contact", LastName="Dvořák", MailingCity="Praha")["id"]
        header, payload = await told(client)
        expect("a new record is told", ("CREATE", "Contact", [contact]),
               (header["changeType"], header["entityName"], header["recordIds"]))
        expect("with compound fields", ({"LastName": "Dvořák"}, {"City": "Praha"}),
               (payload["Name"], payload["MailingAddress"]))
        org.call("PATCH", f"Contact/{contact}", FirstName="Jan", MailingCity=None)
        header, payload = await told(client)
        expect("and what of it is changed", ({"FirstName": "Jan"}, {"City": None}, ["MailingAddress.City"]),
               (payload["Name"], payload["MailingAddress"], header["nulledFields"]))
    say("They have left while their connect hung, and come back.")
    expect("the library has kept where it was", [CHANNEL], list(seen))
    org.call("DELETE", f"Contact/{contact}")
    async with Client(auth, replay=seen) as client:
        await client.subscribe(CHANNEL)
        header, _ = await told(client)
        expect("what they missed is told first", ("DELETE", [contact]), (header["changeType"], header["recordIds"]))
    return contact


async def all_there_is(auth, contact):
    say("They read all that is kept, on the channel of every object.")
    async with Client(auth, replay=ReplayOption.ALL_EVENTS) as client:
        await client.subscribe("/data/ChangeEvents")
        kinds = []
        while "DELETE" not in kinds:
            header, _ = await told(client)
            if header["recordIds"] == [contact]:
                kinds.append(header["changeType"])
        expect("a record's life is there in order", ["CREATE", "UPDATE", "DELETE"], kinds)


async def refusals(auth):
    say("What cannot be is refused in the library's own words.")
    async with Client(auth) as client:
        try:
            await client.subscribe("/topic/Contacts")
        except ServerError as refused:
            expect("a PushTopic", 400, refused.error_code)
        else:
            raise SystemExit("a PushTopic was subscribed to")
    try:
        await Client(Direct("none", "none")).open()
    except AuthenticationError:
        print("  ✓ an app that is not known")
    else:
        raise SystemExit("an unknown app was let in")


def quiet(loop, context):
    """The library cancels its connect when it leaves, and takes that for an error of its own."""
    if not isinstance(context.get("exception"), asyncio.CancelledError):
        loop.default_exception_handler(context)


async def main():
    asyncio.get_running_loop().set_exception_handler(quiet)
    app = headwater("app", "add", "Follower", "--run-as", ADMIN)
    auth = Direct(app["client_id"], app["client_secret"])
    contact = await follow(auth)
    await all_there_is(auth, contact)
    await refusals(auth)


if __name__ == "__main__":
    asyncio.run(main())
