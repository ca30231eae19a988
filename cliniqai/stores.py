"""The store of files that several hosts share: S3 or what speaks like it, asked once and never waited for long."""

from __future__ import annotations

import threading
from typing import Any

from botocore.config import Config
from django.conf import settings
from storages.backends.s3 import S3Storage

CONNECT_SECONDS = 0.5
READ_SECONDS = 2.0


_making = threading.Lock()


class _Shared:
    """What django-storages keeps its connection in. Each of its requests makes an object of its own from it."""


class SharedFiles(S3Storage):
    """Private objects in `settings.BUCKET`. A caller waits, so nothing is tried twice here."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._connections = _Shared()  # one for each thread would be made anew for whoever waits: half a second

    @property
    def connection(self) -> Any:
        """Made once, by whoever comes first: it takes half a second of the processor."""
        with _making:
            return super().connection

    def get_default_settings(self) -> dict[str, Any]:
        bucket = settings.BUCKET
        patience = {
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "retries": {"total_max_attempts": 1},
        }
        return super().get_default_settings() | {
            "bucket_name": bucket.name,
            "endpoint_url": bucket.endpoint or None,
            "region_name": bucket.region,
            "access_key": bucket.access_key or None,
            "secret_key": bucket.secret_key or None,
            "default_acl": None,
            "querystring_auth": True,
            "client_config": Config(s3={"addressing_style": "path"}, signature_version="s3v4", **patience),
        }
