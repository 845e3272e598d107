"""Who may open a page of audit. Whoever may not is told the same as when there is no such page."""

from django.contrib.auth import SESSION_KEY
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from audit.models import User


def need(request: HttpRequest, permission: str) -> User:
    """The signed-in person, if they hold `permission` of this app; else there is nothing here."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(f"audit.{permission}"):
        raise Http404
    return user


def in_person(request: HttpRequest) -> User:
    """The person whose own session this is. A token or a program never signs, whatever it may do elsewhere."""
    user = request.user
    if not isinstance(user, User) or request.session.get(SESSION_KEY) != str(user.pk):
        raise PermissionDenied
    return user
