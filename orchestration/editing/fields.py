"""Which parts of a document stand in a form: those of a step by its kind, and those of the workflow itself."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orchestration.documents.writing import MISSING
from orchestration.editing.widgets import (
    Asks,
    Branches,
    Budget,
    Choice,
    Contract,
    Limits,
    Line,
    Mapping,
    Metrics,
    Number,
    Owner,
    Permission,
    Review,
    Several,
    Snippet,
    Switch,
    Text,
    Widget,
    Workers,
)

WHOLE = "-workflow"  # in the place of a step's key: the workflow itself; no step can have it
STEPS_INSIDE = ("steps", "fallback", "compensate")  # changed by moving steps, not by a field

CEL = Line(expression=True)
DATA = (
    ("public", _("Public")),
    ("internal", _("Internal")),
    ("confidential", _("Confidential")),
    ("personal", _("Personal")),
    ("special", _("Special categories")),
)
RISKS = (("minimal", _("Minimal")), ("limited", _("Limited")), ("high", _("High")))


class Field(NamedTuple):
    """One part: its key in the document, what it is called, how it is shown, and a hint.

    `needed`: without it the document has no shape, so a form does not take it away. `empty` is what stands for nothing.
    """

    name: str
    label: str | Promise
    widget: Widget
    hint: str | Promise = ""
    needed: bool = False
    empty: Any = MISSING


NAME = Field("name", _("Name"), Line(), needed=True)
PURPOSE = Field("purpose", _("Purpose"), Text(rows=2), needed=True)
KEY = Field(
    "key", pgettext_lazy("short name", "Key"), Line(mono=True), _("What expressions call it: steps.key"), needed=True
)
OWNER = Field("owner", _("Owner"), Owner(), _("answers for it"))
PERMISSION = Field("permission", _("Permission"), Permission(("see", "run")), empty={})
INPUT = Field("input", _("Input"), Mapping(), _("names, each with an expression"), empty={})
ARGUMENTS = INPUT._replace(widget=Mapping(offers=True), hint=_("what the tool is called with, each an expression"))
IN = Field("input_schema", _("Input contract"), Contract())
OUT = Field("output", _("Output contract"), Contract())
ANSWER = OUT._replace(needed=True)
MODEL = Field("model", _("Model"), Choice("models", none=_("Choose a model")))
ROUTING = Field(
    "routing",
    _("Routing"),
    Snippet("regions: [eu]\nweights: {quality: 60, cost: 25, speed: 15}"),
    _("as YAML: what any model must be and do, and what counts"),
)
PROMPT = Field("prompt", _("Prompt"), Text(mono=True, rows=6), _("The input follows by itself."), needed=True)
REVIEW = Field("review", _("Review"), Review())
METRICS = Field("metrics", _("Success metrics"), Metrics(), empty=[])
CLASS = Field("data", _("Data class"), Choice(given=DATA, none=_("Not said")))
LIMITS = Field("limits", _("Limits"), Limits())
OF_AGENTS = (
    *("seconds", "total_seconds", "tries", "turns", "calls", "fan_out"),
    *("repeats", "tokens", "cost", "minutes"),
)
BOUNDS = Field("limits", _("Limits"), Limits(OF_AGENTS), _("minutes of work: the time that people take is not counted"))
RETRY = Field("retry", _("Tried again"), Snippet("tries: 3\non: [timeout, busy]"), _("as YAML"))
FALLBACK = Field(
    "fallback", _("If it fails"), Choice(given=(("fail", _("The run fails")),), none=_("Not said, or the step below"))
)

HANDS_OVER = Field(
    "hands_over",
    _("Hands over"),
    Snippet("- to: refund\n  title: It is about money\n  keeps: {order: input.order, why: why}"),
    _("as YAML: later steps that it may hand the work to, and what goes along"),
)

OF_KIND: dict[str, tuple[Field, ...]] = {
    "model": (MODEL, ROUTING, PROMPT, INPUT, IN, ANSWER, Field("confidence", _("Confidence"), CEL)),
    "agent": (
        Field("agent", _("Agent"), Line(mono=True), _("its name, or name@2; empty: it is described here")),
        Field("ceiling", _("May be given, at the most"), Choice(given=DATA, none=_("Not said"))),
        MODEL,
        ROUTING,
        PROMPT,
        Field("tools", _("Tools"), Several("tools"), _("what it may call"), empty=[]),
        Field(
            "workers",
            _("Workers"),
            Workers(),
            _("agents that it may give work to"),
            empty=[],
        ),
        HANDS_OVER,
        INPUT,
        IN,
        ANSWER,
        Field("confidence", _("Confidence"), CEL),
        Field("call_review", _("Review of calls"), Review(calls=True), _("of each that changes something")),
        Field("asks", _("May ask"), Asks(), _("people, who answer in their inbox")),
        Field("talks", _("Talks"), Switch(_("What it says without a call goes to them, until they end the talk"))),
    ),
    "tool": (Field("tool", _("Tool"), Choice("tools", none=_("Choose a tool"))), ARGUMENTS),
    "person": (INPUT, IN, OUT, Field("releases", _("Releases"), Several("steps"), _("steps that wait for this"))),
    "decision": (
        Field(
            "branches",
            _("Branches"),
            Branches(conditions=True),
            _("The first whose condition holds is taken. A condition reads like: input.amount < 100"),
            needed=True,
        ),
    ),
    "parallel": (
        Field("branches", _("Branches"), Branches(conditions=False), needed=True),
        Field("join", _("Goes on when"), Snippet("all"), _("all, first, or quorum: 2")),
        Field(
            "others",
            _("The others"),
            Choice(given=(("cancel", _("are cancelled")), ("finish", _("finish"))), none=_("Not said")),
        ),
    ),
    "map": (
        Field("over", _("Over"), CEL, _("an expression that gives a list"), needed=True),
        Field("at_once", _("At once"), Number(_("items"))),
        Field(
            "on_failure",
            _("If one fails"),
            Choice(given=(("stop", _("Stop")), ("continue", _("Go on with the others"))), none=_("Stop")),
        ),
        Field("most_failures", _("At most"), Number(_("failures"))),
    ),
    "repeat": (
        Field("until", _("Until"), CEL, _("a condition on what a round came to: steps.key, last, round"), needed=True),
        Field("rounds", _("Rounds"), Number(_("at most")), needed=True),
        Field(
            "otherwise",
            _("If none does"),
            Choice(given=(("go_on", _("Go on with the last")), ("fail", _("It has failed"))), none=_("Go on")),
        ),
    ),
    "workflow": (
        Field("workflow", _("Workflow"), Choice("workflows", none=_("Choose a workflow")), needed=True),
        Field("version", _("Version"), Number(), _("empty: the current one, when this is published")),
        INPUT,
    ),
    "wait": (
        Field("for_seconds", _("For"), CEL, _("seconds, or an expression")),
        Field("until", _("Until"), CEL, _("an expression that gives a date or a moment")),
        Field("event", _("For an event"), Line()),
        Field("match", _("That matches"), CEL),
        Field("seconds", _("At most"), Number(_("seconds"), whole=False)),
        Field(
            "on_timeout",
            _("After that"),
            Choice(given=(("fail", _("It has failed")), ("go_on", _("Go on"))), none=_("It has failed")),
        ),
    ),
    "outcome": (
        Field(
            "label",
            _("Label"),
            CEL,
            _("what the run came to: an expression, or a fixed text in quotes: 'done'"),
            needed=True,
        ),
        Field(
            "success", _("Success"), CEL, _("whether that is what was hoped for: true, or an expression"), needed=True
        ),
    ),
}
WITHOUT = {
    "decision": {"review", "metrics", "limits", "retry", "fallback"},
    "parallel": {"review", "metrics", "limits", "retry", "fallback"},
    "map": {"limits", "retry", "fallback"},
    "repeat": {"limits", "retry"},
    "wait": {"review", "metrics", "limits", "retry", "fallback"},
    "outcome": {"review", "retry", "fallback"},
    "person": {"limits", "retry", "fallback"},
}
OF_WORKFLOW: tuple[Field, ...] = (
    NAME,
    PURPOSE,
    Field("outcome", _("Outcome"), Text(rows=2), _("what counts as done")),
    Field("owner", _("Owner"), Owner(login=True), _("answers for it"), needed=True),
    Field("risk", _("Risk"), Choice(given=RISKS), needed=True),
    Field("groups", _("Groups"), Permission(("see", "start", "decide", "manage"))),
    Field(
        "input",
        _("Input of a run"),
        Contract(),
        _("the form that starts one is made from it"),
        empty={"type": "object", "properties": {}},
    ),
    Field(
        "title",
        _("Title of a run"),
        CEL,
        _("an expression, such as input.name, or a fixed text in quotes"),
        needed=True,
    ),
    Field("result", _("Result"), Mapping()),
    Field("budget", _("Budget"), Budget()),
    Field("retention", _("Kept for"), Limits(("days",))),
    Field("limits", _("Limits"), Limits(("runs", "steps")), _("what may be under way at once")),
    Field(
        "tests",
        _("Test cases"),
        Snippet("- name: …\n  input: {…}\n  expect: {outcome: …}"),
        _("as YAML; a dry run can be kept as one"),
    ),
)


def of_step(kind: str) -> list[Field]:
    """The fields of a step of a kind, in the order of the form."""
    without = WITHOUT.get(kind, set())
    review = Field("review", _("Review"), Review(person=True)) if kind == "person" else REVIEW
    limits = BOUNDS if kind == "agent" else LIMITS
    tail = (review, METRICS, CLASS, PERMISSION, limits, RETRY, FALLBACK)
    return [NAME, PURPOSE, OWNER, *OF_KIND.get(kind, ()), *(one for one in tail if one.name not in without), KEY]


def named(fields: Iterable[Field]) -> dict[str, Field]:
    """The fields by their keys."""
    return {field.name: field for field in fields}
