"""What was told is kept for a while to be looked at, then forgotten: the record keeps what happened, this does not."""

from datetime import timedelta

from audit.clock_time import now
from audit.ticks import tick
from reviews.notices import links
from reviews.reaching import HookDelivery, Message, Notice

KEPT = timedelta(days=90)
DELIVERIES_KEPT = timedelta(days=30)
BATCH = 1000


@tick("forget-notices", every=600)
def forget() -> int:
    """Forget some of what is old. Returns how many notices."""
    moment = now()
    links.forget(moment - KEPT, BATCH)
    for rows in (
        Message.objects.filter(made_at__lt=moment - KEPT),
        HookDelivery.objects.filter(made_at__lt=moment - DELIVERIES_KEPT).exclude(done_at=None, given_up_at=None),
    ):
        rows.model._base_manager.filter(pk__in=list(rows.values_list("pk", flat=True)[:BATCH])).delete()
    old = Notice.objects.filter(told_at__lt=moment - KEPT)
    return Notice.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()[0]
