"""How pytest runs on mutants (docs/quality.md): a plugin that mutmut loads, and nobody else.

Examples are always the same, and one that fails is not made smaller: that a mutant is found is all that is asked. Mutants call
each function through another one, so that the deepest guard needs more room on the stack.
"""

from __future__ import annotations

import sys

from hypothesis import Phase, settings

settings.register_profile(
    "mutation", phases=(Phase.explicit, Phase.generate), derandomize=True, database=None, deadline=None, print_blob=False
)
settings.load_profile("mutation")
sys.setrecursionlimit(5_000)
