"""The decision itself: which filter keeps whom out, how the rest is ranked, and that it can be worked out again."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.routing import keeping, replaying, sentences
from orchestration.routing.asked import Asked, Classed, Figure, Seen
from orchestration.routing.candidates import CLASSES, Candidate, Snapshot
from orchestration.routing.deciding import Decided, decide
from orchestration.routing.policy import Policy, Weights
from orchestration.states import RiskTier

TIERS = frozenset(RiskTier.values)
LARGE = Candidate(
    "large",
    region="eu",
    ceiling="personal",
    capabilities=frozenset({"tools", "schema"}),
    languages=frozenset({"de", "en"}),
    context=8000,
    price_in=Decimal(5),
    price_out=Decimal(15),
    tiers=TIERS,
    quality=0.9,
)
SMALL = replace(LARGE, name="small", price_in=Decimal(1), price_out=Decimal(2), quality=0.6)
CALL = Asked(Policy(weights=Weights.of({})), Classed("personal"), "limited", 1000, 500, today=date(2026, 11, 23))


def of(*models: Candidate, asked: Asked = CALL, **seen: Any) -> Decided:
    return decide(asked, Snapshot(tuple(sorted(models, key=lambda model: model.name))), Seen(**seen))


def at(decided: Decided) -> dict[str, list[str]]:
    return {name: [one.code for one in fell] for name, fell in decided.fell}


@pytest.mark.parametrize(
    ("model", "code"),
    [
        (replace(LARGE, status="proposed"), "not_approved"),
        (replace(LARGE, status="suspended"), "not_approved"),
        (replace(LARGE, until=date(2026, 11, 22)), "approval_over"),
        (replace(LARGE, ceiling="confidential"), "class_over_ceiling"),
        (replace(LARGE, context=1499), "context"),
        (replace(LARGE, tiers=frozenset({"minimal"})), "risk_tier"),
    ],
)
def test_what_a_model_is_keeps_it_out(model: Candidate, code: str) -> None:
    decided = of(model, SMALL)
    assert at(decided) == {"large": [code]}
    assert decided.chosen == "small"


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ({"regions": ("us",)}, "region_outside"),
        ({"needs": ("vision",)}, "cannot"),
        ({"languages": ("fr",)}, "language"),
        ({"most": Decimal("0.001")}, "budget"),
    ],
)
def test_what_a_step_asks_for_keeps_a_model_out(policy: dict[str, Any], code: str) -> None:
    assert at(of(LARGE, asked=replace(CALL, policy=Policy(**policy)))) == {"large": [code]}


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        ({"cooling": {"large": 3.0}}, "cooling"),
        ({"keyless": {"large": "KEY is not in the environment"}}, "no_credentials"),
        ({"refused": {"large": "Personal data stays in the region."}}, "rule"),
        ({"left": Decimal("0.0124")}, "budget"),
        ({"months": {"large": Decimal("0.0124")}}, "budget"),
        ({"busy": {"large": "200 calls"}}, "busy"),
    ],
)
def test_how_things_stand_keeps_a_model_out(seen: dict[str, Any], code: str) -> None:
    decided = of(LARGE, **seen)
    assert at(decided) == {"large": [code]}
    assert sentences.why(CALL.policy, decided).startswith("No model may do this. large: ")


def test_what_a_budget_just_holds_may_be_called() -> None:
    assert of(LARGE, left=Decimal("0.0125")).chosen == "large"  # 1,000 tokens at $5 and 500 at $15 a million


def test_a_price_that_nobody_knows_fits_no_budget() -> None:
    assert at(of(replace(LARGE, price_in=None), left=Decimal(100))) == {"large": ["price_unknown"]}


def test_the_first_filter_decides_and_all_are_told() -> None:
    model = replace(LARGE, status="proposed", ceiling="public", region="us")
    assert at(of(model, asked=replace(CALL, policy=Policy(regions=("eu",))))) == {
        "large": ["not_approved", "class_over_ceiling", "region_outside"]
    }


def test_only_what_a_step_means_is_looked_at() -> None:
    tagged = replace(SMALL, tags=frozenset({"drafts"}))
    assert of(LARGE, tagged, asked=replace(CALL, policy=Policy(tags=("drafts",)))).chosen == "small"
    assert [one.name for one in of(LARGE, SMALL, asked=replace(CALL, policy=Policy(among=("large",)))).ranked] == [
        "large"
    ]
    assert of(LARGE, asked=replace(CALL, policy=Policy(named="gone"))).unknown == ("gone",)


@pytest.mark.parametrize(("weights", "first"), [({"quality": 1}, "large"), ({"cost": 1}, "small")])
def test_weights_decide_who_comes_first(weights: dict[str, float], first: str) -> None:
    assert of(LARGE, SMALL, asked=replace(CALL, policy=Policy(weights=Weights.of(weights)))).chosen == first


def test_own_figures_count_from_twenty_measured_runs_on() -> None:
    asked = replace(CALL, policy=Policy(weights=Weights.of({"quality": 1})))
    few, enough = Figure(19, 19, 0), Figure(20, 20, 4)
    assert of(LARGE, SMALL, asked=asked, figures={"large": few}).chosen == "large"
    decided = of(LARGE, SMALL, asked=asked, figures={"large": enough})
    assert decided.chosen == "small"
    assert [(one.name, one.quality, one.own) for one in decided.ranked] == [("small", 0.6, False), ("large", 0.2, True)]


def test_speed_is_what_calls_took() -> None:
    asked = replace(CALL, policy=Policy(weights=Weights.of({"speed": 1})))
    quick, slow = Figure(20, 0, 0, 1.0, 2.0, 100.0), Figure(20, 0, 0, 4.0, 4.0, 100.0)
    ranked = of(LARGE, SMALL, asked=asked, figures={"large": quick, "small": slow}).ranked
    assert [(one.name, one.speed) for one in ranked] == [("large", 1.0), ("small", 0.3125)]


def test_ties_go_to_the_cheaper_and_then_by_name() -> None:
    twins = [replace(LARGE, name=name, quality=0.5) for name in ("b", "a")]
    free = replace(twins[0], name="z", price_in=Decimal(0), price_out=Decimal(0))
    asked = replace(CALL, policy=Policy(weights=Weights.of({"quality": 1})))
    assert [one.name for one in of(*twins, free, asked=asked).ranked] == ["z", "a", "b"]


def test_it_says_in_one_sentence_why() -> None:
    assert sentences.why(CALL.policy, of(LARGE, replace(SMALL, status="retired"))) == (
        "large is the only one of 2 that may do it."
    )
    assert sentences.why(Policy(named="large"), of(LARGE)) == "The step names large."
    told = sentences.why(CALL.policy, of(LARGE, SMALL, replace(LARGE, name="x", ceiling="public")))
    assert told == "small came first of 2, 0.027 ahead of large. 1 fell at a filter."


MODELS = st.builds(
    replace,
    st.just(LARGE),
    name=st.sampled_from("abcdefgh"),
    status=st.sampled_from(["approved", "proposed", "suspended", "retired"]),
    ceiling=st.sampled_from(CLASSES),
    region=st.sampled_from(["eu", "us", ""]),
    context=st.sampled_from([None, 100, 8000]),
    price_in=st.sampled_from([None, Decimal(0), Decimal(1), Decimal("2.5")]),
    tiers=st.frozensets(st.sampled_from(RiskTier.values)),
    quality=st.sampled_from([0.1, 0.5, 0.9]),
)
CALLS = st.builds(
    replace,
    st.just(CALL),
    data=st.builds(Classed, st.sampled_from(CLASSES)),
    risk=st.sampled_from(RiskTier.values),
    policy=st.builds(Policy, regions=st.sampled_from([(), ("eu",)]), weights=st.builds(Weights.of, st.just({}))),
)
STANDS = st.builds(
    Seen,
    cooling=st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.1, 9).map(lambda wait: round(wait, 1))),
    left=st.sampled_from([None, Decimal("0.002"), Decimal(1)]),
)


@given(models=st.lists(MODELS, unique_by=lambda model: model.name), asked=CALLS, seen=STANDS)
def test_nobody_is_ranked_whom_a_filter_forbids_and_it_can_be_worked_out_again(
    models: list[Candidate], asked: Asked, seen: Seen
) -> None:
    snapshot = Snapshot(tuple(sorted(models, key=lambda model: model.name)))
    decided = decide(asked, snapshot, seen)
    for one in decided.ranked:
        model = snapshot.by_name[one.name]
        assert model.status == "approved"
        assert CLASSES.index(model.ceiling) >= CLASSES.index(asked.data.name)
        assert asked.risk in model.tiers
        assert not asked.policy.regions or model.region in asked.policy.regions
        assert one.name not in seen.cooling
    assert len(decided.ranked) + len(decided.fell) == len(models)
    stored = replaying.snapshot_of(snapshot.facts)
    assert stored == snapshot
    again = decide(replaying.asked_of(keeping.asked(asked)), stored, replaying.seen_of(keeping.seen(seen)))
    assert again == decided
