"""Errands: what waits for others is done in a thread beside the clock, one for each name. Rows say what is left."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

logger = logging.getLogger("notices")
_running: dict[str, threading.Thread] = {}


def run(name: str, work: Callable[..., Any], *given: Any) -> bool:
    """Do this in the thread of that name, unless it is at it already. Whether it was begun."""
    before = _running.get(name)
    if before is not None and before.is_alive():
        return False
    thread = threading.Thread(target=_carry_out, args=(work, given), name=name, daemon=True)
    _running[name] = thread
    thread.start()
    return True


def _carry_out(work: Callable[..., Any], given: tuple[Any, ...]) -> None:
    try:
        work(*given)
    except Exception:
        logger.exception("An errand of the clock failed; it is tried again.")
    finally:
        connection.close()
