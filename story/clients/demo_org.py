"""The org that `with_server.py` has made, as the stories in Python see it."""

import html
import json
import os
import re
import subprocess
import sys
import urllib.parse

import requests

ADMIN = "admin@headwater.example"
VIEWER = "viewer@headwater.example"
PASSWORD = os.environ["HEADWATER_PASSWORD"]
# The org's own domain; login.salesforce.com leads to the same server.
DOMAIN = "headwater.my"
HOST = f"{DOMAIN}.salesforce.com"
URL = f"https://{HOST}"
CALLBACK = "http://localhost:1717/OauthRedirect"


def headwater(*arguments):
    """What the binary answers to a command, as JSON."""
    done = subprocess.run(
        [os.environ["HEADWATER_BINARY"], *arguments, "--data", os.environ["HEADWATER_DATA"], "--json"],
        stdout=subprocess.PIPE, text=True, check=True,
    )
    return json.loads(done.stdout)


def refresh_token(client_id, client_secret, username=ADMIN):
    """Allows an app in the login page, as its user does in a browser, for a client that starts there."""
    browser = requests.Session()
    page = browser.get(f"{URL}/services/oauth2/authorize", params={
        "response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK})
    page.raise_for_status()
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page.text)
    form = {name: html.unescape(value) for name, value in hidden}
    sent = browser.post(f"{URL}/services/oauth2/authorize", allow_redirects=False, data={
        **form, "username": username, "password": PASSWORD, "answer": "allow"})
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(sent.headers["Location"]).query)
    token = browser.post(f"{URL}/services/oauth2/token", data={
        "grant_type": "authorization_code", "client_id": client_id, "client_secret": client_secret,
        "redirect_uri": CALLBACK, "code": asked["code"][0]})
    token.raise_for_status()
    return token.json()["refresh_token"]


def run(*command, **options):
    """Runs a client's program; gives what it printed, or ends the story with what it complained of."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done
