"""JSON from outside: what two readers could understand in two ways is refused."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import canonical
from orchestration.triggers import strictly

TEXTS = st.text('aé"\\\n[{]}😀', max_size=6)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS
VALUES = st.recursive(LEAVES, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXTS, inside, max_size=3))


@given(VALUES)
def test_json_is_read_as_it_is(value: Any) -> None:
    assert canonical(strictly.read(json.dumps(value).encode())) == canonical(value)


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(strictly.Unreadable):
        strictly.read(body)


@pytest.mark.parametrize(
    "body", ['"\\ud800"', '"a\\u0000b"', "Infinity", "-NaN", '{"a":{"b":1,"b":1}}', "[" * 100_000, "9" * 5000]
)
def test_it_refuses(body: str) -> None:
    with pytest.raises(strictly.Unreadable):
        strictly.read(body.encode())
