"""What the stories of the carriers share: a server whose address is known, its org, and a server that plays a
carrier's API."""

import contextlib
import email
import email.policy
import html
import http.server
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

import requests

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from server import BINARY, expect, say, server  # noqa: E402

ADMIN = "admin@headwater.example"
DATA = "/services/data/v67.0"
SECONDS_MAX = 30


@dataclass
class Asked:
    """A request that a carrier got."""

    method: str
    path: str
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)

    def form(self):
        """Each field's values."""
        return urllib.parse.parse_qs(self.body.decode(), keep_blank_values=True)

    def parts(self):
        """The parts of a multipart form, by their names: what each is called as a file, and its bytes."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = email.message_from_bytes(head + self.body, policy=email.policy.HTTP)
        return {part.get_param("name", header="content-disposition"):
                (part.get_filename(), part.get_payload(decode=True)) for part in message.iter_parts()}


class StandIn:
    """Plays a carrier's API: `answers` gives the JSON, or the type and the bytes, for what was asked."""

    def __init__(self, answers):
        self.asked = []
        stand_in = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, self.rfile.read(length))
                stand_in.asked.append(asked)
                status, media_type, body = 200, "application/json", answers(asked)
                if isinstance(body, tuple) and isinstance(body[0], int):
                    status, body = body
                if isinstance(body, tuple):
                    media_type, body = body
                if not isinstance(body, bytes):
                    body = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", media_type)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def last(self, ending):
        """The last request to a path with this ending."""
        return [asked for asked in self.asked if asked.path.split("?")[0].endswith(ending)][-1]


def until(what, find, wanted):
    """Looks until what is found is this."""
    ends = time.monotonic() + SECONDS_MAX
    while True:
        found = find()
        if found == wanted or time.monotonic() > ends:
            return expect(what, wanted, found)
        time.sleep(0.1)


class Org:
    """The demo org: its records over REST, its agents' pages, its channels."""

    def __init__(self, served):
        self.data = served.data
        self.url = f"http://127.0.0.1:{served.port}"
        self.token = self.headwater("token", "--user", ADMIN).strip()
        self.rest = requests.Session()
        self.rest.headers["Authorization"] = f"Bearer {self.token}"
        link = self.rest.post(f"{self.url}/services/oauth2/singleaccess")
        link.raise_for_status()
        self.console = requests.Session()
        self.console.get(link.json()["frontdoor_uri"]).raise_for_status()

    def headwater(self, *arguments, said=""):
        done = subprocess.run([BINARY, *arguments, "--data", self.data], input=said,
                              capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"headwater {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def interaction_token(self):
        """A token for the Interaction Service API, of an app that runs as the administrator."""
        app = json.loads(self.headwater("app", "add", "A service of ours", "--run-as", ADMIN, "--json"))
        got = requests.post(f"{self.url}/services/oauth2/token", data={
            "grant_type": "client_credentials", "scope": "interaction_api",
            "client_id": app["client_id"], "client_secret": app["client_secret"]})
        got.raise_for_status()
        return got.json()["access_token"]

    def channel(self, name, kind, key):
        made = self.rest.post(f"{self.url}{DATA}/sobjects/MessagingChannel", json={
            "DeveloperName": name, "MasterLabel": name, "MessageType": kind,
            "MessagingPlatformKey": key, "IsActive": True})
        made.raise_for_status()
        return made.json()["id"]

    def connect(self, name, carrier, api, *secrets, key=None):
        keyed = ["--key", key] if key else []
        told = self.headwater("channel", "connect", name, "--carrier", carrier, "--api-url", api, *keyed,
                              "--json", said="\n".join(secrets) + "\n")
        return json.loads(told)

    def query(self, soql):
        found = self.rest.get(f"{self.url}{DATA}/query", params={"q": soql})
        found.raise_for_status()
        return found.json()["records"]

    def until(self, what, soql, field, wanted):
        """Looks until the column of a query holds these."""
        until(what, lambda: [row[field] for row in self.query(soql)], wanted)

    def changes(self, name, record, **values):
        """Changes a record."""
        self.rest.patch(f"{self.url}{DATA}/sobjects/{name}/{record}", json=values).raise_for_status()

    def own(self, method, path, **body):
        """Asks for something of Headwater's own API."""
        answer = self.rest.request(method, f"{self.url}/services/headwater/v1/{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    def session(self, channel):
        """The newest session of a channel."""
        return self.query("SELECT Id FROM MessagingSession WHERE "
                          f"MessagingChannelId = '{channel}' ORDER BY StartTime DESC LIMIT 1")[0]["Id"]

    def said(self, channel, speaker):
        """A query of what was said in a channel's sessions by customers (EndUser) or agents (Agent)."""
        return ("SELECT Message, MessageStatus FROM ConversationEntry WHERE "
                f"ActorType = '{speaker}' AND EntryType = 'Text' AND ConversationId IN (SELECT Id FROM "
                f"MessagingSession WHERE MessagingChannelId = '{channel}') ORDER BY EntryTime, Seq")

    def files(self, session):
        """The names and the bytes of a session's files."""
        links = self.query("SELECT ContentDocument.LatestPublishedVersionId, ContentDocument.Title, "
                           "ContentDocument.FileExtension FROM ContentDocumentLink WHERE "
                           f"LinkedEntityId = '{session}' ORDER BY ContentDocumentId")
        found = []
        for link in links:
            document = link["ContentDocument"]
            got = self.rest.get(f"{self.url}{DATA}/sobjects/ContentVersion/"
                                f"{document['LatestPublishedVersionId']}/VersionData")
            got.raise_for_status()
            found.append((f"{document['Title']}.{document['FileExtension']}", got.content))
        return found

    def agent_sends(self, session, text, answers="", files=()):
        """An agent writes in the composer of a session's page: the status of the answer, whose page is
        kept as `answer`."""
        page = self.console.get(f"{self.url}/r/MessagingSession/{session}")
        page.raise_for_status()
        composer = page.text[page.text.index('id="composer"'):]
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', composer)[:2]
        fields = {name: html.unescape(value) for name, value in hidden}
        parts = [(name, (None, value)) for name, value in {**fields, "text": text, "answers": answers}.items()]
        parts += [("file", file) for file in files]
        sent = self.console.post(f"{self.url}/desk/{session}/send", files=parts, allow_redirects=False,
                                 headers={"Origin": self.url, "Sec-Fetch-Site": "same-origin"})
        self.answer = sent.text
        return sent.status_code


@contextlib.contextmanager
def org():
    """A server that carriers reach at an address that is known before it serves."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # The commands that connect channels are to know it as well.
    os.environ["HEADWATER_SERVER__PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    with server(port, tls=False) as served:
        yield Org(served)


__all__ = ["Asked", "Org", "StandIn", "expect", "org", "say"]
