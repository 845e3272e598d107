"""From an installation without the sample to a workflow that runs: drawn up, tried, published, triggered, decided.

By keyboard alone, with everything that `manage.py up` starts; nothing is known but the address and a login.
"""

import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.deploy.conftest import GIVEN_TO_TESTS, ROOT, Installation, a_free_port
from tests.e2e.browser import Chrome, Room
from tests.e2e.keys import Keys
from tests.house import letters_in
from tests.processes import until

NAME, SLUG = "Confirm an order", "confirm-an-order"
REVIEWER = "rita"
ROWS = "item,customer,amount\nA lamp,lea@customer.example,80\nA sofa,omar@customer.example,1900\n"


@dataclass
class Fresh:
    """A running installation without the sample, and who can sign in."""

    address: str
    home: Path
    passwords: dict[str, str]

    def manage(self, *command: str) -> str:
        """What `manage.py` says in a shell beside it."""
        made = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={**_plain(), "HANDRAIL_HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=True,
        )
        return made.stdout


def _plain() -> dict[str, str]:
    ours = GIVEN_TO_TESTS | {"HANDRAIL_SECRET_KEY", "HANDRAIL_TOOLS", "HANDRAIL_HOME"}
    return {name: value for name, value in os.environ.items() if name not in ours}


@pytest.fixture(scope="module")
def fresh() -> Iterator[Fresh]:
    """`manage.py up` without the sample, in a folder of its own; a second person is made by a command."""
    with tempfile.TemporaryDirectory(prefix="handrail-", ignore_cleanup_errors=True) as folder:
        home, port = Path(folder) / "home", a_free_port()
        Path(folder).chmod(0o711)
        command = ["env", *(f"-u{name}" for name in ("HANDRAIL_SECRET_KEY", "HANDRAIL_TOOLS"))]
        command += [f"HANDRAIL_HOME={home}", "HANDRAIL_SAMPLE=no", f"PORT={port}", sys.executable, "manage.py", "up"]
        running = Installation(home, port, command)
        try:
            until(lambda: "is ready" in running.said() or running.process.poll() is not None, "the start", seconds=120)
            running.ready()
            passwords = dict(line.split("\t")[1:] for line in (home / "logins.txt").read_text().splitlines())
            made = Fresh(f"http://127.0.0.1:{port}", home, passwords)
            told = made.manage("person", REVIEWER, "--name", "Rita Bauer", "--group", "reviewer")
            made.passwords[REVIEWER] = told.split()[-1]
            yield made
        finally:
            running.end()


def sign_in(keys: Keys, fresh: Fresh, login: str) -> None:
    keys.page.goto(fresh.address)
    keys.type(login)
    keys.press("Tab")
    keys.type(fresh.passwords[login])
    keys.lead(f"^{fresh.address}/$", "Enter")


def saved(page: Page) -> None:
    """The editor has nothing left to send."""
    expect(page.locator("#ed-say")).to_have_text("")


def begin(keys: Keys) -> None:
    keys.tab_to("a[href='/workflows/new/']")
    keys.lead("/workflows/new/$", "Enter")
    expect(keys.page.locator("#id_name")).to_be_focused()
    keys.type(NAME)
    keys.press("Tab")
    keys.type("Small orders are confirmed by e-mail and large ones turned down, once somebody has read it.")
    keys.tab_to("button.primary")
    keys.lead(f"/workflows/{SLUG}/draft/", "Enter")


def say_what_a_run_starts_with(keys: Keys) -> None:
    """The focus stands in the first field already."""
    for name, label, kind in (
        ("item", "What is ordered", "Text"),
        ("customer", "Customer's e-mail address", "E-mail"),
        ("amount", "Amount in euro", "Number"),
    ):
        expect(keys.page.locator(":focus")).to_have_attribute("name", "input.name")
        keys.type(name)
        keys.next("[name='input.title']")
        keys.type(label)
        keys.next("[name='input.type']")
        keys.choose(kind)
        keys.press("Tab", "Tab")
    keys.tab_to("#f-title")
    keys.over("input.item")
    saved(keys.page)


