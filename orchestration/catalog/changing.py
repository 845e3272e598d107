"""What people say of a model: adding it, changing it, and what cannot be said.

Whoever changes something that decides (`DECIDING`) has the model signed again; prices, limits and tags change freely.
All of it is on record, with what was and what is.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actors import person
from audit.canonical import digest
from audit.ledger import record
from audit.models import User
from audit.moves import begin, move
from orchestration import credentials, endpoints
from orchestration.catalog.looking import forget
from orchestration.models import Model
from orchestration.models.catalog import BUILT_IN, DECIDING, FILE, FREE, KEPT, REFERENCE
from orchestration.states import Capability, DataClass, ModelStatus, RiskTier

CHANGE = "audit.change_choices"
# Some providers of litellm take an address inside the name of a model: none stands there, so no "//".
NAME = re.compile(r"(?!.*//)[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,119}")
ROUTE = re.compile(r"(?!.*//)[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}")
REGION = re.compile(r"[a-z][a-z0-9-]{0,19}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
TAG = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
MOST = 2**31 - 1
MOST_OF_A_LIST = 40
FOLLOWING_CODE = ("route", "endpoint", "private_endpoint", "secret", "price_in", "price_out", "priced_on")
ADDRESS = {"endpoint", "private_endpoint"}
UNSIGNED: dict[str, Any] = {"approved_by": None, "approved_until": None, "approved_hash": "", "asked_until": None}
WHOLE = ("retention_days", "context", "most_output", "requests_per_minute", "tokens_per_minute", "calls_at_once")
AMOUNTS = {"price_in": Decimal(100_000), "price_out": Decimal(100_000), "month_budget": Decimal(1_000_000_000)}

type Problems = list[tuple[str, str]]  # a field, and what is wrong with it


class CannotChange(Exception):
    """Nothing was changed: sentences that say why, by field; "" is none of them."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(" ".join(told for _field, told in problems))
        self.problems = problems


class ChangedMeanwhile(CannotChange):
    """Somebody else changed the model since the form was shown."""

    def __init__(self) -> None:
        super().__init__([("", _("Somebody changed this model meanwhile. Look at what stands there now, then save."))])


class NotAllowed(PermissionDenied):
    """This person may not change models."""


def may_change(user_id: int) -> bool:
    """Whether a person may propose, sign, change and suspend models, asked of the database at this moment."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user is not None and user.has_perm(CHANGE)


def refuse_others(by: User) -> None:
    """Raise `NotAllowed` for whoever may not change models."""
    if not may_change(by.pk):
        raise NotAllowed


def state_of(row: Model) -> str:
    """The hash of all that a form shows: whether somebody changed it meanwhile."""
    return digest({name: plain(getattr(row, name)) for name in (*DECIDING, *FREE)} | {"status": str(row.status)})


def add(name: str, wanted: Mapping[str, Any], *, by: User, source: str = "") -> Model:
    """Propose a model. It is used by nobody until a second person has signed. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    found = _of_name(name) + problems(wanted)
    if found:
        raise CannotChange(found)
    row = Model(name=name, owner=by, edited_by=by, **{key: wanted[key] for key in (*DECIDING, *FREE) if key in wanted})
    row.title = row.title or name
    body = {"now": {key: plain(getattr(row, key)) for key in (*DECIDING, *FREE)}, "source": source}
    try:
        with transaction.atomic():
            begin(row, actor=person(by), body=body)
            transaction.on_commit(forget)
    except IntegrityError as error:
        raise CannotChange([("name", _("A model of this name is in the catalog already."))]) from error
    forget()
    return row


def change(pk: int, wanted: Mapping[str, Any], *, by: User, seen: str) -> Model:
    """Change what is said of a model, as it stood when `seen` was its `state_of`.

    A model that was signed is proposed again where something that decides is another now.
    Raises `CannotChange`, `NotAllowed`.
    """
    refuse_others(by)
    row = Model.objects.get(pk=pk)
    now = {name: wanted[name] for name in (*DECIDING, *FREE) if name in wanted and wanted[name] != getattr(row, name)}
    if row.is_built_in and (fixed := [name for name in FOLLOWING_CODE if name in now]):
        raise CannotChange([(fixed[0], _("A built-in model is what its code says, so this cannot be changed."))])
    asked = {**now, **{name: wanted.get(name, getattr(row, name)) for name in ADDRESS if ADDRESS & set(now)}}
    if found := problems(asked):  # looks addresses up, so it is done before anything is held
        raise CannotChange(found)
    return _change(pk, now, by, seen)


@transaction.atomic
def _change(pk: int, now: dict[str, Any], by: User, seen: str) -> Model:
    row = Model.objects.select_for_update(of=("self",)).get(pk=pk)
    if state_of(row) != seen:
        raise ChangedMeanwhile
    if not now:
        return row
    was = {name: plain(getattr(row, name)) for name in now}
    decides = any(name in DECIDING for name in now)
    body = {"was": was, "now": {name: plain(value) for name, value in now.items()}, "decides": decides}
    record("model.changed", row, actor=person(by), body=body)
    editor: dict[str, Any] = {"edited_by": by} if decides else {}
    Model.objects.filter(pk=row.pk).update(**now, **editor)
    row.refresh_from_db()
    if decides and row.status in (ModelStatus.APPROVED, ModelStatus.SUSPENDED):
        told = {"body": {"changed": sorted(name for name in now if name in DECIDING)}}
        move(row, ModelStatus.PROPOSED, actor=person(by), told=told, **UNSIGNED)
    forget()
    transaction.on_commit(forget)
    return row


