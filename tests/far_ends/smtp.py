"""A mail server on loopback: takes letters, or refuses them at the word that a test says."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message


class MailServer(socketserver.ThreadingTCPServer):
    """`answers` maps a word of the dialogue (MAIL, RCPT, DATA, .) to what is said instead of yes; "" hangs up."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.letters: list[Message] = []
        self.answers: dict[str, str] = {}

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Dialogue(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 far end")
        while line := self.rfile.readline():
            word = line.decode().split()[0].upper() if line.strip() else ""
            if word == "QUIT":
                self._say("221 bye")
                return
            if word == "DATA":
                if not self._take_letter():
                    return
                continue
            if not self._say(self.server.answers.get(word, "250 ok")):
                return

    def _take_letter(self) -> bool:
        if "DATA" in self.server.answers:
            return self._say(self.server.answers["DATA"])
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        if self.server.answers.get(".", "250 ok").startswith("2") or self.server.answers.get(".") == "":
            self.server.letters.append(message_from_bytes(b"".join(lines)))
        return self._say(self.server.answers.get(".", "250 ok"))

    def _say(self, words: str) -> bool:
        if not words:
            return False
        self.wfile.write(f"{words}\r\n".encode())
        return True


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
