"""The uncertain numbers of a block: each drawn once by its case and its path."""

from __future__ import annotations

import numpy as np

from sim.draws import Block, quantile, uniforms
from sim.numbers import Numbers
from sim.spec.values import Uniform
from sim.world import Quantity

BLOCK = Block(np.array([3, 3, 900]), np.array([0, 1, 2]))
SHAPE = Uniform(uniform=(0, 9))


def test_a_fixed_number_is_the_same_in_all_runs() -> None:
    assert Numbers(1, BLOCK)(Quantity("a", 2.5)).tolist() == [2.5]


def test_a_draw_hangs_on_seed_path_and_case_and_is_scaled() -> None:
    for seed, path in ((1, "a"), (2, "a"), (1, "b")):
        expected = [quantile(SHAPE, uniforms(seed, path, np.array([case])))[0] * 7 for case in (3, 3, 900)]
        assert Numbers(seed, BLOCK)(Quantity(path, None, SHAPE, 7.0)).tolist() == expected
    assert len({Numbers(seed, BLOCK)(Quantity(path, None, SHAPE))[0] for seed, path in ((1, "a"), (2, "a"), (1, "b"))}) == 3


def test_a_number_asked_for_again_is_not_drawn_again() -> None:
    numbers = Numbers(1, BLOCK)
    asked = Quantity("a", None, SHAPE)
    assert numbers(asked) is numbers(asked)


def test_counts_of_days_are_rounded_half_up_given_or_drawn() -> None:
    given = {"a": np.array([1.49, 1.5, 2.5])}
    numbers = Numbers(1, BLOCK, given)
    assert numbers(Quantity("a", None, SHAPE, 7.0, whole=True)).tolist() == [1, 2, 3]
    assert numbers(Quantity("a", None, SHAPE, 7.0)).tolist() == [1.49, 1.5, 2.5]  # as given: in days, not scaled again
    drawn = Numbers(1, BLOCK)
    assert drawn(Quantity("b", None, SHAPE, whole=True)).tolist() == [
        int(each + 0.5) for each in drawn(Quantity("b", None, SHAPE))
    ]


def test_what_is_given_is_not_written_to() -> None:
    given: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = {"a": np.array([1.0, 2.0, 3.0])}
    Numbers(1, BLOCK, given)(Quantity("b", None, SHAPE))
    assert [*given] == ["a"]
