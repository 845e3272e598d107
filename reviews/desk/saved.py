"""Lists that people keep under a name, for themselves or for a group of theirs."""

from dataclasses import dataclass
from urllib.parse import parse_qs

from django.contrib.auth.models import Group
from django.db.models import Q
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from audit.models import User
from reviews.desk import tabs
from reviews.desk.filters import Filters
from reviews.models import View

MOST = 30  # lists of one person
LONGEST_QUERY = 500  # characters
MOST_FIELDS = 50  # of an address
LONGEST = 60  # characters of a name
SHOWN = ("name", "query", "shared_with_id", *(f"owner__{name}" for name in ("username", "first_name", "last_name")))


class CannotKeep(ValueError):
    """The list was not kept: a sentence says why."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept list, as its reader sees it."""

    view: View
    own: bool
    here: bool  # whether it is the list that is shown


def of(user: User, shown: str) -> list[Kept]:
    """One's own lists and those that were shared with a group of one's own: one query."""
    known = View.objects.filter(Q(owner=user) | Q(shared_with__in=list(user.group_names)))
    found = known.select_related("owner").only(*SHOWN).order_by("name", "id")[: 2 * MOST]
    return [Kept(view, view.owner_id == user.pk, view.query == shown) for view in found]


def canonical(query: str) -> str:
    """What an address says of a list, in one way of writing it, without the page of it."""
    try:
        said = parse_qs(query.removeprefix("?"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return ""
    given = {name: values[-1] for name, values in said.items()}
    filters, tab = Filters.read(given), given.get("list", "")
    kept = {"list": tab} if tab in (*tabs.TABS[1:], tabs.EVERY) else {}
    return urlencode({**kept, **filters.place})


def keep(user: User, name: str, query: str, group: str = "") -> View:
    """Keep a list under a name; the same name again is the same list, newly said."""
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise CannotKeep(_("Give the list a name."))
    if len(name) > LONGEST:
        raise CannotKeep(_("A name may have %(most)d characters.") % {"most": LONGEST})
    said = canonical(query)
    if not said:
        raise CannotKeep(_("This is the whole inbox. Filter it first, and keep what is left."))
    if len(said) > LONGEST_QUERY:
        raise CannotKeep(_("That is too much to keep."))
    shared = _shared(user, group)
    if not View.objects.filter(owner=user, name=name).exists() and View.objects.filter(owner=user).count() >= MOST:
        raise CannotKeep(_("You keep %(most)d lists already. Put one away first.") % {"most": MOST})
    return View.objects.update_or_create(owner=user, name=name, defaults={"query": said, "shared_with": shared})[0]


def _shared(user: User, group: str) -> Group | None:
    if not group:
        return None
    found = next((pk for pk in user.group_names if str(pk) == group), None)
    if found is None:
        raise CannotKeep(_("A list can be shared with a group of your own alone."))
    return Group.objects.get(pk=found)
