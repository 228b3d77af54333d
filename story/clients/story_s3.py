"""Files kept in a bucket: what `[files] store = "s3"` does, beside a server that speaks like Amazon's S3.

It starts moto's server and a Headwater of its own, so it is not run by `with_server.py`.
"""

import base64
import contextlib
import json
import logging
import os
import sys
import time
from pathlib import Path

import boto3
import requests
from moto.server import ThreadedMotoServer

sys.path.insert(0, str(Path(__file__).parent.parent))

from server import PASSWORD, expect, say, server  # noqa: E402

ADMIN = "admin@headwater.example"
BUCKET = "files"
PREFIX = "headwater"
# Larger than what is read from the bucket at a time.
CONTENT = bytes(range(256)) * 40_000
REMOVED_SECONDS_MAX = 30
DATA = "/services/data/v62.0"


@contextlib.contextmanager
def bucket():
    """An empty bucket, and the variables that lead a server there."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto.start()
    host, port = moto.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    # What Amazon's library and the server both find.
    os.environ.update(AWS_ACCESS_KEY_ID="story", AWS_SECRET_ACCESS_KEY="story")
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    os.environ.update({f"HEADWATER_FILES__{name}": value for name, value in {
        "STORE": "s3", "BUCKET": BUCKET, "PREFIX": PREFIX, "ENDPOINT": endpoint}.items()})
    try:
        yield client
    finally:
        moto.stop()


class Org:
    """The server over HTTPS, as its administrator."""

    def __init__(self, served):
        self.url = f"https://localhost:{served.port}"
        self.session = requests.Session()
        # What the machine trusts is not asked, nor which proxy it has.
        self.session.trust_env = False
        self.session.verify = served.certificate
        token = self.call("POST", "/services/oauth2/token", data={
            "grant_type": "password", "client_id": "PlatformCLI", "username": ADMIN, "password": PASSWORD})
        self.session.headers["Authorization"] = f"Bearer {token.json()['access_token']}"

    def call(self, method, path, **options):
        answer = self.session.request(method, self.url + path, **options)
        answer.raise_for_status()
        return answer


def names(client):
    """What is in the bucket, but for what the server tries at its start."""
    listed = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {found["Key"] for found in listed if "/trial-" not in found["Key"]}


def put_by_json(org, client):
    say("A file that comes as JSON is in the bucket before its record is there.")
    before = names(client)
    body = {"PathOnClient": "all.bin", "VersionData": base64.b64encode(CONTENT).decode()}
    made = org.call("POST", f"{DATA}/sobjects/ContentVersion", json=body).json()["id"]
    new = list(names(client) - before)
    expect("one object more, under the prefix", (1, [True]),
           (len(new), [name.startswith(f"{PREFIX}/") for name in new]))
    held = client.get_object(Bucket=BUCKET, Key=new[0])["Body"].read()
    expect("which is the file as it is", True, held == CONTENT)
    read = org.call("GET", f"{DATA}/sobjects/ContentVersion/{made}/VersionData").content
    expect("and is downloaded from there", True, read == CONTENT)


def put_by_multipart(org, client):
    say("So is one that comes as multipart, and it leaves the bucket when its record leaves the bin.")
    before = names(client)
    account = org.call("POST", f"{DATA}/sobjects/Account", json={"Name": "Bucket"}).json()["id"]
    record = json.dumps({"Name": "all.bin", "ParentId": account})
    parts = {"entity_document": (None, record, "application/json"), "Body": ("all.bin", CONTENT)}
    made = org.call("POST", f"{DATA}/sobjects/Attachment", files=parts).json()["id"]
    read = org.call("GET", f"{DATA}/sobjects/Attachment/{made}/Body").content
    expect("it is downloaded as it was", True, read == CONTENT)
    org.call("DELETE", f"{DATA}/sobjects/Attachment/{made}")
    expect("in the recycle bin it is kept", 1, len(names(client) - before))
    empty(org, made)
    waited = 0
    while names(client) - before and waited < REMOVED_SECONDS_MAX:
        time.sleep(1)
        waited += 1
    expect("and then it goes", set(), names(client) - before)


def empty(org, record):
    """Takes a record out of the recycle bin for good."""
    answer = org.call("POST", "/services/headwater/v1/recycle-bin/empty", json={"ids": [record]}).json()
    expect("it is taken out of the bin", [True], [result["success"] for result in answer])


def main():
    with bucket() as client:
        with server() as served:
            org = Org(served)
            put_by_json(org, client)
            put_by_multipart(org, client)
        left = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        expect("what the server tried at its start is gone", [],
               [found["Key"] for found in left if "/trial-" in found["Key"]])


if __name__ == "__main__":
    main()
