#!/usr/bin/env python
"""Django's command line; in a development checkout it brings its own PostgreSQL and Valkey."""

import os
import sys

from django.core.management import execute_from_command_line

from cliniqai.embedded.complaint import Complaint
from cliniqai.embedded.development import enter


def main() -> None:
    try:
        enter()
    except Complaint as complaint:
        sys.exit(str(complaint))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cliniqai.settings")
    if os.environ.get("CLINIQAI_PROCESS") == "sweeper":
        from cliniqai.watched import watched  # reads the settings, which are known only now

        watched()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
