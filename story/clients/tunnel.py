"""A CONNECT proxy that leads Salesforce's host names to a server here, and lets nothing else through."""

import contextlib
import re
import select
import socket
import socketserver
import threading

LED = re.compile(r"[\w.-]+\.salesforce\.com:443")
BYTES_AT_ONCE = 65536


def carry(one, other):
    """Carries bytes both ways until either side is done."""
    to = {one: other, other: one}
    while True:
        for side in select.select(list(to), [], [])[0]:
            read = side.recv(BYTES_AT_ONCE)
            if not read:
                return
            to[side].sendall(read)


@contextlib.contextmanager
def tunnel(port):
    """Leads to this port; gives the URL that clients take as their HTTPS proxy."""

    class Connect(socketserver.StreamRequestHandler):
        def handle(self):
            method, target, *_ = self.rfile.readline().decode("ascii").split()
            while self.rfile.readline().strip():
                pass
            if method != "CONNECT" or not LED.fullmatch(target):
                self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", port)) as there:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                with contextlib.suppress(OSError):
                    carry(self.connection, there)

    class Proxy(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Proxy(("127.0.0.1", 0), Connect) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.server_address[1]}"
        proxy.shutdown()
