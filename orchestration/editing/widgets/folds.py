"""The parts of a review's form that are folded away: a line over each says what stands there, so nothing is hidden."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.explain import asked, clocked, whom
from orchestration.readiness import Finding

type Review = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fold:
    """One part: what it is called, what stands in it in a few words, and whether it is open."""

    title: str | Promise
    said: str
    set: bool
    open: bool = False


KEYS = {
    "whom": ("who", "then", "of", "side_by_side", "assign"),
    "shown": ("evidence", "sign", "notices"),
    "asks": ("form", "outcomes", "back"),
    "when": ("hours", "reminders", "escalate", "default"),
    "only": ("only", "second"),
}
TITLES = {
    "whom": gettext_lazy("Others than one group, or several people"),
    "shown": gettext_lazy("Evidence, signature, messages"),
    "asks": gettext_lazy("Form, own outcomes, sending back"),
    "when": gettext_lazy("Hours, reminders, what if nobody decides"),
    "only": gettext_lazy("Whether at all, and twice"),
}


def of(held: Review, *, calls: bool) -> dict[str, Fold]:
    """Those of a review section, of whatever shape it is."""
    made = {}
    for part, keys in KEYS.items():
        if calls and part == "asks":
            continue
        told = _told(part, {key: held[key] for key in keys if held.get(key)})
        made[part] = Fold(TITLES[part], told or str(NOTHING[part]), set=bool(told))
    return made


def opened(folds: dict[str, Fold], name: str, notes: Iterable[Finding], wrong: dict[str, str]) -> dict[str, Fold]:
    """The same, open where something is wrong inside: what readiness found, or what could not be taken."""
    parts = {wrong.get(name, "")}
    for one in notes:
        after = one.path[one.path.index(name) + 1 :] if name in one.path else ()
        parts |= {part for part, keys in KEYS.items() if after and after[0] in keys}
    return {part: replace(fold, open=part in parts) for part, fold in folds.items()}


def _told(part: str, held: Review) -> str:
    """What is set there, in sentences. What has no shape yet is shown as it stands."""
    try:
        return " ".join(SENTENCES[part](held)) if held else ""
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        return _("Something is set here that cannot be read yet.")


def _whom(held: Review) -> Iterator[str]:
    if isinstance(who := held.get("who"), dict):
        yield _("First: %s.") % whom.said(who)
    yield from whom.sentences({"who": {}, **held})


def _shown(held: Review) -> Iterator[str]:
    if evidence := held.get("evidence"):
        yield _("Evidence: %s.") % ", ".join(map(str, evidence))
    if isinstance(sign := held.get("sign"), dict):
        yield _("Signed: “%s”.") % sign.get("meaning", "")
    if isinstance(said := held.get("notices"), dict) and said.get("content") is True:
        yield _("Messages may say what it is about.")


SENTENCES: dict[str, Callable[[Review], Iterable[str]]] = {
    "whom": _whom,
    "shown": _shown,
    "asks": lambda held: asked.of(held, {}),
    "when": clocked.sentences,
    "only": clocked.sentences,
}
NOTHING = {
    "whom": gettext_lazy("One person of the group decides."),
    "shown": gettext_lazy("No evidence, no signature; messages do not say what it is about."),
    "asks": gettext_lazy("Approve or reject, nothing else."),
    "when": gettext_lazy("All hours count; it waits until somebody decides."),
    "only": gettext_lazy("Every time, once."),
}
