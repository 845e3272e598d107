"""Somebody who uses Handrail over HTTP alone: opens pages, reads them, and sends the forms that stand on them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

import httpx


@dataclass
class Form:
    """A form of a page: where it goes, and what its fields hold."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.writing = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", "")))
        elif tag in {"input", "textarea"} and self.found and "name" in given:
            if given.get("type") != "checkbox" or "checked" in given:
                self.found[-1].fields[given["name"]] = given.get("value", "on" if "checked" in given else "")
            self.writing = given["name"] if tag == "textarea" else ""

    def handle_endtag(self, tag: str) -> None:
        self.writing = "" if tag == "textarea" else self.writing

    def handle_data(self, data: str) -> None:
        if self.writing:
            self.found[-1].fields[self.writing] += data.removeprefix("\n")


class Visitor(httpx.Client):
    """One person at one browser without script."""

    def __init__(self, address: str) -> None:
        super().__init__(base_url=address, timeout=30, headers={"Origin": address})

    def sign_in(self, login: str, password: str) -> Self:
        """Go through the login page."""
        answer = self.send_form("/login/", "/login/", username=login, password=password)
        assert answer.status_code == 302, answer.text
        return self

    def form(self, page: str, action: str) -> Form:
        """The form of a page that goes to that address."""
        parser = _Forms()
        parser.feed(self.get(page).raise_for_status().text)
        return next(form for form in parser.found if form.action.startswith(action))

    def send_form(self, page: str, action: str, **fields: str) -> httpx.Response:
        """Open a page, fill in a form of it, and send it."""
        form = self.form(page, action)
        return self.post(form.action, data={**form.fields, **fields})