def add(keys: Keys, kind: str, name: str) -> None:
    """In the form that adds a step, where its kind has the focus."""
    expect(keys.page.locator("#kind")).to_be_focused()
    keys.choose(kind)
    keys.press("Tab", "Tab", "Enter")
    expect(keys.page.locator("#f-name")).to_be_focused()
    keys.type(name)  # what stands there is marked


def branch(keys: Keys) -> None:
    keys.press("Escape", "a")
    add(keys, "Decision", "Small or large")
    keys.tab_to("[name='branches.name']")
    keys.over("Small")
    keys.next("[name='branches.if']")
    keys.type("input.am")
    expect(keys.page.locator("#offers")).to_contain_text("input.amount")
    keys.press("ArrowDown", "Enter")
    keys.type(" < 500")
    keys.tab_to("[name='branches.name'][value='Otherwise']")
    keys.over("Large")
    saved(keys.page)


def confirm(keys: Keys) -> None:
    keys.tab_to("[data-where='in:decide:0']", back=True)
    keys.press("Enter")
    add(keys, "Tool", "Confirm")
    keys.tab_to("#f-owner")
    keys.choose("Rita Bauer")
    keys.tab_to("#f-tool")
    keys.choose("Send an e-mail")
    expect(keys.page.locator("[name='input.name'][value='to']")).to_be_visible()
    for text in ("input.customer", "'Your order: ' + input.item", "'Thank you. We have your order.'"):
        keys.tab_to("[name='input.value']", most=2)
        keys.type(text)
        keys.press("Escape") if keys.page.locator("#offers").count() else None
    keys.tab_to("[name='review.mode']")
    keys.choose("A person decides before")
    keys.tab_to("[name='review.group']")
    keys.choose("Reviewers")
    keys.tab_to("#f-review-title")
    keys.over("input.item")
    saved(keys.page)


def turn_down(keys: Keys) -> None:
    """A copy of that step, moved into the other branch."""
    keys.press("Escape", "c")
    expect(keys.page.locator("#f-name")).to_have_value("Confirm, copy")
    expect(keys.page.locator("#f-name")).to_be_focused()
    keys.type("Turn down")
    keys.tab_to("[name='input.name'][value='body']")
    keys.press("Tab")
    keys.over("'We are sorry: this order is too large for us.'")
    keys.tab_to("#to")
    keys.choose("In “Large”")
    keys.press("Tab", "Enter")
    expect(keys.page.locator("#ed-steps")).to_contain_text("Turn down")
    saved(keys.page)


def say_what_came_of_it(keys: Keys) -> None:
    keys.press("Escape")
    keys.lead("step=outcome", "j")
    keys.press("f")
    expect(keys.page.locator("#f-name")).to_be_focused()
    keys.tab_to("#f-label")
    keys.over("steps.decide.branch")
    keys.press("Escape")
    saved(keys.page)


def try_it(keys: Keys) -> None:
    """A dry run with an answer where nobody can know one, kept as a test case."""
    keys.press("Escape")
    keys.lead("/dry/", "d")
    for name, text in (("item", "Two chairs"), ("customer", "ines@customer.example"), ("amount", "120")):
        keys.tab_to(f"#id_input-{name}")
        keys.type(text)
    keys.press("Enter")
    expect(keys.page.locator("#course .note")).to_contain_text("It stops at “Confirm”")
    keys.live()
    keys.tab_to("#answer-act")
    keys.tab_to("button.primary")
    keys.press("Enter")
    expect(keys.page.locator("#course .note")).to_contain_text("It ends as “Small”.")
    keys.live()
    keys.tab_to("#course [name=name]")
    keys.over("A small order is confirmed")
    keys.next("[name=keep]")
    keys.lead("#cases$", "Enter")
    expect(keys.page.locator("#cases")).to_contain_text("passes")


def publish(keys: Keys) -> None:
    keys.lead("/draft/publish/", "p")
    for warning in ("alone:act", "alone:act_2"):  # she owns it, and is the only one who can decide on it
        keys.tab_to(f"[name=acknowledged][value='{warning}']")
        keys.press("Space")
    keys.tab_to("button.primary")
    keys.lead(f"/{SLUG}/$", "Enter")
    expect(keys.page.locator(".notices")).to_contain_text("Version 1 is published.")


