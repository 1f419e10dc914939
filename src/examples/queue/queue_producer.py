#!/usr/bin/env python3
"""Sends a task as JSON and one as CSV over STOMP 1.2, waits for both answers, and then for the ends of the tasks.

Standard library only. It needs an sk_ or msk_ key in API_KEY, and the password of the broker's user in
BROKER_PASSWORD; BROKER_HOST, BROKER_PORT, BROKER_USER and
PAGE_URL are optional.
"""

import json
import os
import socket
import sys
import uuid

PATIENCE = 120
PAGE = os.environ.get("PAGE_URL", "https://example.com/")
ESCAPES = {"\\": "\\\\", "\r": "\\r", "\n": "\\n", ":": "\\c"}
UNESCAPES = {"\\\\": "\\", "\\r": "\r", "\\n": "\n", "\\c": ":"}


def escape(text):
    return "".join(ESCAPES.get(character, character) for character in text)


def unescape(text):
    out, i = [], 0
    while i < len(text):
        pair = text[i : i + 2]
        out.append(UNESCAPES.get(pair, text[i]))
        i += 2 if pair in UNESCAPES else 1
    return "".join(out)


class Stomp:
    """A connection that reads frames one by one; messages wait until somebody wants them."""

    def __init__(self, host, port, user, password):
        self.socket = socket.create_connection((host, port), timeout=PATIENCE)
        self.stream = self.socket.makefile("rb")
        self.messages = []
        # These headers are not escaped, for old servers' sake.
        self.write("CONNECT", {"accept-version": "1.2", "host": host, "login": user, "passcode": password}, b"", str)
        self.expect("CONNECTED")

    def write(self, command, headers, body=b"", escaped=escape):
        lines = [command] + [f"{escaped(name)}:{escaped(value)}" for name, value in headers.items()]
        self.socket.sendall("\n".join(lines).encode() + b"\n\n" + body + b"\0")

    def confirmed(self, command, headers, body=b""):
        """Sends a frame and waits until the broker has it, on its disk if it is a message."""
        receipt = str(uuid.uuid4())
        self.write(command, {**headers, "receipt": receipt}, body)
        self.expect("RECEIPT", receipt)

    def expect(self, command, receipt=None):
        while True:
            name, headers, body = self.read()
            if name == command and headers.get("receipt-id") == receipt:
                return
            if name == "MESSAGE":
                self.messages.append((headers, body))

    def read(self):
        line = self.stream.readline().strip()
        while not line:
            line = self.stream.readline()
            if line == b"":
                raise ConnectionError("The broker has closed the connection.")
            line = line.strip()
        headers = {}
        for header in iter(lambda: self.stream.readline().rstrip(b"\r\n"), b""):
            name, _, value = header.decode().partition(":")
            headers.setdefault(unescape(name), unescape(value))
        if "content-length" in headers:
            body = self.stream.read(int(headers["content-length"]))
            self.stream.read(1)
        else:
            body = b"".join(iter(lambda: self.stream.read(1), b"\0"))
        if line == b"ERROR":
            raise RuntimeError(f"The broker refuses: {headers.get('message')} {body.decode(errors='replace')}")
        return line.decode(), headers, body.decode()

    def message(self, subscription, matches):
        """The next message of a subscription for which matches(headers) holds."""
        while True:
            for i, (headers, body) in enumerate(self.messages):
                if headers["subscription"] == subscription and matches(headers):
                    del self.messages[i]
                    return headers, body
            name, headers, body = self.read()
            if name == "MESSAGE":
                self.messages.append((headers, body))


def send(stomp, replies, body, **properties):
    """Sends a message to the inbox and gives its correlation id."""
    correlation = str(uuid.uuid4())
    headers = {
        "destination": "bactrian.tasks.inbox",
        "persistent": "true",
        "reply-to": replies,
        "correlation-id": correlation,
        # The same id again makes no second task: keep it with your order, and send again what was not answered.
        "_AMQ_DUPL_ID": correlation,
        "api_key": os.environ["API_KEY"],
        **properties,
    }
    data = body.encode()
    stomp.confirmed("SEND", {**headers, "content-length": str(len(data))}, data)
    return correlation


def answer(stomp, correlation):
    headers, body = stomp.message("answers", lambda found: found.get("correlation-id") == correlation)
    if headers["status"] != "201":
        sys.exit(f"refused with {headers['status']}: {body}")
    task = json.loads(body)["id"]
    print("accepted", task, flush=True)
    return task


def main():
    stomp = Stomp(
        os.environ.get("BROKER_HOST", "127.0.0.1"),
        int(os.environ.get("BROKER_PORT", "61616")),
        os.environ.get("BROKER_USER", "producer"),
        os.environ["BROKER_PASSWORD"],
    )
    replies = f"bactrian.replies.python-{uuid.uuid4()}"
    stomp.confirmed("SUBSCRIBE", {"id": "answers", "destination": replies, "ack": "auto"})
    # Before anything is sent, so that no end is missed: tasks can end before their answers are read.
    stomp.confirmed(
        "SUBSCRIBE",
        {"id": "ends", "destination": "bactrian.tasks.events", "ack": "auto", "selector": "type LIKE 'task.%'"},
    )

    task = {
        "name": "From STOMP",
        "task_type": "simple_scraping",
        "config": {"urls": [PAGE], "selectors": {"title": "h1"}},
    }
    first = send(stomp, replies, json.dumps(task))
    second = send(
        stomp,
        replies,
        f"url\r\n{PAGE}\r\n{PAGE}?page=2\r\n",
        content_type="text/csv",
        task_name="From CSV",
        selectors='{"title": "h1"}',
    )

    for task in [answer(stomp, first), answer(stomp, second)]:
        headers, body = stomp.message("ends", lambda found: found.get("task_id") == task)
        print("ended", task, headers["status"], body, flush=True)
    stomp.write("DISCONNECT", {})


if __name__ == "__main__":
    main()
