"""The page of dry runs: the path that a text would take with an input, and the test cases of the text."""

import json
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit.canonical import clean
from audit.models import User
from orchestration import drafts, dry, tools
from orchestration.documents import BadDocument, Problem
from orchestration.documents.outline import walk
from orchestration.documents.writing import CannotWrite
from orchestration.drafts import CannotEdit
from orchestration.dry import CannotTry, Course, cases
from orchestration.editing import trying
from orchestration.models import Version, Workflow
from orchestration.starts import BadInput
from orchestration.views.control import UNPROCESSABLE, SeeOther
from orchestration.views.dry_form import DRAFT, DryForm

EMPTY: dict[str, Any] = {"number": 0, "integer": 0, "boolean": False, "array": [], "object": {}}
SECONDS = 30.0  # that all test cases have together, while somebody waits for the page
AWAY = 503


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """The form on GET, the path on POST; or the test cases are run, where that was asked."""
    user = cast(User, request.user)
    seen = Workflow.objects.allowed(user, "view").select_related("current")
    workflow = get_object_or_404(seen, slug=slug)
    if not user.has_perm("manage_workflow", workflow):
        raise PermissionDenied
    page = Page(request, workflow, user)
    if request.method != "POST":
        return page.asked()
    return page.run_cases() if "cases" in request.POST else page.tried()


