"""What allauth does in Handrail's way: passwords through the ledger, mail through the outbox, nobody signs up."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.contrib import messages
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import people
from audit.accounts import places, posting
from audit.actors import person
from audit.models import User


class Account(DefaultAccountAdapter):  # type: ignore[misc]
    """Signing in, passwords and mail."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": gettext_lazy("The user name or the password is not right."),
        "too_many_login_attempts": gettext_lazy("Too many wrong tries. Wait a little, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by invitation alone."""
        return False

    def set_password(self, user: User, password: str) -> None:
        """Another password, written to the ledger; every other session of this person ends."""
        request = context.request
        own = request.user.is_authenticated and request.user.pk == user.pk
        actor = person(user, auth="session" if own else "mail")
        people.give_password(user, password, actor=actor, but=request.session.session_key if own else "")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Told to those alone who know the password."""
        messages.error(request, _("This account is switched off. Ask an admin."))
        return redirect("login")

    def get_client_ip(self, request: HttpRequest) -> str:
        """As the record has it."""
        return places.address(request)

    def is_safe_url(self, url: str) -> bool:
        """Back to a page of this host, and to no other."""
        request = context.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where it was asked for."""
        return reverse("me-security")

    def send_mail(self, template_prefix: str, email: str, given: dict[str, Any]) -> None:
        """Through our own post, which no request waits for."""
        request = context.request
        said = {"request": request, "email": email, "current_site": get_current_site(request), **given}
        said["workspace"] = settings.HANDRAIL_WORKSPACE
        posting.hand_over(lambda: self.render_mail(template_prefix, email, said))

    def send_notification_mail(
        self, template_prefix: str, user: User, given: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """To the address that the person has here; allauth keeps a list of its own, which nobody needs."""
        if address := email or user.email:
            super().send_notification_mail(template_prefix, user, given, address)