def problems(wanted: Mapping[str, Any]) -> Problems:
    """Why this cannot be said of a model."""
    looks = (_of_title, _of_route, _of_endpoint, _of_secret, _of_words, _of_lists, _of_numbers, _of_dates)
    return [problem for look in looks for problem in look(wanted)]


def plain(value: Any) -> Any:
    """A value of a model's, as JSON."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    return [str(one) for one in value] if isinstance(value, list) else str(value) if isinstance(value, str) else value


def _of_name(name: str) -> Problems:
    if not NAME.fullmatch(name):
        return [("name", _("Letters, digits and . _ : / @ + - only, as in openai/gpt-4o. At most 120 of them."))]
    if name.startswith(BUILT_IN):
        return [("name", _("Names that begin with handrail/ belong to what is built in."))]
    return []


def _of_title(wanted: Mapping[str, Any]) -> Problems:
    title = str(wanted.get("title", ""))
    return [("title", _("At most 120 characters."))] if len(title) > 120 or not title.isprintable() else []


def _of_route(wanted: Mapping[str, Any]) -> Problems:
    route = str(wanted.get("route", ""))
    if route and not ROUTE.fullmatch(route):
        return [("route", _("Write it as litellm does: provider/model, openai/gpt-4o say."))]
    if route.startswith(BUILT_IN):
        return [("route", _("Built-in models are called by their own names."))]
    return []


def _of_endpoint(wanted: Mapping[str, Any]) -> Problems:
    endpoint, private = str(wanted.get("endpoint", "")), bool(wanted.get("private_endpoint"))
    if not endpoint:
        return [("private_endpoint", _("Name the address that may lie inside the house."))] if private else []
    told = endpoints.problem(endpoint, private=private)
    return [("endpoint", told)] if told else []


def _of_secret(wanted: Mapping[str, Any]) -> Problems:
    secret = str(wanted.get("secret", ""))
    if not secret:
        return []
    if not any(re.fullmatch(pattern, secret) for pattern in (REFERENCE, FILE, KEPT)):
        told = _("Say where the key is, never the key: env:OPENAI_API_KEY, file:/path, or kept:its-name.")
        return [("secret", told)]
    if credentials.refuses(secret.removeprefix("env:")):
        return [("secret", _("This variable belongs to Handrail itself, and is given to no model."))]
    return []


def _of_words(wanted: Mapping[str, Any]) -> Problems:
    found: Problems = []
    region = str(wanted.get("region", ""))
    if region and not REGION.fullmatch(region):
        found.append(("region", _("A short word in small letters: eu, us, own.")))
    if wanted.get("ceiling", DataClass.INTERNAL) not in DataClass.values:
        found.append(("ceiling", _("Choose one of the data classes.")))
    return found


def _of_lists(wanted: Mapping[str, Any]) -> Problems:
    found: Problems = []
    if set(wanted.get("capabilities", [])) - set(Capability.values):
        found.append(("capabilities", _("Choose among those that are offered.")))
    if set(wanted.get("tiers", [])) - set(RiskTier.values):
        found.append(("tiers", _("Choose among those that are offered.")))
    if not _all(LANGUAGE, wanted.get("languages", [])):
        found.append(("languages", _("Languages by their codes, with commas between: de, en, pt-BR.")))
    if not _all(TAG, wanted.get("tags", [])):
        found.append(("tags", _("Small letters, digits and hyphens, with commas between the tags.")))
    return found


def _all(pattern: re.Pattern[str], words: list[str]) -> bool:
    return len(words) <= MOST_OF_A_LIST and all(pattern.fullmatch(word) for word in words)


def _of_numbers(wanted: Mapping[str, Any]) -> Problems:
    found: Problems = []
    for name in WHOLE:
        value = wanted.get(name)
        if value is not None and not (type(value) is int and 0 <= value <= MOST):
            found.append((name, _("A whole number, not below 0.")))
    for name, most in AMOUNTS.items():
        amount = wanted.get(name)
        if amount is not None and not (isinstance(amount, Decimal) and amount.is_finite() and 0 <= amount < most):
            found.append((name, _("An amount in US dollars, not below 0.")))
    quality = wanted.get("quality", Decimal(0))
    if not (isinstance(quality, Decimal) and quality.is_finite() and 0 <= quality <= 1):
        found.append(("quality", _("A number from 0 to 1.")))
    return found


def _of_dates(wanted: Mapping[str, Any]) -> Problems:
    priced = wanted.get("priced_on")
    return [] if priced is None or isinstance(priced, date) else [("priced_on", _("Give a day."))]
