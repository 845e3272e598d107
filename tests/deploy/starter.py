"""`manage.py up` over the stand-in: python -m tests.deploy.starter HOME PORT."""

import sys
from pathlib import Path

from deploy import environment
from deploy.home import Home
from deploy.progress import Progress
from deploy.refusals import CannotStart
from deploy.supervisor import Supervisor

STAND_IN = Path(__file__).with_name("stand_in.py")

if __name__ == "__main__":
    wishes = environment.wishes(int(sys.argv[2]))
    try:
        Supervisor(Home(Path(sys.argv[1])), wishes, Progress(sys.stdout, wishes.started_at), STAND_IN).run()
    except CannotStart as refusal:
        sys.exit(str(refusal))
