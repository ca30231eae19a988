"""Where a clinic's files lie: in each storage that keeps files on this host, a folder named after its schema."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

NOT_A_CLINICS = frozenset({"staticfiles"})


def folders(schema: str) -> dict[str, Path]:
    """By the name of the storage; a folder need not be there. A store elsewhere keeps its own copies."""
    kept = ((name, storages[name]) for name in settings.STORAGES if name not in NOT_A_CLINICS)
    return {name: Path(store.location) / schema for name, store in kept if isinstance(store, FileSystemStorage)}
