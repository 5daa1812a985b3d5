from __future__ import annotations

from pathlib import Path

import pytest

from tests.workshop.made import FOUNDING, Page, made


@pytest.fixture(scope="session")
def founding(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """A small lesson of the founding case."""
    return made(tmp_path_factory.mktemp("lesson"), **FOUNDING)


@pytest.fixture(scope="session")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """A lesson in whose world the other side answers to the policy."""
    sliders = ("wait=transitions.arm_defensively.confirm:1:29:14", "push=reactions.provoked.push.deployment_level:0:0.024:0.012")
    return made(
        tmp_path_factory.mktemp("answering"),
        scenarios=("reciprocity-provoking-uncertain",),
        policies=("phased-approach",),
        sliders=sliders,
        runs=60,
    )


@pytest.fixture
def hostile(tmp_path: Path) -> Page:
    """A lesson whose files try to be more than text."""
    return made(tmp_path, **written(tmp_path))


EVIL = "</script><script>window.evil=1</script><img src=x onerror=window.evil=1>{{data}} \" ' & \\u2028"


def written(folder: Path) -> dict[str, object]:
    """A policy and a scenario with hostile titles and labels, and a Korean one."""
    text = EVIL.replace("'", "''")
    (folder / "policy.yaml").write_text(
        f"""kind: policy
name: policy
title: '{text}'
reads: {{constructor: {{unit: '{text}', range: [0, 4]}}}}
phases: {{low: {{label: '{text}'}}, high: {{label: 방어용 무기}}}}
thresholds: {{__proto__: {{value: 3, unit: '{text}', grade: assumed, note: '{text}'}}}}
transitions: {{up: {{from: low, to: high, when: constructor >= __proto__}}}}
""",
        "utf-8",
    )
    (folder / "scenario.yaml").write_text(
        f"""kind: scenario
name: scenario
title: '{text}'
start: 2024-10-24
days: 20
variables: {{constructor: {{unit: '{text}', path: {{day 0: 2, day 5: 3}}}}}}
""",
        "utf-8",
    )
    return {
        "scenarios": (str(folder / "scenario.yaml"),),
        "policies": (str(folder / "policy.yaml"),),
        "sliders": (f"{EVIL.replace('=', '')}=transitions.up.confirm:1:3:1", "x=thresholds.__proto__:2:4:1"),
        "runs": 10,
        "title": EVIL,
    }
