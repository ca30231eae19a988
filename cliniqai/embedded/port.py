"""The port of `make run`: chosen, free, and answering."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping

from cliniqai.embedded.complaint import Complaint

DEFAULT_PORT = "8000"
HERE = "127.0.0.1"


def chosen_port(env: Mapping[str, str]) -> int:
    """The number in PORT."""
    text = env.get("PORT") or DEFAULT_PORT
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise Complaint(f"PORT is {text!r}: set it to a number from 1 to 65535, as in `make run PORT=8001`.")
    return int(text)


def refuse_taken(port: int) -> None:
    """Complain when something listens there already, or when this user may not."""
    with socket.socket() as client:
        client.settimeout(2)
        taken = client.connect_ex((HERE, port)) == 0
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((HERE, port))
        except PermissionError as error:
            raise Complaint(f"Port {port} needs root: choose one from 1024 up with `make run PORT=8001`.") from error
        except OSError:
            taken = True
    if taken:
        raise Complaint(f"Port {port} is taken: choose another one with `make run PORT={port % 65535 + 1}`.")


def unready(port: int) -> str:
    """What /readyz still misses; "" when nothing."""
    connection = http.client.HTTPConnection(HERE, port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": f"localhost:{port}"})
        response = connection.getresponse()
        body = response.read()
    except OSError:
        return "web"
    finally:
        connection.close()
    if response.status == 200:
        return ""
    try:
        return ", ".join(json.loads(body)["failing"])
    except (ValueError, KeyError, TypeError):
        return f"web (status {response.status})"
