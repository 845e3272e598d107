"""The six templates: each reads, is ready, passes its test cases, and is published in the sample workspace."""

import time

import pytest
from pytest_django import Settings

from audit.models import Proposal
from deploy.sample import workspace
from orchestration import beginnings, documents, dry, readiness, templates
from orchestration.documents.outline import walk
from orchestration.dry import cases
from orchestration.models import CaseResult, Version, WaiverSignature, Workflow
from tests.cast import Cast
from tests.sampled import Sample

KEYS = [one.key for one in templates.complete()]
PEOPLE_ALONE = {"person", "decision", "parallel", "outcome"}


def test_there_are_six() -> None:
    assert len(KEYS) == 6
    assert len(templates.templates()) == len(list(templates.FOLDER.glob("*.yaml"))) == 13


def test_each_is_ready_in_the_sample_workspace(sample: Sample) -> None:
    reports = {key: readiness.check(templates.get(key).source) for key in KEYS}
    assert {key: [str(one) for one in report.findings] for key, report in reports.items()} == {key: [] for key in KEYS}


def test_all_are_published_and_their_test_cases_pass(sample: Sample) -> None:
    versions = Version.objects.filter(status="published").select_related("workflow")
    assert {one.workflow.slug for one in versions} == set(KEYS)
    assert CaseResult.objects.filter(passed=False).count() == 0
    for one in versions:
        document = dry.definition(one.source)
        told = cases.results(document, document["tests"])
        assert len(told) >= 2
        assert all(case.result and case.result.passed for case in told)


def test_what_wants_a_second_person_was_signed_by_one(sample: Sample) -> None:
    assert {one.signed_by.username for one in WaiverSignature.objects.select_related("signed_by")} == {"olga"}
    published = Proposal.objects.filter(act="version.publish").select_related("signer", "proposer")
    assert [(one.proposer.username, str(one.signer), one.status) for one in published] == [
        ("adam", "Olga Lind", "signed")
    ]


def test_loading_it_twice_changes_nothing(sample: Sample) -> None:
    before = list(Version.objects.values_list("pk", "status"))
    began = time.monotonic()
    workspace.load()
    assert list(Version.objects.values_list("pk", "status")) == before
    assert time.monotonic() - began < 2


def test_what_somebody_published_since_is_left_alone(sample: Sample) -> None:
    Version.objects.filter(workflow__slug="publish-an-article").update(source="somebody's own")
    workspace.load()
    assert Version.objects.filter(workflow__slug="publish-an-article").count() == 1


def test_a_model_that_is_set_drafts_in_place_of_the_script(sample: Sample, settings: Settings) -> None:
    settings.HANDRAIL_MODEL = "handrail/unplugged"
    workspace.load()
    version = sample.workflow("answer-a-customer").current
    assert version is not None
    assert version.number == 2
    assert workspace.SCRIPTED not in version.source


def test_a_model_without_its_key_leaves_the_script_in_place(sample: Sample, settings: Settings) -> None:
    settings.HANDRAIL_MODEL = "openai/gpt-4o"
    settings.HANDRAIL_SECRETS = frozenset()
    workspace.load()
    version = sample.workflow("answer-a-customer").current
    assert version is not None
    assert (version.number, workspace.SCRIPTED in version.source) == (1, True)


@pytest.mark.parametrize("key", KEYS)
def test_a_new_workflow_begins_from_each(cast: Cast, key: str) -> None:
    draft = templates.begin(templates.get(key), by=cast.adam, slug="mine", name="My: own")
    document = documents.read(draft.source)
    assert (document["slug"], document["name"], document["owner"]) == ("mine", "My: own", "adam")
    assert draft.status == "draft"
    assert documents.read(templates.get(key).source)["steps"][0] == document["steps"][0]


def test_it_belongs_to_whoever_begins_it(sample: Sample) -> None:
    draft = templates.begin(templates.get("onboard-a-supplier"), by=sample.olga)
    document = documents.read(draft.source)
    assert (document["slug"], document["owner"]) == ("onboard-a-supplier-2", "olga")
    assert document["steps"][-1]["owner"] == {"user": "olga"}
    assert draft.workflow.owner == sample.olga


def test_whoever_may_not_make_workflows_begins_none(cast: Cast) -> None:
    with pytest.raises(beginnings.CannotBegin):
        templates.begin(templates.get("onboard-a-supplier"), by=cast.rita)
    assert Workflow.objects.count() == 1


def test_in_the_screening_of_applications_nothing_is_decided_without_people() -> None:
    document = documents.read(templates.get("screen-an-application").source)
    assert document["risk"] == "high"
    by_key = {step.key: step.spec for step in walk(document)}
    acting = [spec for spec in by_key.values() if spec["kind"] not in ("decision", "outcome")]
    assert all(spec["review"].get("when") for spec in acting)
    assert by_key["decide"]["kind"] == "person"
    assert by_key["decide"]["review"]["then"] == [{"group": "hiring-lead"}]


def test_it_says_where_a_model_is_to_be_plugged_in() -> None:
    plugs = {one.key: one.plugs for one in templates.templates()}
    assert plugs["review-a-clause"] == ("Assess",)
    assert plugs["approve-an-invoice"] == ()
