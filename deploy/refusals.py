"""Why Handrail would not start: each a sentence that says what to do."""

import errno


class CannotStart(Exception):
    """Handrail cannot start here; the message says why, and what to do about it."""


class AlreadyRunning(CannotStart):
    """Another Handrail holds this data folder."""


class PortTaken(CannotStart):
    """Something else listens on the port."""


class DiskFull(CannotStart):
    """There is not enough room left for the database."""


class ServerDidNotStart(CannotStart):
    """PostgreSQL, Valkey or a process of Handrail ended before it answered."""


def in_a_sentence(error: OSError) -> CannotStart:
    """The sentence for what the operating system refused while starting."""
    place = f" ({error.filename})" if error.filename else ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(f"The disk is full{place}. Make room, then start again; what was saved is safe.")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return CannotStart(
            f"Handrail may not write where it keeps its data{place}. "
            "Give it a folder of its own: HANDRAIL_HOME=~/handrail make run"
        )
    return CannotStart(f"The operating system refused: {error}.")