class Page:
    """One look at the page: the text that was chosen, its test cases, and perhaps a course."""

    def __init__(self, request: HttpRequest, workflow: Workflow, user: User) -> None:
        self.request = request
        self.workflow = workflow
        self.user = user
        sent = request.POST if request.method == "POST" else request.GET
        self.wanted = sent.get("text", "")[:20]
        self.case_number = sent.get("case", "")[:4]
        self.rejected = sorted(_turned(request.POST.getlist("rejected"), request.POST.get("turn", "")))
        chosen = DryForm(workflow, user, wanted=self.wanted).chosen
        self.problems: list[Problem] = []
        self.document = self._read(chosen)

    def _read(self, version: Version | None) -> dict[str, Any]:
        if version is None:
            return {}
        try:
            return dry.definition(version.source)
        except BadDocument as error:
            self.problems = error.problems
            return {}

    @property
    def case(self) -> dict[str, Any] | None:
        """The test case that was chosen."""
        tests = self.document.get("tests", [])
        number = int(self.case_number) if self.case_number.isdecimal() else len(tests)
        return dict(tests[number]) if number < len(tests) else None

    def asked(self) -> HttpResponse:
        """The form, with the input of the test case or the past run that the address names."""
        shown = self._form(
            begin=self.case["input"] if self.case else None, initial={"run": self.request.GET.get("run", "")[:20]}
        )
        known = cases.results(self.document, [self.case])[0].result if self.case else None
        return self._shown(shown, Course.from_json(known.course) if known else None)

    def run_cases(self) -> HttpResponse:
        """Run the test cases of the text, and show the page again."""
        told = cases.run_all(self.document, by=self.user, seconds=SECONDS) if self.document else []
        passed, unrun = sum(1 for one in told if one.result and one.result.passed), [one for one in told if one.why]
        said = ngettext("%(passed)d of %(all)d test case passes.", "%(passed)d of %(all)d test cases pass.", len(told))
        tell = messages.success if told and passed == len(told) else messages.warning
        tell(self.request, said % {"passed": passed, "all": len(told)})
        for one in unrun[:3]:
            about = {"name": one.case["name"], "why": one.why}
            messages.warning(self.request, _("“%(name)s” was not run: %(why)s") % about)
        address = reverse("dry", args=[self.workflow.slug])
        return SeeOther(f"{address}?{urlencode({'text': self.wanted})}#cases" if self.wanted else f"{address}#cases")

    def tried(self) -> HttpResponse:
        """The path that the text would take; or the form again with what is wrong, everything kept."""
        sent = self._form(self.request.POST)
        if not sent.is_valid() or self.problems:
            return self._shown(sent, status=UNPROCESSABLE)
        version = sent.version
        script = sent.script(self.case, self.rejected)
        try:
            course = dry.run(
                version.source,
                sent.input,
                starter=self.user,
                script=script,
                files_of=sent.past,
                number=version.number or 0,
            )
        except BadInput as error:
            sent.problems = error.problems
            return self._shown(sent, status=UNPROCESSABLE)
        except BadDocument as error:
            self.problems = error.problems
            return self._shown(sent, status=UNPROCESSABLE)
        except CannotTry as error:
            sent.problems = [("", str(error))]
            return self._shown(sent, status=AWAY)
        if "keep" in self.request.POST:
            return self._keep(sent, course)
        return self._shown(sent, course, tried=sent.input)

    def _form(self, data: Any = None, **more: Any) -> DryForm:
        return DryForm(self.workflow, self.user, data, wanted=self.wanted, document=self.document, **more)

    def _unsaid(self, course: Course, shown: DryForm) -> list[tuple[str, str, str]]:
        """The steps at which nobody knows the answer: key, name, and an answer to begin with."""
        specs = {one.key: one.spec for one in walk(self.document)} if self.document else {}
        return [
            (stop.step, stop.name, json.dumps(_example(specs.get(stop.step, {})), ensure_ascii=False, indent=2))
            for stop in course.stops
            if stop.step and stop.step not in shown.answers.texts
        ]

    def _keep(self, sent: DryForm, course: Course) -> HttpResponse:
        """Keep what was tried as a test case of the draft, which is begun where there is none."""
        name = str(clean(self.request.POST.get("name", ""))[0]).strip()[: trying.LONGEST_NAME]
        try:
            case = trying.case_of(course, sent.input, name=name, rejected=self.rejected)
            draft = drafts.draft_of(self.workflow, by=self.user)
            saved = drafts.edit(draft, trying.add(draft.source, case), by=self.user)
        except (trying.CannotKeep, CannotEdit, CannotWrite, BadDocument) as error:
            sent.problems = [("", str(error))]
            return self._shown(sent, course, status=UNPROCESSABLE, tried=sent.input)
        if saved is None:
            sent.problems = [("", _("Somebody saved the draft just now. Keep it once more."))]
            return self._shown(sent, course, status=UNPROCESSABLE, tried=sent.input)
        cases.run_all(saved, by=self.user, afresh=False, seconds=SECONDS)
        messages.success(self.request, _("It is a test case of the draft now, and is run before it is published."))
        return SeeOther(f"{reverse('dry', args=[self.workflow.slug])}?text={DRAFT}#cases")

    def _shown(
        self, shown: DryForm, course: Course | None = None, *, status: int = 200, tried: Any = None
    ) -> HttpResponse:
        context: dict[str, Any] = {
            "workflow": self.workflow,
            "form": shown,
            "problems": self.problems,
            "course": course,
            "tried": tried,
            "case": self.case,
            "case_number": self.case_number,
            "rejected": self.rejected,
            "cases": cases.results(self.document, self.document.get("tests", [])),
            "text": self.wanted,
            "unsaid": self._unsaid(course, shown) if course else [],
            "draft": DRAFT in shown.versions,
        }
        return render(self.request, "orchestration/dry.html", context, status=status)


def _example(spec: dict[str, Any]) -> dict[str, Any]:
    """What a step might answer: as its tool says, else something for each field of its contract."""
    tool = tools.TOOLS.get(str(spec.get("tool", "")))
    if tool is not None and tool.example:
        return dict(tool.example)
    fields = spec.get("output", {}).get("properties", {})
    return {name: EMPTY.get(str(one.get("type")), "") for name, one in fields.items() if isinstance(one, dict)}


def _turned(rejected: list[str], turn: str) -> set[str]:
    """The steps at which it is rejected; the one that was turned is the other way round."""
    return set(rejected) ^ ({turn} if turn else set())
