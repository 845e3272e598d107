"""`python -m tests.e2e.screenshots [--readme]`: every page, in both themes, wide and narrow, into screenshots/.

It starts servers and processes of its own, loads the sample workspace, and lets a few hours of work go by in it.
"""

import argparse
import itertools
import os
import shutil
import struct
import sys
import time
import zlib
from dataclasses import fields
from pathlib import Path
from typing import Literal

from tests import environment  # the servers and the settings, before Django reads them

import django  # isort: skip

django.setup()

from django.contrib.auth.hashers import PBKDF2PasswordHasher  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.core.management import call_command  # noqa: E402
from playwright.sync_api import Page, ViewportSize  # noqa: E402

from audit import choices  # noqa: E402
from audit.actors import COMMAND  # noqa: E402
from audit.models import Event, User  # noqa: E402
from deploy.sample import arrivals, train, workspace  # noqa: E402
from orchestration.models import StepRun, Workflow  # noqa: E402
from orchestration.states import StepStatus  # noqa: E402
from reviews import decisions  # noqa: E402
from reviews.models import Decision, Review  # noqa: E402
from reviews.states import Verdict  # noqa: E402
from tests import clock  # noqa: E402
from tests.cast import Cast  # noqa: E402
from tests.e2e import browser as chromium  # noqa: E402
from tests.e2e.browser import NARROW, WIDE, Room  # noqa: E402
from tests.e2e.drawn import draw  # noqa: E402
from tests.e2e.pages import PAGES, Showing, Shown  # noqa: E402
from tests.house import standing  # noqa: E402
from tests.processes import ROOT, until  # noqa: E402