def webhook(keys: Keys) -> tuple[str, str]:
    """The address and the secret of a new webhook, as the page shows them once."""
    keys.lead("/triggers/new/$", "t")
    keys.tab_to("a[href='?kind=webhook']")
    keys.lead("kind=webhook", "Enter")
    for name in ("item", "customer", "amount"):
        keys.tab_to(f"[name$='{name}']")
        keys.type(f"payload.{name}")
    keys.press("Enter")
    expect(keys.page.locator("#secret")).to_be_visible()
    keys.live()
    address, secret = (keys.page.locator(place).input_value() for place in ("#address", "#secret"))
    keys.tab_to("a.primary")
    keys.lead(r"/triggers/\d+/$", "Enter")
    expect(keys.page.locator("#fires")).to_contain_text("Nothing has come yet")
    return address, secret


def deliver(address: str, secret: str) -> int:
    """What a shop would send: a signed message."""
    body = json.dumps({"item": "Three tables", "customer": "tom@customer.example", "amount": 310}).encode()
    at = str(int(time.time()))
    signed = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"Handrail-Timestamp": at, "Handrail-Signature": f"v1={signed}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(address, body, headers)) as answer:
        return int(answer.status)


def upload(keys: Keys, file: Path) -> None:
    keys.tab_to(f"nav.crumbs a[href$='/{SLUG}/']")
    keys.lead(f"/{SLUG}/$", "Enter")
    keys.lead("/uploads/$", "u")
    keys.tab_to("a.primary")
    keys.lead("/uploads/new/$", "Enter")
    keys.page.set_input_files("#file", file)
    keys.tab_to("#delimiter")
    keys.tab_to("button.primary")
    keys.lead(r"/uploads/\d+/$", "Enter")
    keys.tab_to("#mapping button.primary")
    keys.press("Enter")
    state = keys.page.locator("#state")
    expect(state).to_contain_text("All 2 rows fit.")
    keys.live()
    keys.tab_to("#state button.primary")
    keys.press("Enter")
    expect(state).to_contain_text("2 of 2 started")


def decide(keys: Keys, fresh: Fresh) -> None:
    sign_in(keys, fresh, REVIEWER)
    keys.tab_to("nav.nav a[href='/inbox/']")
    keys.lead("/inbox/", "Enter")
    items = keys.page.locator("a.item")
    for left in (3, 2, 1):
        expect(items).to_have_count(left)
        expect(keys.page.locator("#approve")).to_be_visible()
        keys.live()
        before = re.compile(f"^{re.escape(keys.page.url)}$")
        keys.page.wait_for_timeout(600)  # an earlier press was meant for the item before
        keys.press("a")
        expect(keys.page).not_to_have_url(before)
    expect(items).to_have_count(0)


@pytest.mark.timeout(900)  # an installation of its own is started first
def test_a_new_admin_draws_up_a_workflow_by_keyboard(
    chrome: Chrome, fresh: Fresh, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room = Room(chrome, fresh.address)
    keys, begun = Keys(room.enter()), time.monotonic()
    sign_in(keys, fresh, "admin")
    begin(keys)
    say_what_a_run_starts_with(keys)
    branch(keys)
    confirm(keys)
    turn_down(keys)
    say_what_came_of_it(keys)
    try_it(keys)
    publish(keys)
    address, secret = webhook(keys)
    assert deliver(address, secret) == 202
    expect(keys.page.locator("#fires")).to_contain_text("Three tables")
    file = tmp_path / "orders.csv"
    file.write_text(ROWS)
    upload(keys, file)
    others = Keys(room.enter())
    decide(others, fresh)
    until(lambda: letters_in(fresh.home, "tom@customer.example"), "the e-mail")
    said, strangers = list(room.said), list(room.strangers)
    took, pressed = time.monotonic() - begun, keys.pressed + others.pressed
    room.leave()
    with capsys.disabled():
        print(f"\nDrawn up, tried, published, triggered and decided in {took:.0f} s, with {pressed} keys.")
    assert (said, strangers) == ([], [])
