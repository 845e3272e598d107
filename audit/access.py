"""Who may open a page of the ledger. Whoever may not is told the same as when there is no such page."""

from django.http import Http404, HttpRequest

from audit.models import User


def need(request: HttpRequest, permission: str) -> User:
    """The signed-in person, if they hold `permission` of this app; else there is nothing here."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(f"audit.{permission}"):
        raise Http404
    return user
