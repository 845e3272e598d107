"""The texts in other languages: compiled from `locale/` where they are newer than what was compiled before."""

import logging
import os
import tempfile
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)


def compile_stale() -> list[str]:
    """Compile the catalogues that changed; the languages that were. Where it cannot be done, pages stay in English."""
    done = []
    for source in sorted(Path(settings.BASE_DIR, "locale").glob("*/LC_MESSAGES/django.po")):
        made = source.with_suffix(".mo")
        if made.exists() and made.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            _compile(source, made)
            done.append(source.parts[-3])
        except OSError as error:
            logger.warning("The texts of %s could not be compiled: %s", source, error)
    return done


def _compile(source: Path, made: Path) -> None:
    """Write beside it, then put it in place: another process may be reading."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parts[-3])
    handle, unfinished = tempfile.mkstemp(dir=made.parent, suffix=".new")
    with os.fdopen(handle, "wb") as file:
        write_mo(file, catalogue)
    os.replace(unfinished, made)
