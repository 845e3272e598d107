"""Frames: where a step run stands among the items of maps, rounds of repeats and calls of agents, from the outermost.

A part names the step run around it and a number: `17.3` is item 3 of the map 17, `31~0` the first round of the repeat
31, `25:0` the first call of the agent 25; `17.3/25:0` is that call of an agent inside that item.
"""

from typing import NamedTuple

ITEM, CALL, ROUND = ".", ":", "~"


class Part(NamedTuple):
    """One part of a frame: in which step run, whether an item, a round or a call, and its number from 0."""

    around: int
    mark: str
    number: int

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a map."""
        return self.mark == ITEM

    @property
    def is_round(self) -> bool:
        """Whether it is a round of a repeat."""
        return self.mark == ROUND


def item(frame: str, container: int, number: int) -> str:
    """The frame of an item of a map that stands in `frame`."""
    return _inside(frame, f"{container}{ITEM}{number}")


def call(frame: str, agent: int, number: int) -> str:
    """The frame of a call of an agent that stands in `frame`."""
    return _inside(frame, f"{agent}{CALL}{number}")


def round_of(frame: str, container: int, number: int) -> str:
    """The frame of a round of a repeat that stands in `frame`."""
    return _inside(frame, f"{container}{ROUND}{number}")


def _inside(frame: str, part: str) -> str:
    return f"{frame}/{part}" if frame else part


def parts(frame: str) -> list[Part]:
    """Its parts, from the outermost."""
    return [_part(text) for text in frame.split("/")] if frame else []


def _part(text: str) -> Part:
    mark = next(mark for mark in (CALL, ROUND, ITEM) if mark in text)
    around, _, number = text.partition(mark)
    return Part(int(around), mark, int(number))


def around(frame: str) -> list[str]:
    """A frame and all that are around it, from the outermost."""
    texts = frame.split("/") if frame else []
    return ["/".join(texts[:length]) for length in range(len(texts) + 1)]


def items(frame: str) -> tuple[int, ...]:
    """The numbers of the items of maps and the rounds around a step, from the outermost."""
    return tuple(part.number for part in parts(frame) if part.mark != CALL)


def innermost_item(frame: str) -> Part | None:
    """The item that a step in this frame reads as `item`; None outside every map."""
    return next((part for part in reversed(parts(frame)) if part.is_item), None)


def innermost_round(frame: str) -> tuple[int, str] | None:
    """The number of the round that a step in this frame reads as `round`, and the frame of that round."""
    for around_it in reversed(around(frame)):
        if around_it and (part := parts(around_it)[-1]).is_round:
            return part.number, around_it
    return None


def before(frame: str) -> str:
    """The frame of the round before one; "" of the first."""
    *outer, last = frame.split("/")
    part = _part(last)
    return "/".join([*outer, f"{part.around}{ROUND}{part.number - 1}"]) if part.number else ""
