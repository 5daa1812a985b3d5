"""The public names with their types: what `sim/__init__.py` finds only when it is asked."""

from sim.errors import BadInput as BadInput
from sim.errors import BadUsage as BadUsage
from sim.errors import PhasedError as PhasedError
from sim.verbs.answer import Answer as Answer
from sim.verbs.checking import check as check
from sim.verbs.comparing import compare as compare
from sim.verbs.discovering import discover as discover
from sim.verbs.explaining import explain as explain
from sim.verbs.hindcasting import hindcast as hindcast
from sim.verbs.judging import quality as quality
from sim.verbs.loading import ListAnswer
from sim.verbs.loading import load as load
from sim.verbs.running import run as run
from sim.verbs.studying import sensitivity as sensitivity
from sim.verbs.tracing import path as path

__version__: str

def list() -> ListAnswer: ...  # noqa: A001 - as the command is called
