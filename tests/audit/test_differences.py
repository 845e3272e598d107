"""Differences: sentences first, then words; nothing lost, nothing that could run."""

from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from audit.differences import Piece, changes, paragraphs, pieces

TEXT = st.text(alphabet="ab.!? \n", max_size=40)


def test_it_finds_nothing_changed() -> None:
    assert pieces("As it was.", "As it was.") == [Piece("same", "As it was.")]


def test_it_marks_the_words_of_a_sentence_that_stayed_alike() -> None:
    found = pieces("We are unable to pay for the fence at all.", "We have left out the fence at all.")
    assert [piece.text for piece in found if piece.kind == "gone"] == ["are unable to pay for"]
    assert [piece.text for piece in found if piece.kind == "new"] == ["have left out"]


def test_it_marks_a_sentence_of_another_sense_as_a_whole() -> None:
    found = pieces("Call us.", "Your card is on its way to you now.")
    assert [piece.kind for piece in found] == ["gone", "new"]


def test_it_leaves_other_sentences_alone() -> None:
    found = pieces("One. Two stays. Three.", "One. Two stays. Four.")
    assert found[0] == Piece("same", "One. Two stays. ")


def test_it_counts_a_replacement_once() -> None:
    assert changes(pieces("Pay it today, please do.", "Pay it tomorrow, please do.")) == 1


def test_it_marks_a_line_break_that_came() -> None:
    found = pieces("One. Two.", "One.\n\nTwo.")
    assert any("¶" in piece.shown for piece in found)


def test_it_keeps_paragraphs_apart() -> None:
    assert len(paragraphs(pieces("One.\n\nTwo.", "One.\n\nThree."))) == 2


def test_it_is_quick_on_texts_made_to_be_slow() -> None:
    assert pieces("a b. " * 4000, "b a. " * 4000)[0].kind == "gone"


def test_it_escapes_what_it_shows() -> None:
    found = pieces("<script>a</script>", "<img src=x onerror=b>")
    shown = render_to_string("reviews/_inbox_pieces.html", {"pieces": found})
    assert "<script" not in shown
    assert "<img" not in shown


@given(TEXT, TEXT)
def test_it_loses_nothing(before: str, after: str) -> None:
    found = pieces(before, after)
    assert "".join(piece.text for piece in found if piece.kind != "new") == before
    assert "".join(piece.text for piece in found if piece.kind != "gone") == after


def test_it_leaves_the_last_line_alone_when_a_paragraph_is_added() -> None:
    found = pieces("Kind regards,\nThe bank", "Kind regards,\nThe bank\n\nDo write again.")
    assert [piece.kind for piece in found] == ["same", "new"]
