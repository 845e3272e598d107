"""The process in which `orchestration.tools.pdf` reads: `python -I pdf_reader.py LIMITS < file.pdf`.

It imports nothing of ours, sees no database and no environment, and bounds its own time and memory.
"""

import io
import json
import logging
import resource
import sys
from collections.abc import Iterator
from typing import Any


class Refused(Exception):
    """Nothing is read: a word says why."""


def main(limits: dict[str, int]) -> dict[str, Any]:
    """What the file on the standard input holds."""
    _bound(resource.RLIMIT_CPU, limits["seconds"])
    _bound(resource.RLIMIT_AS, limits["megabytes"] * 1024 * 1024)
    logging.disable(logging.CRITICAL)
    data = sys.stdin.buffer.read()
    try:
        return _text(data, limits)
    except Refused as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": "memory"}
    except Exception as error:  # whatever a library makes of a file that was made to break it
        return {"refused": "memory" if "Limit" in type(error).__name__ else "no_pdf"}


def _bound(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _text(data: bytes, limits: dict[str, int]) -> dict[str, Any]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("locked")
    count = reader.get_num_pages()
    if count > limits["pages"]:
        raise Refused("pages")
    texts, left = [], limits["characters"]
    for page in reader.pages:
        texts.append("\n".join(_lines(page)))
        left -= len(texts[-1])
        if left < 0:
            raise Refused("text")
    return {"pages": count, "text": "\n\n".join(texts).strip("\n")}


def _lines(page: Any) -> Iterator[str]:
    """The lines of a page as they stand on it; of one that cannot be laid out, as they stand in the file."""
    try:
        laid_out = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False)
    except MemoryError:
        raise
    except Exception:
        laid_out = ""
    text = laid_out if laid_out.strip() else page.extract_text()
    return (line.rstrip() for line in text.splitlines())


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))))
