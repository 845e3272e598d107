"""Calls that are answered later: the address goes out once, the same on each try, and stands nowhere else."""

import json
import re
from typing import Any

import pytest

from orchestration.tools.kinds import callback
from orchestration.tools.tool import AnsweredLater, ToolFailed
from tests.outgoing.declared import Declared, tool
from tests.outgoing.watching import Listener, connections, say

OWN = {
    "method": "POST",
    "path": "/checks",
    "places": {"customer": {"in": "body"}},
    "answer_to": {"in": "body", "name": "callback_url"},
    "hours": 48,
}
HERE = {"answers_at": "https://handrail.example.org"}


def check(listener: Listener, own: Any = OWN, **more: Any) -> Declared:
    return tool(own, address=f"http://127.0.0.1:{listener.port}", options=more.pop("options", HERE), **more)


def test_the_address_of_the_answer_goes_along_and_is_kept_nowhere(listener: Listener) -> None:
    token = callback.token_of("run-1-2")
    listener.answers["/checks"] = say(202, json.dumps({"at": token}).encode(), Content_Type="application/json")
    for _try in range(2):
        with pytest.raises(AnsweredLater) as later:
            callback.call(check(listener), {"customer": "C1"}, "run-1-2")
    sent = [json.loads(body) for _method, _path, _headers, body in listener.heard]
    assert sent == [{"customer": "C1", "callback_url": f"https://handrail.example.org/answers/{token}/"}] * 2
    assert (later.value.event, later.value.hours) == (callback.event_of(token), 48)
    assert later.value.sent == {"status": 202, "body": {"at": "[address]"}}
    assert token not in later.value.event


def test_each_call_and_each_installation_has_another_address(settings: Any) -> None:
    first, second = callback.token_of("run-1-2"), callback.token_of("run-1-3")
    settings.SECRET_KEY = "another-secret-key-of-the-tests-0123456789-abcdef"
    assert len({first, second, callback.token_of("run-1-2")}) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", one) for one in (first, second))


def test_a_call_that_is_refused_waits_for_nothing(listener: Listener) -> None:
    listener.answers["/checks"] = say(422, b"no")
    with pytest.raises(ToolFailed, match="422"):
        callback.call(check(listener), {"customer": "C1"}, "run-1-2")


@pytest.mark.parametrize(
    ("own", "options", "arguments"),
    [
        ({**OWN, "answer_to": None}, HERE, {}),
        ({**OWN, "answer_to": {"in": "path"}}, HERE, {}),
        ({**OWN, "hours": 0}, HERE, {}),
        ({**OWN, "answer_to": {"in": "header", "name": "Host"}}, HERE, {}),
        ({**OWN, "hours": 10_000}, HERE, {}),
        ({**OWN, "method": "GET", "places": {}, "answer_to": {"in": "query"}}, HERE, {}),
        (OWN, {}, {}),
        (OWN, {"answers_at": "javascript:x"}, {}),
        (OWN, {"answers_at": "https://a@b.example"}, {}),
        (OWN, {"answers_at": "https://b.example/x"}, {}),
        (OWN, HERE, {"answer_to": "https://evil.example"}),
        ({**OWN, "places": {"callback_url": {"in": "body"}}}, HERE, {}),
        (OWN, HERE, {"callback_url": "https://evil.example"}),
    ],
)
def test_what_cannot_be_answered_is_not_sent(own: Any, options: Any, arguments: Any, listener: Listener) -> None:
    with connections() as tried, pytest.raises(ToolFailed) as failed:
        callback.call(check(listener, own, options=options), {"customer": "C1", **arguments}, "run-1-2")
    assert (tried, failed.value.retry) == ([], False)


def test_only_the_methods_of_the_connection_are_used(listener: Listener) -> None:
    with connections() as tried, pytest.raises(ToolFailed, match="may not be asked with POST"):
        callback.call(check(listener, methods=("GET",)), {"customer": "C1"}, "run-1-2")
    assert tried == []


def test_a_call_is_told_in_words(listener: Listener) -> None:
    (told,) = callback.effects(check(listener), {"customer": "C1"})
    assert told == f"It sends POST to 127.0.0.1:{listener.port}, and waits at most 48 hours for the answer."
    assert callback.problems(OWN, {"properties": {"customer": {}}}) == []
    assert callback.problems({**OWN, "hours": True}, {})
