"""The draft of the rules: changed rule by rule in forms, tried on its test cases, put to a second person."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.models import User
from orchestration.models import RuleSet
from orchestration.policies import cases, drafts, ready_made
from orchestration.policies.activating import may_change
from orchestration.policies.drafts import CannotEdit, Clash, Wrong, mark
from orchestration.policies.matching import safe_default
from orchestration.policies.sentences import sentence
from orchestration.policies.shape import of_rule, problems
from orchestration.states import Point
from orchestration.views.control import CONFLICT, UNPROCESSABLE, SeeOther
from orchestration.views.rule_case_form import CaseForm
from orchestration.views.rule_form import RuleForm
from orchestration.views.rules import lines, looking, proposed, said

type Spec = dict[str, Any]


class CaseLine(NamedTuple):
    """A test case as a row, with what it came to now."""

    number: int
    case: Spec
    mark: str
    point: str
    expect: Any
    came: Any
    told: str
    off: bool


def changing(request: HttpRequest) -> User:
    """Somebody who may change rules: 404 for those who may not even look, 403 for those who may only look."""
    user = looking(request)
    if not may_change(user):
        raise PermissionDenied
    return user


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The draft: its rules, and its test cases with what they come to."""
    user = looking(request)
    draft = drafts.current()
    if draft is None:
        messages.info(request, _("There is no draft of the rules now."))
        return SeeOther(reverse("rules"))
    return _shown(request, draft, user)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a draft, or open the one that is there."""
    drafts.start(by=changing(request))
    return SeeOther(reverse("rules-draft"))


@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    """Put the draft away."""
    user = changing(request)
    try:
        drafts.discard(by=user)
        messages.success(request, _("The draft is put away. That it was stands in the record."))
    except CannotEdit as error:
        messages.error(request, str(error))
    return SeeOther(reverse("rules"))


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """One change that needs no form: on, off, a copy, out, a ready-made rule, a test case out."""
    user = changing(request)
    verb, _colon, what = request.POST.get("do", "")[:200].partition(":")
    verbs: Mapping[str, Callable[[], str]] = {
        "on": lambda: _("%s is on in the draft.") % drafts.switch(what, True, by=user)["title"],
        "off": lambda: _("%s is off in the draft.") % drafts.switch(what, False, by=user)["title"],
        "copy": lambda: _("%s is there, and off.") % drafts.copy(what, by=user)["title"],
        "remove": lambda: _removed(drafts.remove(what, by=user)),
        "ready": lambda: _("%s is there, and off.") % drafts.add_ready_made(what, by=user)["title"],
        "case": lambda: _("The test case %s is removed.") % drafts.remove_case(what, by=user),
    }
    if verb not in verbs:
        return _refused(request, user, _("That is nothing that can be done to a rule. Nothing was changed."))
    try:
        messages.success(request, verbs[verb]())
    except Wrong as error:
        return _refused(request, user, _("It cannot be turned on: %s") % error)
    except CannotEdit as error:
        return _refused(request, user, str(error), CONFLICT)
    return SeeOther(reverse("rules-draft"))


def _removed(cases_too: int) -> str:
    if not cases_too:
        return _("The rule is removed.")
    told = ngettext("The rule is removed, with %d test case.", "The rule is removed, with %d test cases.", cases_too)
    return told % cases_too


def _refused(request: HttpRequest, user: User, told: str, status: int = UNPROCESSABLE) -> HttpResponse:
    draft = drafts.current()
    if draft is None:
        messages.error(request, told)
        return SeeOther(reverse("rules"))
    return _shown(request, draft, user, status, refused=told)


def _shown(request: HttpRequest, draft: RuleSet, user: User, status: int = 200, **more: Any) -> HttpResponse:
    wrong = [problem for problem in problems(draft.rules, draft.checks) if problem.path[:1] != ("rules",)]
    taken = {rule.get("key") for rule in draft.rules}
    made = case_lines(draft)
    context = {
        "draft": draft,
        "lines": lines(draft.rules),
        "wrong": [problem.told for problem in wrong],
        "cases": [one for one in made if not one.off],
        "set_aside": [one for one in made if one.off],
        "failing": sum(bool(one.told) for one in made),
        "ready_made": [one.rule for one in ready_made.every() if one.rule["key"] not in taken],
        "safe_default": safe_default(),
        "proposed": proposed(),
        "may_change": may_change(user),
        **more,
    }
    return render(request, "orchestration/rules_draft.html", context, status=status)


def case_lines(draft: RuleSet) -> list[CaseLine]:
    """The test cases with what they come to now; those that are broken come to nothing."""
    wrong = [found for found in problems(draft.rules, draft.checks) if found.path[:1] == ("checks",)]
    broken = {problem.path[1]: problem.told for problem in wrong if problem.path[1:]}
    rules = [rule for rule in draft.rules if isinstance(rule, dict)]
    found = []
    for number, case in enumerate(draft.checks):
        if number in broken or not isinstance(case, dict):
            name = str(case.get("name", "")) if isinstance(case, dict) else ""
            told = broken.get(number, "")
            found.append(CaseLine(number, {"name": name}, mark(case), "", None, None, told, False))
    results = cases.run(rules, (case for number, case in enumerate(draft.checks) if number not in broken))
    places = iter(number for number in range(len(draft.checks)) if number not in broken)
    for number, one in zip(places, results, strict=True):
        expect, came = said(one.case["expect"]), said(one.verdict.effect)
        point = str(Point(one.case["point"]).label)
        found.append(CaseLine(number, dict(one.case), mark(one.case), point, expect, came, one.told, one.off))
    return sorted(found)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, key: str = "") -> HttpResponse:
    """A rule of the draft, or a new one: its fields, its sentence, and the test cases about it."""
    user = changing(request)
    draft = drafts.current()
    if draft is None:
        return gone(request, RuleForm(request.POST) if request.method == "POST" else None)
    there = drafts.rule_of(draft, key) if key else None
    if request.method != "POST":
        if key and there is None:
            raise Http404
        return _form(request, draft, key, RuleForm(rule=there), mark(there))
    sent, was = RuleForm(request.POST, rule=there), request.POST.get("was", "")[:64]
    if not sent.is_valid():
        return _form(request, draft, key, sent, was, UNPROCESSABLE)
    if "look" in request.POST:
        return _form(request, draft, key, sent, was, told=_looked_at(sent))
    try:
        saved = drafts.save_rule(sent.rule, was=was, key=key, by=user)
    except Wrong as error:
        sent.tell(error.problems)
        return _form(request, draft, key, sent, was, UNPROCESSABLE)
    except Clash as error:
        theirs = drafts.current() or draft
        there = drafts.rule_of(theirs, key)
        more = {"refused": str(error), "theirs": there}
        return _form(request, theirs, key if there else "", sent, mark(there), CONFLICT, **more)
    except CannotEdit as error:
        return _form(request, draft, key, sent, was, CONFLICT, refused=str(error))
    messages.success(request, _("%s is saved in the draft.") % saved["title"])
    return SeeOther(reverse("rules-draft"))


def _looked_at(sent: RuleForm) -> str:
    """The sentence that the fields make, or what is wrong with them beside each."""
    made = {**sent.rule, "key": "written"}
    if found := of_rule(made):
        sent.tell(found)
        return ""
    return sentence(made)


def _form(
    request: HttpRequest, draft: RuleSet, key: str, form: RuleForm, was: str, status: int = 200, **more: Any
) -> HttpResponse:
    there, theirs = drafts.rule_of(draft, key) if key else None, more.get("theirs")
    context = {
        "draft": draft,
        "key": key,
        "form": form,
        "was": was,
        "told": sentence(there) if there and not form.is_bound and not of_rule(there) else "",
        "about": [one for one in case_lines(draft) if key and one.case.get("rule") == key],
        **more,
        "theirs": sentence(theirs) if theirs and not of_rule(theirs) else "",
    }
    return render(request, "orchestration/rule_form.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """A test case of the draft, or a new one."""
    user = changing(request)
    draft = drafts.current()
    if draft is None:
        return gone(request, None)
    there = draft.checks[number] if number is not None and number < len(draft.checks) else None
    if request.method != "POST":
        if number is not None and not isinstance(there, dict):
            raise Http404
        begun = there or {"name": "", "facts": {}, "rule": request.GET.get("rule", "")[:60]}
        return _case_form(request, draft, number, CaseForm(draft.rules, case=begun), mark(there))
    sent, was = CaseForm(draft.rules, request.POST), request.POST.get("was", "")[:64]
    if not sent.is_valid():
        return _case_form(request, draft, number, sent, was, UNPROCESSABLE)
    if number is not None and not was:
        told = _("The form does not say which test case it was made of. Open it again. Nothing was saved.")
        return _case_form(request, draft, number, sent, was, UNPROCESSABLE, refused=told)
    try:
        saved = drafts.save_case(sent.case, was=was if number is not None else "", by=user)
    except Wrong as error:
        sent.tell(error.problems)
        return _case_form(request, draft, number, sent, was, UNPROCESSABLE)
    except CannotEdit as error:
        return _case_form(request, draft, None, sent, "", CONFLICT, refused=str(error))
    messages.success(request, _("The test case %s is saved in the draft.") % saved["name"])
    return SeeOther(reverse("rules-draft") + "#cases")


def _case_form(
    request: HttpRequest, draft: RuleSet, number: int | None, form: CaseForm, was: str, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"draft": draft, "number": number, "form": form, "was": was, **more}
    return render(request, "orchestration/rule_case.html", context, status=status)


def gone(request: HttpRequest, sent: RuleForm | None) -> HttpResponse:
    """The draft was put away or signed meanwhile: what was written for it is shown, so that it can be taken over."""
    told = _("There is no draft any more: it was put away, or signed. Begin a new one.")
    if sent is None:
        messages.info(request, told)
        return SeeOther(reverse("rules"))
    written = sent.rule if sent.is_valid() else {}
    context = {"told": told, "back": reverse("rules"), "written": written}
    return render(request, "orchestration/rules_gone.html", context, status=CONFLICT)
