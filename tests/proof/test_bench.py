"""The bench of the proof does what it says, in small."""

import pytest

from tests.bench import proof
from tests.bench.figures import SHORT


@pytest.mark.django_db(transaction=True)
def test_its_figures_are_of_what_was_done() -> None:
    found = {name: value for name, value, _ in proof.proof(SHORT)}
    assert set(found) == {
        "written_and_sealed", "written_and_sealed_cpu", "writer_p99", "seal_lag_p99",
        "verified", "verified_million", "verified_memory",
    }  # fmt: skip
    assert all(value > 0 for value in found.values())
