"""Random edits of a sealed record, each checked: not one goes unnoticed."""

import copy
import random
from dataclasses import replace
from typing import Any

import pytest

from audit.models import Leaf
from audit.proof import verifying
from audit.proof.folder import Folder
from audit.proof_models import Checkpoint
from audit.verifier import events
from audit.verifier.checking import Check
from audit.verifier.events import Entry
from audit.verifier.findings import Findings, Held
from tests.audit.conftest import Decide, seal_all
from tests.cast import Cast

pytestmark = pytest.mark.django_db
SHORT, LONG = 1_500, 10_000


def entries() -> list[Entry]:
    with_all = Leaf.objects.select_related("event__personal").order_by("leaf_index")
    assert with_all.exists()
    return list(verifying._entries())


def checked(several: list[Entry], notes: list[str]) -> Findings:
    return Check([Held(note) for note in notes], Folder.here().publics()).run(several)


def other(value: Any, chance: random.Random) -> Any:
    """A value that is not the same, of the same kind."""
    if isinstance(value, int):
        return value + chance.choice((-1, 1, 1000))
    text = str(value or "")
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice("abcXYZ019é ") + text[place + chance.randrange(2) :]


def edited(sealed: list[Entry], chance: random.Random) -> list[Entry] | None:
    """The record with one thing done to it; None where it came out the same."""
    bad = copy.copy(sealed)
    place = chance.randrange(len(bad))
    entry = bad[place]
    match chance.randrange(6):
        case 0:
            del bad[place]
        case 1:
            bad.insert(place, replace(bad[chance.randrange(len(bad))], index=place))
        case 2:
            to = chance.randrange(len(bad))
            bad[place], bad[to] = replace(bad[to], index=place), replace(entry, index=to)
        case 3 if entry.personal:
            bad[place] = replace(entry, personal=(entry.personal[0], other(entry.personal[1], chance)))
        case _:
            name = chance.choice(events.COLUMNS)
            columns = {**entry.columns, name: other(entry.columns[name], chance)}
            bad[place] = replace(entry, columns=columns)
            if chance.random() < 0.7:  # by somebody who knows how it is made
                bad[place] = replace(bad[place], leaf_hash=events.leaf_hash(columns))
    if chance.random() < 0.5:
        bad = [replace(one, index=number) for number, one in enumerate(bad)]
    return bad if bad != sealed else None


def test_not_one_of_many_random_edits_goes_unnoticed(
    cast: Cast, decide: Decide, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    decide()
    seal_all()
    notes = list(Checkpoint.objects.order_by("tree_size").values_list("note", flat=True))
    whole = entries()
    assert checked(whole, notes).whole
    chance, wanted, done = random.Random(6962), LONG if pytestconfig.getoption("--full") else SHORT, 0
    while done < wanted:
        if (bad := edited(whole, chance)) is None:
            continue
        done += 1
        assert not checked(bad, notes).whole
    with capsys.disabled():
        print(f"\n{done} random edits of {len(whole)} entries: none unnoticed.")
