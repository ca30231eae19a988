"""Makes `.venv` and installs requirements.txt into it: run by any Python 3, before anything is installed.

Keep the syntax old enough for a Python that is too old to get as far as the sentence that says so.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.txt"
STAMP = VENV / "installed"


def main() -> None:
    if sys.version_info < OLDEST:
        _go_on_with_a_newer_python()
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if _installed() == wanted:
        return
    if not PYTHON.exists() or not _runs(PYTHON):
        _make_venv()
    print("Installing the requirements (once, and after they change) ...", flush=True)
    _install()
    STAMP.write_text(wanted)


def _go_on_with_a_newer_python() -> None:
    for minor in range(14, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer and _runs(Path(newer)):
            os.execv(newer, [newer, *sys.argv])
    mine = sys.version.split()[0]
    sys.exit(
        f"CliniqAI needs Python 3.11 or newer and this is {mine}: install one, or say where it is: make run PYTHON=..."
    )


def _installed() -> str:
    """What the stamp says was installed; "" when the environment lost its Python (a moved or copied checkout)."""
    try:
        return STAMP.read_text() if _runs(PYTHON) else ""
    except OSError:
        return ""


def _runs(python: Path) -> bool:
    try:
        return subprocess.run([str(python), "-c", ""], stdin=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def _make_venv() -> None:
    print("Making .venv ...", flush=True)
    shutil.rmtree(str(VENV), ignore_errors=True)
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(VENV)]).returncode == 0:
        return
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        shutil.rmtree(str(VENV), ignore_errors=True)
        sys.exit(
            "This Python cannot make a virtual environment: on Debian or Ubuntu, "
            "`apt-get install python3-venv` brings the missing part.\n" + made.stdout.decode(errors="replace")
        )


def _install() -> None:
    """With uv when there is one or pip can bring it, else with pip: uv takes a tenth of the time."""
    uv = shutil.which("uv") or _uv_from_pip()
    options = ["--require-hashes", "-r", str(LOCK)]
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON), "--compile-bytecode"]
        env = dict(os.environ, UV_SYSTEM_CERTS="1")  # as pip does: a company's own authority is known to the system
        if subprocess.run(command + options, env=env).returncode == 0:
            return
        print("uv could not; trying pip.", flush=True)
    if not _runs_pip():
        sys.exit("The requirements could not be installed: .venv has no pip; remove .venv and run this again.")
    if subprocess.run([str(PYTHON), "-m", "pip", "install", "--quiet", *options]).returncode:
        sys.exit("The requirements could not be installed: is a package index reachable? The lines above say more.")


def _uv_from_pip() -> str | None:
    """The uv that requirements.txt pins, installed by its hashes."""
    own = VENV / "bin" / "uv"
    if own.exists():
        return str(own)
    pin = re.search(r"^uv==.*\n(    --hash=.*\n)+", LOCK.read_text(), re.MULTILINE)
    if not (pin and _runs_pip()):
        return None
    only = VENV / "uv.txt"
    only.write_text(pin.group(0))
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(only)]
    return str(own) if subprocess.run(command).returncode == 0 and own.exists() else None


def _runs_pip() -> bool:
    return subprocess.run([str(PYTHON), "-m", "pip", "--version"], stdout=subprocess.DEVNULL).returncode == 0


if __name__ == "__main__":
    main()
