"""An agent in the middle of its talk, drawn as rows that no worker takes."""

from typing import Any

from audit.clock_time import now
from orchestration.models import AgentTurn, Attempt, Run, StepRun
from tests.cast import Cast
from tests.flow import drawn

QUESTION = "Which of the two cards does the customer mean? Both were ordered on 3 November."
ANSWER = "The blue one, that ends in 7447."
SAYS: list[tuple[str, list[dict[str, Any]]]] = [
    ("I look up what is known of the card first.", [{"name": "test_say", "arguments": {"card": "7447"}}]),
    ("", [{"name": "look_up", "arguments": "{}", "error": "There is no such tool."}]),
    ("", [{"name": "ask", "arguments": {"question": QUESTION, "answer": ""}}]),
    ("It was lost in the post, so I send another one.", [{"name": "test_keyed", "arguments": {"card": "7447"}}]),
]
CAME: list[dict[str, Any]] = [
    {"status": "done", "output": {"card": "7447", "sent": "2026-11-05"}},
    {"status": "done", "output": {"question": QUESTION, "answer": ANSWER, "verdict": "approved"}},
    {"status": "waiting", "awaits": "person", "waiting_since": now},
]


def draw(cast: Cast) -> StepRun:
    """Its step: four turns, three calls, one of which waits for a person."""
    held = _stand(cast, "cards", waiting=True, parts=3)
    part = 0
    for number, (text, asked) in enumerate(SAYS, start=1):
        calls = [{"id": f"call-{number}", **one} for one in asked]
        for one in calls:
            if "error" not in one:
                _call(held, number, part, one, CAME[part])
                part += 1
        _turn(held, number, text, calls)
    return held


def draw_long(cast: Cast, turns: int, calls: int) -> StepRun:
    """A talk that is over: every other turn asks for two calls, as long as there are so many."""
    held = _stand(cast, f"cards-{turns}", waiting=False, parts=calls)
    part = 0
    for number in range(1, turns + 1):
        many = 2 if calls - part > turns - number + 1 and number % 2 == 0 else 1
        many = max(many, calls - part if number == turns else 0)
        asked = [
            {"id": f"{number}-{n}", "name": "test_say", "arguments": {"card": f"{number}.{n}"}} for n in range(many)
        ]
        for one in asked:
            _call(held, number, part, one, {"status": "done", "output": {"card": str(part), "sent": "2026-11-05"}})
            part += 1
        _turn(held, number, f"I look at card {number}.", asked)
    return held


def _stand(cast: Cast, slug: str, *, waiting: bool, parts: int) -> StepRun:
    """The agent's step, in a run of its own."""
    review = {**drawn.REVIEW, "title": "'Send a card again'"}
    service = drawn.step(
        "serve",
        "agent",
        name="Card service",
        model="openai/large",
        prompt="Help the customer.",
        tools=["test.say", "test.keyed"],
        call_review=review,
        asks={"group": "reviewer"},
        input={"question": "'Where is my card?'"},
        output={"type": "object", "required": ["said"]},
    )
    version = drawn.publish(cast, service, slug=slug, name="Cards", title="'Where is my card?'").current
    assert version is not None
    whose = {"workflow": version.workflow, "version": version, "started_by": cast.adam}
    status = "running" if waiting else "done"
    ended = {} if waiting else {"ended_at": now()}
    run = Run.objects.create(title="Where is my card?", status=status, input={}, **whose, **ended)
    parted = {"parts": parts, "parts_begun": parts, "parts_done": parts - waiting}
    if waiting:
        return _began(run, "serve", "waiting", awaits="calls", waiting_since=now(), **parted)
    return _began(run, "serve", "done", output={"said": "It is on its way."}, ended_at=now(), **parted)


def _turn(held: StepRun, number: int, text: str, calls: list[dict[str, Any]]) -> None:
    message = {"role": "assistant", "content": text or None}
    turn = {"model": "openai/large", "message": message, "calls": calls}
    AgentTurn.objects.create(step_run=held, number=number, fence=number, **turn)
    tried = {"worker": "drawer", "ended_at": now(), "result": "waiting", "model": "openai/large"}
    Attempt.objects.create(step_run=held, fence=number, **tried)


def _call(held: StepRun, number: int, part: int, asked: dict[str, Any], came: dict[str, Any]) -> None:
    came = {name: value() if callable(value) else value for name, value in came.items()}
    given = {"id": asked["id"], "turn": number, "arguments": asked["arguments"]}
    where = {"parent": held, "part": part, "frame": f"{held.pk}:{part}", "given": given}
    _began(held.run, f"serve-{asked['name']}", came.pop("status"), **came, **where)
    asked["part"] = part


def _began(run: Run, key: str, status: str, **fields: Any) -> StepRun:
    step = run.version.steps.get(key=key)
    fields |= {"worker": "drawer", "fence": 4, "claimed_at": now()}
    return StepRun.objects.create(run=run, step=step, workflow=run.workflow, status=status, **fields)
