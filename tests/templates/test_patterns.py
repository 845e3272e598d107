"""The templates of the seven patterns: each is ready, and its test cases pass as dry runs."""

import pytest

from deploy.sample import published
from orchestration import documents, dry, templates
from orchestration.dry import cases
from tests.sampled import Sample

KEYS = list(templates.PATTERNS)


@pytest.mark.parametrize("key", KEYS)
def test_each_holds_together(key: str) -> None:
    document = documents.read(templates.get(key).source)
    assert (document["slug"], len(document["tests"]) >= 2) == (key, True)


def test_each_is_published_once_it_is_ready_and_its_test_cases_pass(sample: Sample) -> None:
    for key in KEYS:
        source = templates.get(key).source
        document = dry.definition(source)
        told = {
            one.case["name"]: one.result.told if one.result else one.why
            for one in cases.run_all(source, by=sample.adam)
        }
        assert told == dict.fromkeys((case["name"] for case in document["tests"]), ""), key
        published.publish(key, source, by=sample.adam, second=sample.olga)
        assert sample.workflow(key).current is not None
