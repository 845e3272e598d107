"""Who comes to the pages of models, tools, connections and agents, and who changes what stands there."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from audit.models import User
from orchestration.catalog.changing import CHANGE
from orchestration.sights import may_see_models


def seeing(request: HttpRequest) -> User:
    """The person, if they may look at the catalog; else there is nothing here."""
    user = cast(User, request.user)
    if not may_see_models(user):
        raise Http404
    return user


def changing(request: HttpRequest) -> User:
    """The person, if they may change the catalog; 404 for those who do not even see it."""
    user = seeing(request)
    if not user.has_perm(CHANGE):
        raise PermissionDenied
    return user
