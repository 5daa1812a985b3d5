"""A lesson as participants use it: in Chromium, from a file, by keys, on a phone, and with hostile names in its files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import api
from sim.intervals import wilson
from sim.library import Library
from sim.results import Result
from tests.browser import Open
from tests.workshop.made import FOUNDING, RUNS, Page, move, opened, saved, table

SCENARIO = FOUNDING["scenarios"][0]
WAIT, THRESHOLD, ERROR = "#sliders-A-0", "#sliders-A-1", "#world-0"
SETS = (
    "transitions.arm_defensively.confirm=29",
    "thresholds.front_line=2",
    "signposts.deployment_level.error.sd=0.5",
)


def wrong(files: list[str]) -> list[str]:
    """What `check` has against files, apart from notes, and that a ladder can swing on one level."""
    return [str(each.problem) for each in api.check(files) if each.level != "note" and each.rule != "chatter"]


def run(policy: str, *sets: str) -> Result:
    return api.run(SCENARIO, policy, runs=RUNS, sets=sets).result


def moved(page: Any) -> None:
    """As SETS has it."""
    move(page, WAIT, 2)
    move(page, THRESHOLD, 0)
    move(page, ERROR, 2)


def shares(column: list[str]) -> list[float]:
    return [float(each.rstrip("%")) / 100 for each in column]


def test_it_asks_for_nothing_but_itself(in_browser: Open, founding: Page) -> None:
    found = opened(in_browser, founding)
    moved(found.page)
    found.page.select_option("#scenario", "1")
    found.page.wait_for_timeout(300)
    assert found.asked == [founding.path.resolve().as_uri()]
    assert found.complaints == []
    answer = found.page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'went', () => 'refused')")
    assert answer == "refused"
    assert found.asked == [founding.path.resolve().as_uri()]
    assert "Content Security Policy" in found.complaints[0]


def test_no_other_script_runs(in_browser: Open, founding: Page) -> None:
    found = opened(in_browser, founding)
    found.page.evaluate("document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.evil = 1'}))")
    assert found.page.evaluate("window.evil") is None
    found.page.evaluate("document.body.setAttribute('onclick', 'window.evil = 2')")
    found.page.click("h1")
    assert found.page.evaluate("window.evil") is None


def test_moved_sliders_show_what_the_engine_made_of_that_setting(in_browser: Open, founding: Page) -> None:
    page = opened(in_browser, founding).page
    before = table(page, "reached-0")
    moved(page)
    page.wait_for_function(
        "old => document.querySelector('#reached-0 tbody tr:last-child td').textContent !== old", arg=before["A"][-1]
    )
    a, b = run("phased-approach", *SETS), run("step-down", SETS[2])
    for place, phase in enumerate(("defensive_weapons", "offensive_measures")):
        columns = table(page, f"reached-{place}")
        for side, result in (("A", a), ("B", b)):
            np.testing.assert_allclose(shares(columns[side]), result.first_passage[phase].cumulative, atol=0.0006)
            low, high = wilson(np.cumsum(result.first_passage[phase].counts), RUNS)
            told = [tuple(map(float, each.split("–"))) for each in columns[f"{side}, 95% interval"]]
            np.testing.assert_allclose(told, np.array([low, high]).T * 100, atol=0.06)
    for side, result in (("A", a), ("B", b)):
        columns = table(page, f"shares-{side}")
        found = [shares(columns[phase.label]) for phase in result.phases]
        np.testing.assert_allclose(found, result.occupancy / RUNS, atol=0.0006)
    fan = table(page, "seen")
    quantiles = a.signposts["deployment_level"].quantiles
    for head, row in zip(("5%", "25%", "median", "75%", "95%"), quantiles, strict=True):
        np.testing.assert_allclose(list(map(float, fan[head])), row, atol=2e-4)


def test_the_headline_is_the_commands(in_browser: Open, founding: Page) -> None:
    page = opened(in_browser, founding).page
    move(page, WAIT, 1)
    passage = run("phased-approach", "transitions.arm_defensively.confirm=15").first_passage["defensive_weapons"]
    low, high = passage.interval
    half = passage.quantile(0.5)
    assert half is not None
    wanted = f"{passage.reached:.0%} ({100 * low:.0f}–{100 * high:.0f}) of simulated runs, half by "
    text = page.text_content("#headline p")
    assert wanted in text
    assert f"(day {half})" in text


def test_charts_draw_the_new_numbers(in_browser: Open, founding: Page) -> None:
    """The line of A, as drawn, ends where its table does; before and after a slider moves."""
    page = opened(in_browser, founding).page

    def end() -> float:
        """Height of the last point of A's line, as a share of the axis."""
        paths = page.eval_on_selector_all(
            "#reached-1 .mark-line.role-mark path", "lines => lines.map(line => line.getAttribute('d'))"
        )
        heights = [float(re.findall(r"-?[\d.]+", path)[-1]) for path in paths]
        return 1 - heights[0] / 170

    wanted = run("phased-approach").first_passage["offensive_measures"].reached
    assert end() == pytest.approx(wanted, abs=0.01)
    move(page, WAIT, 2)
    page.wait_for_timeout(400)
    after = run("phased-approach", "transitions.arm_defensively.confirm=29").first_passage["offensive_measures"].reached
    assert abs(after - wanted) > 0.03
    assert end() == pytest.approx(after, abs=0.01)


