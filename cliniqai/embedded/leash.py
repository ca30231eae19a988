"""Runs a program that the kernel ends when its starter is gone, even by kill -9.

`leash.py PARENT SIGNAL AS PROGRAM ...`: AS is `me`, `namespace` (root seen as nobody, files stay root's) or `nobody`.
A program of its own rather than a `preexec_fn`: Python code between fork and exec can deadlock, and this one is
single-threaded as a user namespace demands.
Linux only; elsewhere it just runs the program, and leftovers.py cleans up at the next start.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

NOBODY = 65534
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


def _enter_namespace() -> None:
    """Look like `nobody` inside a private user namespace: PostgreSQL refuses uid 0, and initdb wants a known uid."""
    uid, gid = os.getuid(), os.getgid()  # read before: inside, both say 65534
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER)")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{NOBODY} {uid} 1"), ("gid_map", f"{NOBODY} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _become_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def main(parent: int, signal_name: str, identity: str, program: list[str]) -> None:
    if identity == "namespace":
        _enter_namespace()
    elif identity == "nobody":
        _become_nobody()
    if sys.platform.startswith("linux"):  # after the change of identity, which clears it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.Signals[signal_name]))
        if os.getppid() != parent:  # it died before the line above
            sys.exit(1)
    os.execv(program[0], program)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])
