"""Why a decision is not taken: each a sentence, or with what a page says of it."""

from collections.abc import Sequence

from orchestration.policies.asking import Asked
from reviews.models import Decision, Review


class CannotDecide(Exception):
    """The decision was not taken; nothing was changed."""


class NotAllowed(CannotDecide):
    """This person may look at the review, and may not decide it."""


class OwnWork(NotAllowed):
    """Nobody decides on work of their own, or of somebody for whom they act. `whys` says what made it that."""

    def __init__(self, whys: Sequence[str] = (), whose: str = "") -> None:
        super().__init__()
        self.whys, self.whose = list(whys), whose


class TooNew(NotAllowed):
    """Nobody decides beside `whose`, through whom they have just come in, or who came in through them."""

    def __init__(self, whose: str) -> None:
        super().__init__()
        self.whose = whose


class RuleSaysNo(NotAllowed):
    """A rule does not let this person take this decision alone: its sentence."""

    def __init__(self, said: Asked) -> None:
        super().__init__(said.verdict.why)
        self.said = said


class OwnPlace(NotAllowed):
    """Nobody approves the same thing twice: each place is another person's."""


class PlaceFilled(CannotDecide):
    """Somebody else filled the place that the page showed; `decision` says who, when and what."""

    def __init__(self, decision: Decision) -> None:
        super().__init__()
        self.decision = decision


class AlreadyDecided(CannotDecide):
    """Somebody was first; `review` says who, when and what."""

    def __init__(self, review: Review) -> None:
        super().__init__()
        self.review = review


class Stale(CannotDecide):
    """What was shown is not what stands there now."""


class ReasonNeeded(CannotDecide):
    """A rejection needs a reason, and so does sending back."""


class BadOutcome(CannotDecide):
    """The outcome is none of those that the review point offers, or does not go with the verdict."""


class CannotGoBack(CannotDecide):
    """It may not be sent back there, or not any more: `times` is how often it might be."""

    def __init__(self, times: int = 0) -> None:
        super().__init__()
        self.times = times


class BadForm(CannotDecide):
    """The form cannot be taken as it was filled in. `problems` names the fields."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{field}: {told}" for field, told in problems))
        self.problems = problems


class BadEdit(CannotDecide):
    """What was edited cannot be carried out. `problems` names the fields."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{field}: {told}" for field, told in problems))
        self.problems = problems


class SignatureNeeded(CannotDecide):
    """This decision is signed, and no signature came with it."""
