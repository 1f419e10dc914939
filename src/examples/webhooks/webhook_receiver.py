"""Receives webhooks and believes those that are genuine; Python 3.8 or later, nothing else.

    WEBHOOK_SECRET=whsec_... python3 webhook_receiver.py 8090

The path /simple looks at X-Webhook-Signature alone, every other one at the headers of Standard Webhooks.
"""

import base64
import hashlib
import hmac
import os
import re
import sys
import time
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

LARGEST_BODY = 1 << 20
TOLERANCE_SECONDS = 300


def is_genuine(body, headers, secret, now):
    """Whether the body comes from who has the secret, and was signed within the last five minutes."""
    message_id = headers.get("webhook-id")
    timestamp = headers.get("webhook-timestamp")
    signatures = headers.get("webhook-signature")
    if not message_id or not timestamp or not signatures or not re.fullmatch("[0-9]{1,12}", timestamp):
        return False
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret[len("whsec_"):])
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    # While a secret is rotated there are two signatures, one by each secret. compare_digest takes the same time wherever
    # they differ, so that nobody can guess a signature byte by byte.
    return any([hmac.compare_digest(expected, signature.encode()) for signature in signatures.split(" ")])


def is_genuine_by_simple_signature(body, headers, secret):
    """The same by X-Webhook-Signature, which does not tell an old request that somebody sends again."""
    expected = "sha256=" + hashlib.sha256(body + secret.encode()).hexdigest()
    return hmac.compare_digest(expected.encode(), headers.get("X-Webhook-Signature", "").encode())


class Seen:
    """The ids of the last 10,000 events, for an event can come more than once."""

    def __init__(self):
        self.ids = OrderedDict()
        self.lock = Lock()

    def is_first(self, message_id):
        with self.lock:
            first = message_id not in self.ids
            self.ids[message_id] = True
            if len(self.ids) > 10_000:
                self.ids.popitem(last=False)
            return first


SEEN = Seen()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(self.receive())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def receive(self):
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,12}", length):
            return 411
        if int(length) > LARGEST_BODY:
            return 413
        # The bytes as they came: JSON that was parsed and written again has another signature.
        body = self.rfile.read(int(length))
        secret = os.environ["WEBHOOK_SECRET"]
        if self.path == "/simple":
            genuine = is_genuine_by_simple_signature(body, self.headers, secret)
        else:
            genuine = is_genuine(body, self.headers, secret, time.time())
        if not genuine:
            return 400
        message_id = self.headers.get("webhook-id", "")
        # Answer soon: put the event into a queue of your own here, and work on it afterwards.
        print(("" if SEEN.is_first(message_id) else "again ") + message_id, body.decode(), flush=True)
        return 204

    def log_message(self, format, *arguments):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8090), Receiver)
    print(f"Listening on http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