def test_only_what_changed_is_drawn_again(in_browser: Open, founding: Page) -> None:
    """A slider of A leaves the drawings of B as they are."""
    page = opened(in_browser, founding, height=5000).page
    page.wait_for_selector("#path-B svg")
    page.evaluate(
        """() => {
            window.drawn = new Set();
            const watch = new MutationObserver(seen => seen.forEach(each => drawn.add(each.target.closest('figure').id)));
            const all = { subtree: true, childList: true, attributes: true };
            document.querySelectorAll('figure .chart > div').forEach(each => watch.observe(each, all));
        }"""
    )
    move(page, WAIT, 2)
    page.wait_for_timeout(500)
    assert set(page.evaluate("[...drawn]")) == {"reached-0", "reached-1", "shares-A", "path-A"}


def test_one_run_is_the_commands(in_browser: Open, founding: Page) -> None:
    page = opened(in_browser, founding).page
    moved(page)
    page.select_option("#run", "1")
    for side, policy, sets in (("A", "phased-approach", SETS), ("B", "step-down", SETS[2:])):
        report = api.path(SCENARIO, policy, run=1, sets=sets).report
        items = page.eval_on_selector_all(f"#why-{side} li", "items => items.map(item => item.textContent)")
        assert len(items) == len(report.path) > 0
        for item, step in zip(items, report.path, strict=True):
            assert item.startswith(f"{step.date} (day {step.day}): ")
            assert f"“{step.guard}” had held since {step.held_since}" in item
            for name, value in step.values.items():
                assert f"{name} {value:g}" in item
            for name, seen in step.thresholds.items():
                assert f"{name} {seen.value:g} {seen.unit} ({', '.join((seen.grade, *seen.evidence))})" in item
        labels = {phase.name: phase.label for phase in run(policy).phases}
        assert table(page, f"path-{side}")["Phase"] == [labels[phase] for phase in report.phase]


def test_settings_are_saved_as_a_policy_file(in_browser: Open, founding: Page, tmp_path: Path) -> None:
    page = opened(in_browser, founding).page
    moved(page)
    path = saved(page, "#save-A", tmp_path)
    assert path.name == "phased-approach-changed.yaml"
    assert wrong([str(path), SCENARIO]) == []
    spec = Library().load_policy(str(path)).spec
    assert (spec.thresholds["front_line"].grade, spec.thresholds["front_line"].evidence) == ("assumed", ())
    result = api.run(SCENARIO, str(path), runs=RUNS, sets=SETS[2:]).result
    np.testing.assert_array_equal(result.occupancy, run("phased-approach", *SETS).occupancy)
    assert f"--set {SETS[0]} --set {SETS[1]} --set {SETS[2]}" in path.read_text("utf-8")


def test_the_command_shown_gives_the_same(in_browser: Open, founding: Page) -> None:
    page = opened(in_browser, founding).page
    moved(page)
    text = page.text_content("#command-A")
    changed = " ".join(f"--set {each}" for each in SETS)
    assert text == f"phased run {SCENARIO} --policy phased-approach --runs {RUNS} --seed 1 {changed}"


def test_the_same_policy_twice_and_back_to_as_stated(in_browser: Open, founding: Page) -> None:
    page = opened(in_browser, founding).page
    page.select_option("#policy-B", "0")
    move(page, WAIT, 2)
    columns = table(page, "reached-0")
    assert columns["A"] != columns["B"]
    page.click("#reset-A")
    page.wait_for_timeout(200)
    columns = table(page, "reached-0")
    assert columns["A"] == columns["B"]
    assert page.get_attribute(WAIT, "aria-valuetext") == "1 day, as stated"


