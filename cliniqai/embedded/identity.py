"""As whom PostgreSQL runs: it refuses root, and a container is often root."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.leash import NOBODY
from cliniqai.embedded.processes import leashed


def choose_identity(programs: Path, data: Path) -> str:
    """`me` for a normal user; for root `namespace` where the kernel allows it, else `nobody`."""
    if os.getuid() != 0:
        return "me"
    if works_as("namespace", [programs / "postgres", "--version"]):
        return "namespace"
    reached = works_as("nobody", [programs / "postgres", "--version"])
    if reached and works_as("nobody", ["/bin/sh", "-c", f'cd "{data.parent}"']):
        return "nobody"
    raise Complaint(
        "PostgreSQL refuses to run as root, this machine forbids user namespaces, and the user nobody cannot reach "
        f"{data.parent}: run as a normal user, or set DATABASE_URL."
    )


def works_as(identity: str, program: list[str | Path]) -> bool:
    """Whether a short program runs under that identity."""
    command = leashed(program, ends_by=signal.SIGKILL, identity=identity)
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def give_to(identity: str, *folders: Path) -> None:
    """Hand the folders to `nobody`, when that is who will use them, and open the way there; root still reaches all."""
    if identity == "nobody":
        for folder in folders:
            os.chown(folder, NOBODY, NOBODY)
            folder.parent.chmod(folder.parent.stat().st_mode | 0o011)
