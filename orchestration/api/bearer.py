"""Who knocks: the token in the header Authorization. Cookies open nothing here."""

from typing import Any

from django.http import Http404, HttpRequest
from ninja.security import HttpBearer

from orchestration.api.problems import Problem
from orchestration.models import ApiToken, Workflow
from orchestration.triggers import tokens


class Bearer(HttpBearer):
    """A token made on the page of tokens. It may what its owner may, at this moment, within its scopes."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """The token, if it opens anything now."""
        return tokens.known(token.strip())


def token_of(request: HttpRequest) -> ApiToken:
    """The token of a request that was let in."""
    token: Any = request.auth  # type: ignore[attr-defined]
    assert isinstance(token, ApiToken)
    return token


def need(token: ApiToken, scope: str) -> None:
    """Refuse a token without that scope."""
    if scope not in token.scopes:
        raise Problem(403, "no-scope", f"The token does not have the scope {scope}.")


def workflow_for(token: ApiToken, slug: str, scope: str) -> Workflow:
    """A workflow with which the token may do that; one that it may not see is not there."""
    need(token, scope)
    workflow = Workflow.objects.select_related("current").filter(slug=slug).first()
    if workflow is None or not tokens.may(token, scope, workflow):
        raise Http404
    return workflow
