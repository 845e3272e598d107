"""The proving ground: the airline's server, Handrail's processes, and rounds of conversations between them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from audit.models import User
from tests.airline import came_to, doors, provider, rounds, server, service
from tests.airline.came_to import Came
from tests.airline.killing import Killed, killing
from tests.airline.recordings import Conversation
from tests.airline.rounds import Kind, People, Round
from tests.airline.server import Airline
from tests.cast import Cast
from tests.faults import forked

WORKERS, MORE_WORKERS = 2, 8  # of a round; of one in which they are killed, so that each lives long enough to work
PAUSE = 0.3  # seconds between a change at the airline and its answer: whoever asked may be gone by then
SEEN = 1.1  # seconds until every process has seen what was let in


@dataclass(frozen=True)
class Played:
    """A round that has been played."""

    kind: Kind
    came: list[Came]
    seconds: float
    killed: int
    misses: list[str]
    runs: list[int]
    model_calls: int
    model_again: int


class Ground:
    """Where rounds are played."""

    def __init__(self, cast: Cast, second: User, airline: Airline, people: People, folder: Path) -> None:
        self.cast, self.second, self.airline, self.people, self.folder = cast, second, airline, people, folder

    def play(
        self,
        kind: Kind,
        file: Path,
        conversations: Sequence[Conversation],
        *,
        limit: float = 900,
        kills: int | None = None,
    ) -> Played:
        """One round. Where workers are killed, so many are at the most. May raise `rounds.Stuck`."""
        with ExitStack() as stack:
            plays = stack.enter_context(provider.standing(file, goes_on=kind.goes_on))
            model = service.model(kind.name, plays.url, self.cast.adam, self.second)
            workflow = service.workflow(self.cast, kind.name, model, conversations, gate=kind.gate)
            crew = stack.enter_context(forked.crew(MORE_WORKERS if kind.kills else WORKERS))
            held = Round(self.cast, workflow, conversations, self.folder, self.people)
            killed = stack.enter_context(killing(crew, most=kills)) if kind.kills else Killed()
            seconds = held.play(limit)
            runs = {pk: one.conversation for pk, one in held.held.items()}
            told = plays.told()
        came = came_to.all_of(runs, self.airline, told["ends"], self.folder)
        return Played(kind, came, seconds, killed.workers, held.misses, list(runs), told["calls"], told["again"])


@contextmanager
def standing(cast: Cast, folder: Path) -> Iterator[Ground]:
    """The ground, as long as the block: the airline's server, web and clock, and everything that was let in."""
    with ExitStack() as stack:
        airline = stack.enter_context(server.standing(folder, PAUSE))
        stack.enter_context(forked.clock())
        address, _ = stack.enter_context(forked.web())
        with forked.crew(1):
            second = service.furnish(cast, airline)
        customer = stack.enter_context(doors.opened(address, service.customer(), rounds.CUSTOMERS))
        reviewer = stack.enter_context(doors.opened(address, cast.rita, rounds.REVIEWERS))
        yield Ground(cast, second, airline, People(customer, reviewer), folder)
