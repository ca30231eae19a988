"""What `make run` says about itself to other processes: the port it listens on, while it runs."""

from __future__ import annotations

import json

from cliniqai.embedded.locks import is_held
from cliniqai.embedded.places import Places


def running_port(places: Places) -> str:
    """The port of this DATA_DIR's `make run`; "" when it is not running."""
    if not (places.run.exists() and is_held(places.run / "run.lock")):
        return ""
    return str(state(places).get("port", ""))


def state(places: Places) -> dict[str, object]:
    """What the running one last wrote; empty when it wrote nothing readable."""
    try:
        return json.loads((places.run / "run.json").read_text())
    except (OSError, ValueError):
        return {}


def write_state(places: Places, **facts: object) -> None:
    """Replace what other processes read, whole."""
    half = places.run / "run.json.new"
    half.write_text(json.dumps(facts))
    half.rename(places.run / "run.json")
