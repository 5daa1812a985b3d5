"""The page's charts as Vega-Lite, built with altair; the page fills in the data."""

from __future__ import annotations

from typing import Any

from sim.charts.style import FAINT, GREY, INK, SIGNPOST
from sim.errors import MissingExtra

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans KR', 'Malgun Gothic', sans-serif"
DASHES = {"A": [1, 0], "B": [6, 3]}
_TIME = "t:T"
_EMBED = {"actions": False, "renderer": "svg", "ast": True, "defaultStyle": False, "tooltip": False, "logLevel": 1}
"""How Vega-Embed shows them: `ast`, since the page's policy allows no evaluation of text."""


def specs() -> dict[str, Any]:
    """Charts by name; each says in `datasets` which data it waits for. Raises MissingExtra."""
    try:
        import altair as alt
    except ImportError:
        raise MissingExtra("workshop", "the page") from None
    made = {"seen": _seen(alt), "shares": _shares(alt), "reached": _reached(alt), "path": _path(alt)}
    return {name: _whole(chart) for name, chart in made.items()}


def _whole(chart: Any) -> dict[str, Any]:
    """As plain data, with the look that all share."""
    axis = {
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": "#e4e8eb",
        "domainColor": GREY,
        "tickColor": GREY,
        "labelFontSize": 12,
    }
    styled = chart.properties(width="container", background="white").configure(
        font=FONT, view={"stroke": None}, axis={**axis, "titleFontSize": 12, "titleFontWeight": "normal"}, aria=False
    )
    document: dict[str, Any] = styled.to_dict(validate=True)
    document["autosize"] = {"type": "fit-x", "contains": "padding", "resize": True}
    return {**document, "usermeta": {"embedOptions": _EMBED}}


def _x(alt: Any, field: str = _TIME, **more: Any) -> Any:
    axis = alt.Axis(format="%b %Y", tickCount=5, labelOverlap=True, grid=False, title=None, labelFlush=False)
    return alt.X(field, axis=axis, scale=alt.Scale(type="utc", nice=False), **more)


def _percent(alt: Any, title: str) -> Any:
    return alt.Y("share:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5))


def _lines(alt: Any) -> list[Any]:
    """Thresholds, each labelled at its left end."""
    base = alt.Chart(alt.NamedData("lines"))
    value = alt.Y("value:Q")
    style = alt.StrokeDash("style:N", scale=alt.Scale(domain=[*DASHES], range=[*DASHES.values()]), legend=None)
    rule = base.mark_line(color=INK, strokeWidth=1.4, interpolate="step-after").encode(_x(alt), value, style, detail="key:N")
    first = base.transform_window(place="row_number()", groupby=["key"]).transform_filter("datum.place == 1")
    text = first.mark_text(
        align="left", baseline="bottom", dx=4, dy=-3, color=INK, fontSize=12, clip=True, limit=alt.ExprRef("width - 8")
    )
    return [rule, text.encode(_x(alt), value, text="key:N")]


def _seen(alt: Any) -> Any:
    """What guards see: a fan over runs, three single runs, the thresholds."""
    base = alt.Chart(alt.NamedData("fan"))
    y = {"scale": alt.Scale(zero=False, nice=False, padding=20), "axis": alt.Axis(title=None, tickCount=5)}
    wide, narrow = (
        base.mark_area(color=SIGNPOST, opacity=opacity, interpolate="step-after").encode(
            _x(alt), alt.Y(f"{low}:Q", **y), alt.Y2(high)
        )
        for low, high, opacity in (("q0", "q4", 0.18), ("q1", "q3", 0.28))
    )
    middle = base.mark_line(color=SIGNPOST, strokeWidth=2.2, interpolate="step-after").encode(_x(alt), alt.Y("q2:Q", **y))
    thin = alt.Chart(alt.NamedData("singles")).mark_line(color=SIGNPOST, opacity=0.55, strokeWidth=0.7, interpolate="step-after")
    rule, text = _lines(alt)
    seen = thin.encode(_x(alt), alt.Y("value:Q"), detail="run:N")
    return alt.layer(wide, narrow, seen, rule, middle, text).properties(height=210)  # where both are equal the median shows


def _shares(alt: Any) -> Any:
    """Shares of runs per phase, light to dark, lowest at the bottom: each lies over those below it, up to the top."""
    colour = alt.Color("colour:N", scale=None)
    area = alt.Chart(alt.NamedData("shares")).mark_area(stroke=FAINT, strokeWidth=0.6, interpolate="step-after")
    y = _percent(alt, "Share of simulated runs").stack(None)
    return area.encode(_x(alt), y, alt.Y2Datum(1), colour, detail="order:O").properties(height=190)


def _reached(alt: Any) -> Any:
    """The share of runs that reached a phase by each day, with its Monte Carlo interval; A solid, B dashed."""
    base = alt.Chart(alt.NamedData("reached"))
    band = base.mark_area(color=GREY, opacity=0.16, interpolate="step-after")
    line = base.mark_line(color=INK, strokeWidth=2, interpolate="step-after")
    style = alt.StrokeDash("side:N", scale=alt.Scale(domain=[*DASHES], range=[*DASHES.values()]), legend=None)
    y = alt.Y("low:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5, title="Share of simulated runs"))
    apart = "(datum.most - datum.least >= 0.09 || datum.sides == 1)"  # else one label stands for both
    last = base.transform_window(place="row_number()", groupby=["side"], sort=[alt.SortField("t", "descending")])
    ends = last.transform_filter("datum.place == 1").transform_joinaggregate(
        most="max(share)", least="min(share)", sides="count()"
    )
    named = ends.transform_filter(f"{apart} || datum.side == 'A'").transform_calculate(label=f"{apart} ? datum.side : 'A, B'")
    text = named.mark_text(align="left", dx=5, color=INK, fontSize=13, fontWeight="bold")
    return alt.layer(
        band.encode(_x(alt), y, alt.Y2("high"), detail="side:N"),
        line.encode(_x(alt), _percent(alt, "Share of simulated runs"), style),
        text.encode(_x(alt), _percent(alt, "Share of simulated runs"), text="label:N"),
    ).properties(height=170)


def _path(alt: Any) -> Any:
    """One run: what guards saw, with thresholds, under the phases as a strip."""
    y = {"scale": alt.Scale(zero=False, nice=False, padding=19), "axis": alt.Axis(title=None, tickCount=4)}
    seen = alt.Chart(alt.NamedData("singles")).mark_line(color=SIGNPOST, strokeWidth=2, interpolate="step-after")
    ends = alt.Chart(alt.NamedData("strip")).transform_window(next="lead(t)").transform_filter("isValid(datum.next)")
    strip = ends.transform_calculate(until="datum.next").mark_bar(stroke=GREY, strokeWidth=0.6, height=18)
    x2, above = alt.X2("until"), alt.value(-13)
    phases = strip.encode(_x(alt), x2, y=above, color=alt.Color("colour:N", scale=None))
    rule, text = _lines(alt)
    return alt.layer(phases, rule, seen.encode(_x(alt), alt.Y("value:Q", **y)), text).properties(height=130)
