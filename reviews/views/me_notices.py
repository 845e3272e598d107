"""How one is told: the page of choices, one's chat, what could not be sent, and what open pages ask for."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.models import User
from reviews.notices import browser, changing, chats
from reviews.notices.outcomes import Away, Refused
from reviews.reaching import Chat, Message, NoticeChoices
from reviews.views import page
from reviews.views.notice_form import NoticeForm
from reviews.views.page import SeeOther

UNPROCESSABLE, TOO_MANY = 422, 429
MOST_FAILED = 20
LONGEST_ID = 18


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """What they chose; on POST, what they choose now."""
    user = page.reader(request)
    if request.method != "POST":
        return _shown(request, user, NoticeForm(row=NoticeChoices.objects.filter(pk=user.pk).first()))
    sent = NoticeForm(request.POST)
    if not sent.is_valid():
        return _shown(request, user, sent, UNPROCESSABLE)
    changing.choose(user, sent.ways, **sent.times)
    messages.success(request, _("Kept. It holds for what waits already, too."))
    return SeeOther(reverse("me-notices"))


@never_cache
@sensitive_post_parameters("address")
@require_POST
def chat(request: HttpRequest) -> HttpResponse:
    """Where they are reached in a chat: an address of their own, a bot of the house, or nowhere."""
    user, post = page.reader(request), request.POST
    try:
        if "forget" in post:
            chats.forget(user)
        elif post.get("bot"):
            chats.keep_target(user, post["bot"][:60], post.get("target", "")[:100])
        else:
            chats.keep_address(user, post.get("address", "")[: chats.LONGEST + 1])
    except chats.CannotKeep as error:
        form = NoticeForm(row=NoticeChoices.objects.filter(pk=user.pk).first())
        return _shown(request, user, form, UNPROCESSABLE, chat_problem=str(error), target=post.get("target", "")[:100])
    changing.plan_anew(user)
    told = _("You are written to in no chat any more.") if "forget" in post else _("Kept, and never shown again.")
    messages.success(request, told)
    return SeeOther(reverse("me-notices") + "#chat")


@never_cache
@require_POST
def chat_test(request: HttpRequest) -> HttpResponse:
    """Write to their chat once, now, and say what came of it."""
    user, status = page.reader(request), UNPROCESSABLE
    try:
        chats.test(user)
    except chats.TooSoon:
        status = TOO_MANY
        told = _("A test was sent a moment ago. Wait %d seconds before the next one.") % chats.REST
    except Refused as error:
        told = _("Nothing was sent. %s") % error
    except Away as error:
        told = _("It was not taken. %s The address may be wrong, or the service away.") % error
    else:
        messages.success(request, _("Sent. Look whether it came."))
        return SeeOther(reverse("me-notices") + "#chat")
    form = NoticeForm(row=NoticeChoices.objects.filter(pk=user.pk).first())
    return _shown(request, user, form, status, chat_problem=told)


@never_cache
@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """What an open page shows that has shown everything up to `after`."""
    after = request.GET.get("after", "")
    number = int(after) if after.isascii() and after.isdecimal() and len(after) <= LONGEST_ID else 0
    return JsonResponse({"notices": browser.new(page.reader(request), number)})


def _shown(request: HttpRequest, user: User, form: NoticeForm, status: int = 200, **more: Any) -> HttpResponse:
    failed = Message.objects.filter(user=user, given_up_at__isnull=False).exclude(error="").order_by("-pk")
    context = {
        "form": form,
        "chat": Chat.objects.filter(pk=user.pk).first(),
        "services": chats.offered(),
        "bots": chats.bots(),
        "failed": failed[:MOST_FAILED],
        "tab": "me-notices",
        **more,
    }
    return render(request, "reviews/me_notices.html", context, status=status)
