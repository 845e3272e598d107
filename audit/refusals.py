"""What a refused request is told."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without its token: say what to do, keep nothing."""
    told = _("This form was open too long or came from another site. Go back, reload the page and send it again.")
    return render(request, "403.html", {"told": told}, status=403)
