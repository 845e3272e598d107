"""A piece of a page is drawn once for what it shows, and shows nothing else."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Group
from django.template import Context, Template
from django.utils import translation
from django.utils.safestring import SafeString

from orchestration.explain.path import END, Sentence
from orchestration.templatetags import pieces
from orchestration.templatetags.pieces import piece

SENTENCE = "orchestration/_sentence.html"
SAID = Sentence("ai", "Triage:", "AI does it.")


def test_it_is_drawn_once_for_what_it_shows() -> None:
    pieces._drawn.cache_clear()
    drawn = [piece(SENTENCE, sentence=replace(SAID, kind=kind)) for kind in ("ai", END, "ai", END)]
    assert drawn[:2] == drawn[2:]
    assert pieces._drawn.cache_info()[:2] == (2, 2)


def test_each_language_has_its_own() -> None:
    pieces._drawn.cache_clear()
    for language in ("en", "de"):
        with translation.override(language):
            piece(SENTENCE, sentence=SAID)
    assert pieces._drawn.cache_info().misses == 2


def test_markup_is_never_taken_for_text_that_reads_the_same() -> None:
    drawn = [pieces._drawn("orchestration/_graph_node.html", "en", "UTC", tail=tail) for tail in ("&", SafeString("&"))]
    assert ["&amp;#step" in one for one in drawn] == [True, False]


def test_it_knows_nothing_else_of_the_page() -> None:
    page = Template(f'{{% load pieces %}}{{% piece "{SENTENCE}" other=1 %}}{{% pieces "{SENTENCE}" "sentence" path %}}')
    drawn = page.render(Context({"sentence": SAID, "path": [replace(SAID, bold="<i>Send"), SAID]}))
    assert (drawn.count("<li>"), drawn.count("Triage:"), drawn.count("&lt;i&gt;Send")) == (3, 1, 1)


def test_it_takes_no_rows() -> None:
    with pytest.raises(TypeError, match="row"):
        piece(SENTENCE, sentence=Group(name="reviewer"))
