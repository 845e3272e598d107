"""What stands in the way of a page that would tell a blind second reviewer how the first one decided."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _


def blinded(request: HttpRequest, review: int | None) -> HttpResponse:
    """Lead to the answer that is to be given first; where it may yet be asked for, to the inbox."""
    messages.info(request, why_not(review))
    return redirect("review", review) if review else redirect("inbox")


def why_not(review: int | None) -> str:
    """Why somebody may not look at it."""
    if review:
        return _("You are asked for a blind second answer about this run. You may look at it once you have given it.")
    return _("Somebody has decided this, and you may be asked for a blind second answer. You can look at it shortly.")
