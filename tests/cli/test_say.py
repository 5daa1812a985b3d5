"""Tables on a terminal: they fit its width, and break no word that has room."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from sim.cli import say

CELL = st.text(alphabet="abc 한_(–", max_size=40)
ROWS = st.integers(1, 7).flatmap(lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n), min_size=1, max_size=5))


@settings(deadline=None)
@given(ROWS, st.integers(30, 140))
def test_columns_fit_and_words_stay_whole_where_they_have_room(rows: list[list[str]], width: int) -> None:
    gap, widths = say._layout(rows, width)
    assert sum(each or 0 for each in widths) + (gap + 1) * len(widths) + 1 - gap <= width  # a cell of the box beside each column
    words = [max([cell_len(word) for row in rows for word in row[i].split()] or [1]) for i in range(len(widths))]
    if sum(words) + 2 * len(widths) <= width:
        assert all((own or 0) >= word for own, word in zip(widths, words, strict=True))