def test_a_world_that_answers(in_browser: Open, answering: Page) -> None:
    page = opened(in_browser, answering).page
    assert page.is_visible("#answers")
    assert page.eval_on_selector_all("#signpost option", "all => all.map(each => each.textContent)")[:2] == [
        "deployment_level, as A meets it",
        "deployment_level, as B meets it",
    ]
    before = table(page, "seen")["5%"]
    move(page, WAIT, 1)
    assert page.get_attribute("#world-0", "aria-valuetext") == "uniform 0–0.024 per day, as stated"
    move(page, "#world-0", 3)
    page.wait_for_timeout(300)
    sets = ("transitions.arm_defensively.confirm=15", "reactions.provoked.push.deployment_level=0.024")
    result = api.run("reciprocity-provoking-uncertain", "phased-approach", runs=60, sets=sets).result
    after = table(page, "seen")["5%"]
    assert after != before
    days = [*range(0, 365, 7)]
    np.testing.assert_allclose(
        list(map(float, after[: len(days)])), result.signposts["deployment_level"].quantiles[0, days], atol=1e-3
    )
    assert "kept for the numbers as stated only" in page.text_content("#why-A")


# A rule of one's own -------------------------------------------------------------------------------------------------------


def write(page: Any) -> None:
    """Two steps, the second of which goes back down."""
    page.fill("#form-title", "Wait & see: the front")
    page.fill("#form-start", "조치 없음")
    page.click("#form-add")
    first, second = page.locator("#steps fieldset").all()
    first.locator("[name=phrase]").fill('If they "go to the front lines": #1 {then}')
    first.locator("[name=reading]").fill("rung 3 — the front")
    first.locator("[name=label]").fill("방어용 무기")
    fact = page.eval_on_selector(
        "#steps [name=fact]", "each => [...each.options].find(one => one.textContent.startsWith('F10')).value"
    )
    first.locator("[name=fact]").select_option(fact)
    first.locator("[name=grade]").select_option("implied")
    first.locator("[name=value]").fill("2.5")
    first.locator("[name=confirm]").fill("3")
    first.locator("[name=lag]").fill("10")
    first.locator("[name=revocable]").check()
    second.locator("[name=signpost]").select_option("troops_in_russia")
    second.locator("[name=value]").fill("9000")
    second.locator("[name=down]").check()
    second.locator("[name=below]").fill("9999.5")
    second.locator("[name=calm]").fill("40")


def test_a_rule_is_drawn_run_and_saved(in_browser: Open, founding: Page, tmp_path: Path) -> None:
    found = opened(in_browser, founding)
    page = found.page
    write(page)
    ladder = page.eval_on_selector_all("#ladder-form li", "items => items.map(item => item.textContent)")
    assert ladder[0] == "조치 없음"
    assert "방어용 무기" in ladder[1]
    assert "deployment_level >= line_1 2.5 rung (implied, F10), for 3 days, in effect 10 days later" in ladder[1]
    path = saved(page, "#form-save", tmp_path)
    assert path.name == "wait-see-the-front.yaml"
    assert wrong([str(path), "surge-to-front", SCENARIO]) == []
    spec = Library().load_policy(str(path)).spec
    assert spec.title == "Wait & see: the front"
    assert spec.thresholds["line_1"].note == '“If they "go to the front lines": #1 {then}”: rung 3 — the front'
    for place, scenario in enumerate(("surge-to-front", "gradual-rise")):
        page.select_option("#form-days", str(place))
        page.wait_for_timeout(150)
        report = api.path(scenario, str(path)).report
        labels = {name: each.label for name, each in spec.phases.items()}
        assert table(page, "path-form")["Phase"] == [labels[phase] for phase in report.phase]
        items = page.eval_on_selector_all("#why-form li", "items => items.map(item => item.textContent)")
        assert [item.split(" (day")[0] for item in items] == [str(step.date) for step in report.path]
        assert len(items) >= 2
    assert found.complaints == []


def test_a_grade_needs_a_fact_that_lends_it(in_browser: Open, founding: Page) -> None:
    page = opened(in_browser, founding).page
    grades = "#steps [name=grade] option"
    assert page.eval_on_selector_all(grades, "all => all.map(each => each.textContent)") == ["assumed"]
    for id_, fact in Library().load_policy("phased-approach").facts.items():
        value = page.eval_on_selector(
            "#steps [name=fact]", "(each, id) => [...each.options].find(one => one.textContent.startsWith(id + ':')).value", id_
        )
        page.select_option("#steps [name=fact]", value)
        assert page.eval_on_selector_all(grades, "all => all[0].textContent") == fact.supports