FOLDER = ROOT / "screenshots"
PICTURE = ROOT / "docs" / "inbox.png"
HOURS, ARRIVING, LEFT = 6, 5, 9
REASONS = ("The customer asked about another card.", "It promises a date that we cannot keep.")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    """Build, photograph, take down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "only", nargs="*", help="pages to be shown, by the names of their files; all when none is named"
    )
    parser.add_argument("--readme", action="store_true", help=f"write {PICTURE.relative_to(ROOT)} as well")
    asked = parser.parse_args()
    if not (path := chromium.found()):
        sys.exit("There is no chromium on this machine. Install one, or name it in CHROMIUM.")
    home = Path(os.environ["HANDRAIL_HOME"])
    try:
        load()
        with standing(home) as house, chromium.opened(path) as chrome:
            shown = work_for_some_hours()
            room = Room(chrome, house.address, passwords=workspace.passwords())
            photograph(room, shown, [page for page in PAGES if not asked.only or str(page) in asked.only])
            if asked.readme:
                picture(room, shown)
    finally:
        environment.standing.stop()
        shutil.rmtree(home, ignore_errors=True)


def load() -> None:
    """The sample workspace, with nothing in it yet."""
    PBKDF2PasswordHasher.iterations = 1000
    call_command("migrate", database="owner", verbosity=0)
    train.train()
    workspace.load()
    choices.write(arrivals.SWITCH, False, actor=COMMAND)


def work_for_some_hours() -> Shown:
    """Questions arrive and are decided, hour by hour up to now; some are left waiting."""
    people = itertools.cycle(User.objects.filter(groups__name="reviewer").order_by("-username"))
    numbers = itertools.count()
    clock.jump(-HOURS * 3600)
    for _ in range(HOURS):
        arrivals.let_in(ARRIVING, actor=COMMAND)
        let_go_by(0)
        for review in list(Review.objects.open().in_order()[: ARRIVING - 1]):
            number = next(numbers)
            let_go_by(130 + 47 * (number % 5))
            decide(review, next(people), number)
        let_go_by(3600 - (ARRIVING - 1) * 224)
    clock.back()
    arrivals.let_in(LEFT, actor=COMMAND)
    let_go_by(0)
    decision = Decision.objects.filter(edited=True, undone_at__isnull=True).latest("at")
    first = Review.objects.open_for(decision.by).in_order().select_related("workflow").first()
    assert first is not None
    cast = everybody()
    return Shown(first, decision.review, Event.objects.get(event_id=decision.receipt), draw(cast), cast)


def everybody() -> Cast:
    """The people of the sample, and its workflow."""
    known = {field.name for field in fields(Cast)} & set(workspace.PEOPLE)
    people = {user.username: user for user in User.objects.filter(username__in=known)}
    workflow = Workflow.objects.get(slug="answer-a-customer")
    groups = {group.name: group for group in Group.objects.all()}
    return Cast(**people, workflow=workflow, version=workflow.versions.latest("number"), groups=groups)


def let_go_by(seconds: float) -> None:
    """So much time, and then as long as the workers need for what is due."""
    clock.jump(seconds)
    until(_all_is_done_that_can_be, "the workers", seconds=120)


def _all_is_done_that_can_be() -> bool:
    running = StepRun.objects.filter(status=StepStatus.RUNNING)
    return not running.exists() and not StepRun.objects.claimable().exists()


def decide(review: Review, by: User, number: int) -> None:
    """As people do: most as written, some with an edit, a few not at all."""
    verdict = Verdict.REJECTED if number % 9 == 5 else Verdict.APPROVED
    edit = None
    if verdict == Verdict.APPROVED and number % 3 == 1:
        body = review.arguments["body"].replace("Thank you for", "Thank you very much for", 1)
        edit = {**review.arguments, "body": f"{body}\n\nDo write again if anything is still open."}
    decisions.decide(
        review.pk,
        by=by,
        verdict=verdict,
        version=review.version,
        shown_hash=review.content_hash,
        reason=REASONS[number % 2] if verdict == Verdict.REJECTED else "",
        arguments=edit,
    )


def photograph(room: Room, shown: Shown, pages: list[Showing]) -> None:
    """These pages in both themes at both widths; prints what it wrote."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    begun, written = time.monotonic(), 0
    for showing in pages:
        with showing.during(shown):
            page = room.enter(showing.by)
            for view, theme in itertools.product((WIDE, NARROW), THEMES):
                page.emulate_media(color_scheme=theme)
                page.set_viewport_size(view)
                open_page(page, showing, shown)
                stretch(page, view)
                file = FOLDER / f"{showing}-{theme}-{view['width']}.png"
                page.screenshot(path=file, animations="disabled")
                print(file.relative_to(ROOT))
                written += 1
            room.leave()
    print(f"{written} pictures in {time.monotonic() - begun:.0f} s.")


def stretch(page: Page, view: ViewportSize) -> None:
    """As wide as asked, and at least as high: as high as the page, so that what is fixed stands at its end."""
    page.set_viewport_size(view)
    height = int(page.evaluate("document.scrollingElement.scrollHeight"))
    page.set_viewport_size({"width": view["width"], "height": max(height, view["height"])})


def open_page(page: Page, showing: Showing, shown: Shown) -> None:
    """A page with its pictures and letters there."""
    page.goto(showing.at(shown))
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")


def picture(room: Room, shown: Shown) -> None:
    """The inbox with an item open, for the README."""
    showing = next(page for page in PAGES if str(page) == "inbox")
    page = room.enter(showing.by, color_scheme="light", viewport={"width": WIDE["width"], "height": 820})
    open_page(page, showing, shown)
    PICTURE.write_bytes(smaller(page.screenshot(animations="disabled")))
    print(f"{PICTURE.relative_to(ROOT)}, {PICTURE.stat().st_size // 1000} kB")


def smaller(png: bytes) -> bytes:
    """The same picture, packed as tightly as zlib can."""
    chunks, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        chunks.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += 12 + length
    pixels = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
    kept = [(name, data) for name, data in chunks if name in {b"IHDR", b"PLTE"}]
    kept += [(b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    packed = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in kept)
    return png[:8] + b"".join(packed)


if __name__ == "__main__":
    main()
