"""The verifier as one file, `verify.pyz`: the package `audit.verifier` under a name of its own, and nothing else."""

import io
import zipfile
from functools import cache
from importlib import resources

NAME = "verify.pyz"
PACKAGE = "handrail_verifier"
FIRST = "#!/usr/bin/env python3\n"
WHEN = (1980, 1, 1, 0, 0, 0)  # the same file from the same source
MAIN = f"""import sys

from {PACKAGE}.program import main

sys.exit(main())
"""


@cache
def verifier() -> bytes:
    """Its bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "__main__.py", MAIN)
        for source in sorted(resources.files("audit.verifier").iterdir(), key=lambda one: one.name):
            if source.name.endswith(".py") and source.name != "__main__.py":
                _put(archive, f"{PACKAGE}/{source.name}", source.read_text("utf-8"))
    return FIRST.encode() + written.getvalue()


def _put(archive: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, WHEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, text)