def test_what_is_no_number_is_not_saved(in_browser: Open, founding: Page) -> None:
    page = opened(in_browser, founding).page
    page.fill("#steps [name=confirm]", "0.5")
    assert page.is_disabled("#form-save")
    assert "Step 1, Confirm: days in a row" in page.text_content("#form-wrong")
    page.fill("#steps [name=confirm]", "")
    assert page.is_disabled("#form-save")
    page.fill("#steps [name=confirm]", "2")
    assert page.is_enabled("#form-save")
    assert page.text_content("#form-wrong") == ""


def test_a_ladder_can_have_no_step(in_browser: Open, founding: Page, tmp_path: Path) -> None:
    found = opened(in_browser, founding)
    found.page.click("#form-remove")
    assert "No change: No action throughout" in found.page.text_content("#why-form")
    path = saved(found.page, "#form-save", tmp_path)
    assert wrong([str(path), "surge-to-front"]) == []
    assert found.complaints == []


# For everyone --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_against_the_guidelines(in_browser: Open, founding: Page, width: int) -> None:
    found = opened(in_browser, founding, width=width)
    found.page.click("#form-add")
    found.page.check("#steps fieldset:last-child [name=down]")
    found.page.evaluate(
        "document.querySelectorAll('details:not(figure *), #seen details').forEach(each => { each.open = true; })"
    )
    found.page.wait_for_timeout(300)
    against = found.violations()
    assert not against, "\n".join(against)
    assert found.too_wide == []
    assert found.page.evaluate("document.documentElement.scrollWidth") <= width


def test_keys_alone(in_browser: Open, founding: Page, tmp_path: Path) -> None:
    """From the top by Tab: to a slider, to its file, and through the form to the last button."""
    page = opened(in_browser, founding).page

    def reach(id_: str, most: int = 60) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id || document.activeElement.name") == id_:
                assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
                return
        raise AssertionError(f"no Tab reaches {id_}")

    before = page.text_content("#headline")
    reach("sliders-A-0")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute(WAIT, "aria-valuetext") == "29 days"
    assert page.text_content("#headline") != before
    reach("save-A")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    waiting.value.save_as(tmp_path / "phased-approach-changed.yaml")
    assert wrong([str(tmp_path / "phased-approach-changed.yaml")]) == []
    reach("form-title")
    page.keyboard.press("Control+A")
    page.keyboard.type("By keys")
    reach("value")
    page.keyboard.press("Control+A")
    page.keyboard.type("2")
    reach("form-save")
    with page.expect_download() as waiting:
        page.keyboard.press("Space")
    waiting.value.save_as(tmp_path / "by-keys.yaml")
    assert wrong([str(tmp_path / "by-keys.yaml"), "surge-to-front"]) == []


def test_nothing_moves_by_itself(in_browser: Open, founding: Page) -> None:
    page = opened(in_browser, founding).page
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    running = "document.getAnimations().length"
    move(page, WAIT, 2)
    assert page.evaluate(running) == 0


def test_hostile_names_are_text(in_browser: Open, hostile: Page, tmp_path: Path) -> None:
    found = opened(in_browser, hostile)
    page = found.page
    move(page, "#sliders-A-0", 2)
    move(page, "#sliders-A-1", 0)
    for name in ("title", "start"):
        page.fill(f"#form-{name}", '</pre><script>window.evil=1</script> " \\ : # {}')
    page.fill("#steps [name=label]", "<img src=x onerror=window.evil=1>")
    page.fill("#steps [name=phrase]", "a\\b\n\"c\" 'd' \u2028 \u0007 x: y")
    page.wait_for_timeout(300)
    assert page.evaluate("window.evil") is None
    assert page.evaluate("document.querySelectorAll('img, body script:not([type])').length") == 0
    assert found.complaints == []
    assert len(found.asked) == 1
    for button in ("#form-save", "#save-A"):
        path = saved(page, button, tmp_path)
        assert wrong([str(path), str(tmp_path / "scenario.yaml")]) == []
    assert Library().load_policy(str(path)).spec.thresholds["__proto__"].value == 2


def test_korean_labels_are_marked_as_korean(in_browser: Open, hostile: Page) -> None:
    page = opened(in_browser, hostile).page
    assert page.eval_on_selector("#headline strong", "each => [each.textContent, each.lang]") == ["방어용 무기", "ko"]
    assert page.eval_on_selector_all("#legend-A [lang=ko]", "all => all.map(each => each.textContent)") == ["방어용 무기"]
