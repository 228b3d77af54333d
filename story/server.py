"""A Headwater server of a story's own, on a data directory of its own, and the words a story is told with."""

import contextlib
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
BINARY = os.environ.get("HEADWATER_BINARY", str(HERE / "../target/release/headwater"))
PASSWORD = "a story told & told <again>"
ENDING_SECONDS_MAX = 30
READY = "headwater is ready: "


@dataclass
class Served:
    """Where a server is: its port, the certificate to trust if it has one, and its data directory."""

    port: int
    certificate: str | None
    data: str


def say(text):
    print(f"\n{text}", flush=True)


def expect(what, expected, found):
    """Ends the story unless what was found is what was expected."""
    if expected != found:
        sys.exit(f"\nThe story breaks here: {what}\n  expected: {expected}\n  found:    {found}")
    print(f"  ✓ {what}", flush=True)


def ready(process, log):
    """Where a process of the binary is ready; the story ends if it is not."""
    for line in process.stdout:
        if line.startswith(READY):
            return line[len(READY):].split()[0]
    log.seek(0)
    sys.exit(f"it ended before it was ready:\n{log.read()}")


@contextlib.contextmanager
def proxy(served):
    """Leads Salesforce's own addresses to a server, by `headwater proxy`: the URL that clients take as
    their HTTPS proxy, and the file to trust."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [BINARY, "proxy", "--listen", "127.0.0.1:0", "--data", served.data,
             "--server", f"https://127.0.0.1:{served.port}"],
            stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            yield ready(process, log), f"{served.data}/proxy-authority.pem"
            process.terminate()
            expect("the proxy ends in order", 0, process.wait(ENDING_SECONDS_MAX))
        finally:
            process.kill()
            process.wait()


@contextlib.contextmanager
def server(port=0, tls=True):
    """Serves the demo org, over TLS unless that is not wanted.

    It ends the story if the server does not end in order or complains of anything in its log.
    """
    encrypted = ["--tls-self-signed"] if tls else []
    with tempfile.TemporaryDirectory() as directory, open(f"{directory}/log", "w+") as log:
        data = f"{directory}/data"
        process = subprocess.Popen(
            [BINARY, "serve", "--demo", "--listen", f"127.0.0.1:{port}", *encrypted, "--data", data],
            env={**os.environ, "HEADWATER_DEMO_PASSWORD": PASSWORD},
            stdout=subprocess.PIPE, stderr=log, text=True,
        )
        try:
            url = ready(process, log)
            certificates = [str(path) for path in Path(data).rglob("*cert*.pem")]
            if tls:
                expect("the server made itself a certificate", 1, len(certificates))
            yield Served(int(url.rsplit(":", 1)[1].rstrip("/")), certificates[0] if tls else None, data)
            say("The server ends in order.")
            process.terminate()
            expect("with status 0", 0, process.wait(ENDING_SECONDS_MAX))
            log.seek(0)
            complaints = [line for line in log if '"WARN"' in line or '"ERROR"' in line]
            expect("without a complaint in its log", [], complaints)
        except SystemExit:
            log.seek(0)
            print(log.read()[-2000:], file=sys.stderr)
            raise
        finally:
            process.kill()
            process.wait()
