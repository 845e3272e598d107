"""The sections of a report: each chart with the table under it, every number with the decisions that it opens."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import dates
from audit.reports import charts, trust, verdicts
from audit.reports.charts import Bar, Dot, Mark, Part
from audit.reports.figures import Figures, Tally
from audit.reports.intervals import Interval
from audit.reports.trust import Point
from audit.reports.wanted import EDGES, HASTY, Wanted
from audit.templatetags.figures import NOTHING, duration, number, pct

type Cell = tuple[str, str, str]  # column, text, address or nothing


class Section(NamedTuple):
    """A chart in both sizes, the table that says the same, and a line about it."""

    drawn: list[SafeString]
    head: list[str]
    rows: list[tuple[str, list[Cell]]]
    said: str = ""


class Shared(NamedTuple):
    """One line of a table of workflows or reviewers."""

    name: str
    version: int | None
    tally: Tally
    mix: SafeString
    url: str


class Look(NamedTuple):
    """Something worth a look: icon, tone, what, and where to see it."""

    drawn: str
    tone: str
    text: str
    url: str


def opens(query: str) -> str:
    """The address of the decisions behind a number."""
    return f"{reverse('decisions')}?{query}" if query else reverse("decisions")


def decided(figures: Figures, wanted: Wanted) -> Section:
    """What people decided, a bar an hour, a day, a week or a month."""
    bars = [_bar(figures, wanted, n, start) for n, start in enumerate(figures.period.bars(), start=1)]
    top, words = number(max(bar.amount for bar in bars)), [kind.word for kind in verdicts.kinds()]
    drawn = [charts.stacked(bars, size, highest=top) for size in (charts.WIDE, charts.SMALL)]
    rows = [(bar.label, [_cell(*pair) for pair in zip(words, bar.parts, strict=True)]) for bar in bars if bar.amount]
    return Section(drawn, [_unit(figures.period.unit), *words], rows)


def _bar(figures: Figures, wanted: Wanted, n: int, start: datetime) -> Bar:
    tally, was = figures.bars.get(n, Tally()), figures.bars_before.get(n)
    label, part = _when(start, figures.period.unit), figures.period.part(start)
    parts = _parts(tally, lambda verdict: opens(wanted.query(part, verdict=verdict)), f"{label}: ")
    return Bar(label, parts, was.count if was else None)


def _parts(tally: Tally, url: Callable[[str], str], label: str = "") -> list[Part]:
    amounts = [(kind, getattr(tally, kind.name)) for kind in verdicts.kinds()]
    return [
        Part(kind.colour, amount, f"{label}{amount} {kind.word.lower()}", url(kind.name)) for kind, amount in amounts
    ]


def _cell(column: str, part: Part) -> Cell:
    return column, number(part.amount), part.url if part.amount else ""


def _when(start: datetime, unit: str) -> str:
    shape = {"hour": "H:i", "month": "M Y"}.get(unit)
    return date_format(start, shape) if shape else dates.of_month(start)


def _unit(unit: str) -> str:
    return {"hour": _("Hour"), "day": _("Day"), "week": _("Week from"), "month": _("Month")}[unit]


def times(figures: Figures, wanted: Wanted) -> Section:
    """How long decisions took, with half of them and the usual limit as lines."""
    total = figures.total
    if not total.count:
        return Section([], [], [])
    limit = _place(total.allowed)
    last = max([*figures.waits, int(limit or 0) + 2])
    bars = [_time(figures, wanted, n) for n in range(1, min(last, len(EDGES)) + 1)]
    names = [_("In time"), _("Late")]
    rows = [
        (_between(n), [_cell(*pair) for pair in zip(names, bar.parts, strict=True)])
        for n, bar in enumerate(bars, start=1)
        if bar.amount
    ]
    said = _("9 in 10 within %(time)s") % {"time": duration(total.most)}
    return Section([charts.histogram(bars, charts.SIDE, lines=_lines(total, limit))], [_("Time"), *names], rows, said)


def _time(figures: Figures, wanted: Wanted, n: int) -> Bar:
    tally, label = figures.waits.get(n, Tally()), _between(n)
    early, late = tally.count - tally.late, tally.late
    told = {"time": label, "early": early, "late": late}
    parts = [
        Part("c1", early, _("%(time)s: %(early)s in time") % told, opens(wanted.query(wait=n))),
        Part("c3", late, _("%(time)s: %(late)s late") % told, opens(wanted.query(wait=n, late=True))),
    ]
    return Bar("0" if n == 1 else duration(EDGES[n - 1]) if n % 2 else "", parts)


def _lines(total: Tally, limit: float | None) -> list[Mark]:
    lines = []
    if (half := _place(total.half)) is not None:
        lines.append(Mark(half, _("half, %(time)s") % {"time": duration(total.half)}))
    if limit is not None:
        lines.append(Mark(limit, _("usual limit, %(time)s") % {"time": duration(total.allowed)}, "lim"))
    return lines


def _place(seconds: float | None) -> float | None:
    """Where a time stands between the bars, counted from the left."""
    if seconds is None:
        return None
    n = max(sum(1 for edge in EDGES if edge <= seconds), 1)
    if n == len(EDGES):
        return n - 0.5
    return n - 1 + (max(seconds, 0) - EDGES[n - 1]) / (EDGES[n] - EDGES[n - 1])


def _between(n: int) -> str:
    if n >= len(EDGES):
        return _("over %(time)s") % {"time": duration(EDGES[-1])}
    if n <= 1:
        return _("under %(time)s") % {"time": duration(EDGES[1])}
    return _("%(from)s to %(to)s") % {"from": duration(EDGES[n - 1]), "to": duration(EDGES[n])}


def scores(figures: Figures, wanted: Wanted) -> Section:
    """Stated confidence against the share left unchanged."""
    found = trust.points(figures.scores)
    head = [_("Confidence"), _("Decisions"), _("Unchanged"), _("Stated")]
    dots = [_dot(point, wanted) for point in found]
    rows = [(_tenth(point), _told(point, dot, head)) for point, dot in zip(found, dots, strict=True)]
    drawn = [charts.against(dots, charts.SIDE, stated=_("as stated"))] if dots else []
    return Section(drawn, head, rows)


def _dot(point: Point, wanted: Wanted) -> Dot:
    told = {"score": round(point.stated * 100), "share": pct(point.found), "count": point.among}
    said = _("Confidence %(score)s: %(share)s unchanged, %(count)s decisions") % told
    return Dot(point.stated, point.found, point.among, said, opens(wanted.query(score=point.tenth)))


def _tenth(point: Point) -> str:
    return _("%(low)s to %(high)s") % {"low": point.tenth * 10, "high": point.tenth * 10 + 10}


def _told(point: Point, dot: Dot, head: list[str]) -> list[Cell]:
    return [
        (head[1], number(point.among), dot.url),
        (head[2], between(point.interval), ""),
        (head[3], pct(point.stated), ""),
    ]


def between(found: Interval | None) -> str:
    """A share and what it lies between: "62% (51 to 72%)"."""
    if found is None:
        return NOTHING
    told = {"share": pct(found.value), "low": number(found.low * 100), "high": pct(found.high)}
    return _("%(share)s (%(low)s to %(high)s)") % told


def overridden(total: Tally) -> str:
    """How often people did not leave what the AI wrote, in a sentence; nothing where too few decided."""
    if total.count < trust.ENOUGH:
        return ""
    return _("People changed, refused or sent back %s.") % between(total.overridden)


def shared(tallies: Mapping[Any, Tally], names: Mapping[Any, str], wanted: Wanted, by: str) -> list[Shared]:
    """Lines of a table by workflow or reviewer, those with the most decisions first."""
    ranked = sorted(tallies.items(), key=lambda pair: -pair[1].count)
    return [
        Shared(names.get(key, ""), tally.version, tally, _mix(tally), opens(wanted.query(**{by: key})))
        for key, tally in ranked
    ]


def _mix(tally: Tally) -> SafeString:
    parts = _parts(tally, lambda verdict: "")
    told = zip(parts, verdicts.kinds(), strict=True)
    said = ", ".join(f"{pct(part.amount / tally.ended)} {kind.word.lower()}" for part, kind in told if part.amount)
    return charts.mix(parts, said)


def looks(total: Tally, wanted: Wanted) -> list[Look]:
    """What a manager should look at; nothing where there is nothing."""
    hasty = ngettext("%(n)s approval in under %(s)s seconds", "%(n)s approvals in under %(s)s seconds", total.hasty)
    late = ngettext("%(n)s decision after it was due", "%(n)s decisions after they were due", total.late)
    rejected = ngettext("%(n)s rejected, with a reason", "%(n)s rejected, each with a reason", total.rejected)
    back = ngettext("%(n)s sent back, with a reason", "%(n)s sent back, each with a reason", total.sent_back)
    lapsed = ngettext("%(n)s ended by the clock, unanswered", "%(n)s ended by the clock, each unanswered", total.lapsed)
    found = (
        ("zap", "warn", hasty, total.hasty, {"hasty": True}),
        ("timer", "warn", late, total.late, {"late": True}),
        ("x", "bad", rejected, total.rejected, {"verdict": "rejected"}),
        ("undo-2", "warn", back, total.sent_back, {"verdict": "sent_back"}),
        ("timer-off", "warn", lapsed, total.lapsed, {"verdict": "lapsed"}),
    )
    return [
        Look(drawn, tone, text % {"n": number(count), "s": HASTY}, opens(wanted.query(**narrow)))
        for drawn, tone, text, count, narrow in found
        if count
    ]


def narrowing(wanted: Wanted, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """What narrows a list of decisions beside period and workflow, in words, each with the query without it."""
    score = (wanted.score or 0) * 10
    said = {
        "verdict": verdicts.words().get(wanted.verdict, ""),
        "late": _("After it was due"),
        "hasty": _("Approved in under %(s)s seconds") % {"s": HASTY},
        "reviewer": _("By %(name)s") % {"name": names.get(wanted.reviewer, _("somebody whose name was erased"))},
        "score": _("Confidence %(low)s to %(high)s") % {"low": score, "high": score + 10},
        "wait": _("Took %(time)s") % {"time": _between(wanted.wait or 1)},
    }
    return [(said[name], wanted.query(**{name: None})) for name in wanted.narrowed if name in said]
