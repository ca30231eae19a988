"""Where everything of one checkout lives: all of it under DATA_DIR, so two checkouts never meet."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.leash import NOBODY

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SOCKET_FOLDER = 80  # AF_UNIX paths end at 107 bytes on Linux and 103 on macOS, and the socket's name follows
PLAIN = re.compile(r"[A-Za-z0-9._/-]+")  # the rest needs quoting in a URL, and each client unquotes its own way


@dataclass(frozen=True)
class Places:
    """The folders and files of one DATA_DIR."""

    data: Path

    @classmethod
    def of(cls, env: Mapping[str, str]) -> Places:
        """The places that DATA_DIR names; `.data` in the checkout when it is unset."""
        return cls(Path(env.get("DATA_DIR") or ROOT / ".data").expanduser().resolve())

    @property
    def postgres(self) -> Path:
        return self.data / "postgres"

    @property
    def valkey(self) -> Path:
        return self.data / "valkey"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def run(self) -> Path:
        """Locks and process ids: worthless once nothing runs."""
        return self.data / "run"

    @property
    def users_lock(self) -> Path:
        """Shared by everybody who needs the services."""
        return self.run / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper of the services while it lives."""
        return self.run / "keeper.lock"

    @property
    def hurry(self) -> Path:
        """There when the last user wants the keeper to go without its grace."""
        return self.run / "hurry"

    @property
    def secrets(self) -> Path:
        """The development values drawn once: SECRET_KEY, FIELD_KEYS, DEMO_PASSWORD."""
        return self.data / "development.env"

    @property
    def sockets(self) -> Path:
        """A short folder for the sockets: inside DATA_DIR, or in the temporary folder when that is too long."""
        inside = self.run / "sockets"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER and PLAIN.fullmatch(str(inside)):
            return inside
        mark = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"cliniqai-{os.getuid()}-{mark}"

    @property
    def database_url(self) -> str:
        return f"postgresql://cliniqai@/cliniqai?host={self.sockets}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.sockets / 'valkey.sock'}"

    def make(self) -> None:
        """Create the folders, closed to everybody else."""
        try:
            for folder in (self.data, self.logs, self.run, self.sockets):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Complaint(
                f"{error.filename} cannot be made ({error.strerror}): set DATA_DIR to a folder of yours."
            ) from error
        _refuse_foreign(self.sockets)


def _refuse_foreign(folder: Path) -> None:
    """The temporary folder is shared: whoever made ours first could read every patient's words through it."""
    owners = {os.getuid()} | ({NOBODY} if os.getuid() == 0 else set())  # identity.py may have handed it to nobody
    if folder.is_symlink() or folder.stat().st_uid not in owners:
        raise Complaint(f"{folder} belongs to somebody else: set DATA_DIR to a shorter path.")
    folder.chmod(0o700)
