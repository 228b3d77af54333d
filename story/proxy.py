"""An unmodified simple-salesforce, told of nothing but a proxy and a file to trust.

It logs in at its default host, login.salesforce.com, and goes on from there. curl does the same.
"""

import os
import subprocess
import sys

from server import PASSWORD, proxy, server

CLIENT = """
from simple_salesforce import Salesforce
salesforce = Salesforce(username="agent@headwater.example", password=%r, security_token="")
assert salesforce.sf_instance == "login.salesforce.com", salesforce.sf_instance
made = salesforce.Account.create({"Name": "Through the proxy"})
assert made["success"], made
rows = salesforce.restful("composite/sobjects", method="POST", json={
    "records": [{"attributes": {"type": "Contact"}, "LastName": str(n), "AccountId": made["id"]}
                for n in range(200)]})
assert all(row["success"] for row in rows), rows
found = salesforce.query("SELECT Id FROM Contact WHERE Account.Name = 'Through the proxy'")
assert found["totalSize"] == 200, found["totalSize"]
print("simple-salesforce: an account and 200 contacts, at", salesforce.base_url)
"""


def main():
    with server() as served, proxy(served) as (address, trusted):
        told = {**os.environ, "HTTPS_PROXY": address, "REQUESTS_CA_BUNDLE": trusted}
        subprocess.run([sys.executable, "-c", CLIENT % PASSWORD], env=told, check=True)
        versions = subprocess.run(
            ["curl", "--silent", "--show-error", "--fail", "--proxy", address, "--cacert",
             trusted, "https://acme.my.salesforce.com/services/data"],
            check=True, capture_output=True, text=True)
        if '"version":"67.0"' not in versions.stdout:
            sys.exit(f"curl saw something else: {versions.stdout[:200]}")
        print("curl: the versions, at https://acme.my.salesforce.com/services/data")
        refused = subprocess.run(
            ["curl", "--silent", "--proxy", address, "https://example.com/"], check=False)
        if refused.returncode == 0:
            sys.exit("the proxy let through what it should refuse")
        print("curl: example.com is refused")


if __name__ == "__main__":
    main()
