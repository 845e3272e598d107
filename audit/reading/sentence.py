"""What one kind of event is told with."""

from typing import NamedTuple

from django.utils.functional import Promise


class Sentence(NamedTuple):
    """An icon, its tone, and the words, in which %(who)s and others stand for names."""

    drawn: str
    tone: str
    words: str | Promise
