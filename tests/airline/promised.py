"""The figures of a round, and what must hold after it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from orchestration.models import Attempt, StepRun
from reviews.models import Decision
from tests.airline import desk, figures, judged, playback
from tests.airline.bookings import Effect
from tests.airline.came_to import IDLE, RIGHT, WRONG, Came
from tests.airline.ground import Played
from tests.airline.recordings import Conversation
from tests.airline.rounds import Kind
from tests.airline.service import CUSTOMER
from tests.faults import checker

type Line = dict[str, Any]


def lines(played: Played) -> Iterator[Line]:
    """Each figure by its name; then how each conversation ended in which a write was refused, and each difference."""
    for name, value in {**_of_writes(played), **_of_ends(played), **_of_work(played)}.items():
        yield {"name": name, "value": value}
    for came in played.came:
        if came.refused:
            bookings = came.differences or ["right"]
            yield {
                "conversation": came.conversation.name,
                "refused": came.refused,
                "ended": came.told,
                "bookings": bookings,
            }
    for came in played.came if not played.kind.gate else []:
        found = figures.Plain(ends_right=came.ends_right)
        differing = [*came.unlike, *filter(None, [figures.unlike_its_reward(came.conversation, found)])]
        yield from ({"difference": one, "conversation": came.conversation.name} for one in differing)


def _of_writes(played: Played) -> Line:
    asked: Counter[str] = sum((came.asked for came in played.came), Counter())
    made = [(came, key) for came in played.came for key in came.made]
    return {
        "conversations": len(played.came),
        "writes_asked": asked.total(),
        "writes_asked_right": asked[RIGHT],
        "writes_asked_without_effect": asked[IDLE],
        "writes_asked_wrong": asked[WRONG],
        "writes_refused": sum(came.refused for came in played.came),
        "writes_made": len(made),
        "writes_made_without_the_right_approval": sum(key in {*came.unapproved, *came.wrong} for came, key in made),
        "right_writes_made_once": sum(_once(came, key) for came, key in made),
        "writes_made_twice": sum(len(came.twice) for came in played.came),
        "approved_and_not_made": sum(len(came.lost) for came in played.came),
    }


def _once(came: Came, key: str) -> bool:
    return key not in came.wrong and key not in came.twice


def _of_ends(played: Played) -> Line:
    how = Counter(came.how if came.status == "done" else "failed" for came in played.came)
    return {
        "ended_right": sum(came.ends_right for came in played.came),
        **{f"ended_{name}": count for name, count in sorted(how.items())},
        "answers_as_recorded": sum(came.calls - len(came.unlike) for came in played.came),
    }


def _of_work(played: Played) -> Line:
    decided = Counter(Decision.objects.filter(review__run__in=played.runs).values_list("by__username", flat=True))
    tries = Attempt.objects.filter(step_run__run__in=played.runs)
    return {
        "decisions": decided.total(),
        "decisions_on_writes": decided.total() - decided[CUSTOMER],
        "answers_of_customers": decided[CUSTOMER],
        "decisions_sent_again": len(played.misses),
        "turns_of_the_model": played.model_calls,
        "turns_asked_again": played.model_again,
        "tries": tries.count(),
        "tries_lost": tries.filter(result="lost").count(),
        "workers_killed": played.killed,
        "calls_that_reached_the_airline_again": sum(came.repeats for came in played.came),
        "seconds": round(played.seconds, 1),
    }


def broken(played: Played, folder: Path) -> list[str]:
    """What does not hold."""
    kind, came = played.kind, played.came
    holds = {
        "every_run_ends_by_itself": all(one.status == "done" for one in came),
        "no_outcome_is_left_to_a_person": not _unsettled(played.runs),
        "no_write_is_made_twice": not any(one.twice for one in came),
        "no_key_is_used_for_two_calls": not any(one.misused for one in came),
        "the_bookings_are_those_of_the_recording_so_played": all(
            one.ended == expected(one.conversation, kind, folder) for one in came
        ),
        "the_ledger_holds": _ledger_holds(),
    }
    if kind.gate:
        holds["no_write_is_made_without_the_right_approval"] = not any(one.unapproved or one.wrong for one in came)
        holds["each_approved_write_is_made"] = not any(one.lost for one in came)
    else:
        holds["each_answer_is_the_recorded_one"] = not any(one.unlike for one in came)
    if kind.kills:
        holds["workers_were_killed"] = played.killed > 0
    return [name for name, held in holds.items() if not held]


def expected(conversation: Conversation, kind: Kind, folder: Path) -> Effect:
    """The bookings that the recorded calls leave in such a round, worked out without Handrail."""
    if not kind.gate:
        return judged.recorded_end(conversation, folder).changed()
    reviewer = judged.Reviewer(conversation, folder)
    for recorded in conversation.answered():
        if recorded.call.name not in desk.WRITES:
            continue
        if not reviewer.decide(recorded.call).approved and not kind.goes_on and playback.carried_out(recorded):
            break
    return reviewer.bookings.changed()


def unlike(one: Sequence[Came], other: Sequence[Came]) -> list[str]:
    """The conversations whose bookings two rounds leave in two ways."""
    ended = {came.conversation.number: came.ended for came in other}
    return [came.conversation.name for came in one if came.ended != ended.get(came.conversation.number, came.ended)]


def _unsettled(runs: Sequence[int]) -> bool:
    return StepRun.objects.filter(run__in=runs, awaits="outcome", status="waiting").exists()


def _ledger_holds() -> bool:
    """Whether every row stands where its events say, every decision is as it was taken, and no entry was changed."""
    checks: list[Callable[[], None]] = [checker.check_moves, checker.check_decisions, checker.check_leaves]
    for check in checks:
        try:
            check()
        except AssertionError as error:
            print(f"{check.__name__}: {error}", flush=True)
            return False
    return True
