"""What stands in the way of a page that would tell a blind second reviewer how the first one decided."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _


def blinded(request: HttpRequest, review: int | None) -> HttpResponse:
    """Lead to the answer that is to be given first."""
    told = _("You are asked for a blind second answer about this run. You may look at it once you have given it.")
    messages.info(request, told)
    return redirect("review", review)
