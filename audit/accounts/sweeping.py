"""What the clock clears away: sessions that are over, codes that were used long ago."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from audit.clock_time import now
from audit.models import Cached
from audit.ticks import tick

MANY = 10_000


@tick("accounts", every=3600)
def sweep() -> int:
    """Whatever is over. Returns how many rows went."""
    gone = 0
    over = Session.objects.filter(expire_date__lt=now()).values_list("pk", flat=True)[:MANY]
    gone += Session.objects.filter(pk__in=list(over)).delete()[0]
    left = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key"))
    gone += UserSession.objects.filter(pk__in=list(left.values_list("pk", flat=True)[:MANY])).delete()[0]
    used = Cached.objects.filter(expires__lt=now()).values_list("pk", flat=True)[:MANY]
    return int(gone + Cached.objects.filter(pk__in=list(used)).delete()[0])
