"""Buttons on the page of what two people sign: what they say is done, or refused with what was written kept."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from audit.canonical import clean
from audit.models import User
from audit.moves import IllegalMove, LostRace
from orchestration.catalog import CannotChange
from orchestration.models import Agent, Connection, Model, Tool
from orchestration.views.control import CONFLICT, LONGEST, SeeOther

type Shown = Callable[..., HttpResponse]  # the row's page, with a status of HTTP and what it shows beside the row


def press[Row: (Agent, Connection, Model, Tool)](
    request: HttpRequest,
    row: Row,
    user: User,
    act: Callable[[Row, User, str], object],
    shown: Shown,
    *,
    done: str,
    back: str,
) -> HttpResponse:
    """Do what a button says, for the reason that was written. `done` says that it was, `back` is where that is seen."""
    why = str(clean(request.POST.get("why", "").strip()[:LONGEST])[0])
    try:
        act(row, user, why)
    except CannotChange as error:
        return shown(CONFLICT, refused=str(error), written=why)
    except (IllegalMove, LostRace):
        row.refresh_from_db(fields=["status"])
        told: dict[str, Any] = {"name": row.name, "status": row.get_status_display()}
        late = _("%(name)s is %(status)s now, so this cannot be done. Nothing was changed by you.") % told
        return shown(CONFLICT, refused=late, written=why)
    messages.success(request, done)
    return SeeOther(back)
