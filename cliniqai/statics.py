"""The static files of a real host: minified, the frame's scripts in one file, named by their content, compressed well.

In development the files are served as they are written. See docs/adr/0035 for what that costs and saves.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

KINDS = {".js": "application/javascript", ".css": "text/css"}
BETWEEN_SCRIPTS = "\n;\n"
"""A script that ends without a semicolon would be called with the next one as its argument."""


class SmallFiles(CompressedManifestStaticFilesStorage):
    """Whitenoise's storage over minified copies of our own scripts and styles; other packages' come minified."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            for name in [name for name in paths if _is_ours(name)]:
                self._write(name, _source(name))
                paths[name] = (self, name)  # the named copy is made of the small one too
            self._write(settings.FRAME, BETWEEN_SCRIPTS.join(map(_source, settings.FRAME_SOURCES)))
            paths[settings.FRAME] = (self, settings.FRAME)
        yield from super().post_process(paths, dry_run, **options)
        if not dry_run:
            self._squeeze(settings.FRAME, self.stored_name(settings.FRAME))

    def _write(self, name: str, text: str) -> None:
        import minify  # Go's runtime, which no process may carry that serves or forks: only collecting needs it

        kind = KINDS[name[name.rindex(".") :]]
        if self.exists(name):
            self.delete(name)
        self._save(name, ContentFile(minify.string(kind, text).encode()))

    def _squeeze(self, *names: str) -> None:
        """Compress the frame's script again, with patience: every page waits for it."""
        from zopfli import gzip  # needed by nobody but who collects

        for name in names:
            Path(self.path(name) + ".gz").write_bytes(gzip.compress(Path(self.path(name)).read_bytes()))


def _source(name: str) -> str:
    """A file as it was written: what is collected already may be the small copy of the release before."""
    return Path(finders.find(name)).read_text(encoding="utf-8")


def _is_ours(name: str) -> bool:
    return "/" not in name and name.endswith(tuple(KINDS))
