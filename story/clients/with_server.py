"""Runs a command, an unmodified client's story, with a server of its own.

The client reaches the server by Salesforce's own host names: what leads it there, to `headwater proxy`,
is in the variables that set a proxy and what it trusts, and nothing else. `project/` is loaded into the
demo org first.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from server import BINARY, PASSWORD, expect, proxy, server  # noqa: E402

SECONDS_MAX = 300


def surroundings(served, address, trusted, home):
    """The variables a client finds: the way to the server, and nothing of whoever runs the story."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    way = {name: address for name in ("HTTPS_PROXY", "https_proxy")}
    trust = {name: trusted
             for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")}
    return {**kept, **way, **trust, "HOME": home, "PYTHONPATH": str(HERE.parent),
            "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1",
            "HEADWATER_BINARY": BINARY, "HEADWATER_DATA": served.data,
            "HEADWATER_URL": f"https://localhost:{served.port}",
            "HEADWATER_PASSWORD": PASSWORD}


def main(command):
    with (server() as served, proxy(served) as (address, trusted),
          tempfile.TemporaryDirectory() as home):
        # The one client that takes no proxy meets the server's own certificate.
        bundle = Path(home, "trusted.pem")
        bundle.write_text(Path(trusted).read_text() + Path(served.certificate).read_text())
        loaded = subprocess.run([BINARY, "metadata", "load", str(HERE / "project"),
                                 "--data", served.data], capture_output=True, text=True)
        expect("the project's objects and fields are loaded", (0, ""), (loaded.returncode, loaded.stderr))
        told = subprocess.run(command, env=surroundings(served, address, str(bundle), home), timeout=SECONDS_MAX)
        if told.returncode:
            sys.exit(f"{command[-1]} ended with {told.returncode}")


if __name__ == "__main__":
    main(sys.argv[1:])
