"""The lesson page on a server: the page of `phased page`, with the engine behind its sliders."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim import __version__
from sim.errors import BadUsage
from sim.library import Library
from sim.serve.bench import Bench, Fixed, bench_of
from sim.serve.desk import Desk
from sim.serve.settings import Question, Range, question, who
from sim.serve.shield import json_of, shielded
from sim.workshop import content
from sim.workshop.html import SERVED, libraries, script, served_page
from sim.workshop.own import form
from sim.workshop.pack import Packer
from sim.workshop.sliders import Asked
from sim.workshop.specs import specs
from sim.workshop.words import framing, tables, title, titled

MOST_RUNS = 5_000
"""Of a setting: a world of these is some tens of megabytes, and takes a third of a second to step."""
MOST_DAYS = 3_660
CSP = f"default-src 'none'; {SERVED}; frame-ancestors 'none'"
_FOREVER = "public, max-age=31536000, immutable"
"""For what bears its own hash in its address."""


def lesson_app(
    scenarios: Sequence[str],
    policies: Sequence[str],
    *,
    wanted: Sequence[Asked] = (),
    runs: int = 1_000,
    seed: int = 1,
    heading: str | None = None,
    command: str,
    workers: int = 1,
    library: Library | None = None,
) -> Starlette:
    """The app. Raises BadInput with the mistakes of all files, BadUsage, or MissingExtra."""
    if not 1 <= runs <= MOST_RUNS:
        raise BadUsage(f"--runs must be from 1 to {MOST_RUNS:,} on a server, got {runs:,}")
    library = library or Fixed()
    drawn = specs()  # first, since it needs an extra
    bench = bench_of(scenarios, policies, wanted, library=library, seed=seed, runs=runs)
    _bounded(bench)
    told = {**_told(bench), "specs": drawn, "about": _about(bench, command)}
    app = _Page(bench, {**told, "title": heading or titled(bench.rows).title}, workers).app
    app.state.pairs = [pair for row in bench.rows for pair in row]
    return app


def _bounded(bench: Bench) -> None:
    for row in bench.rows:
        if (days := int(row[0].scenario.spec.days.fixed or 0)) > MOST_DAYS:
            raise BadUsage(f"{row[0].scenario.spec.name} lasts {days:,} days; a server takes {MOST_DAYS:,}: use phased page")


class _Page:
    """What the app answers: the page, its two scripts, and two kinds of question."""

    def __init__(self, bench: Bench, told: dict[str, Any], workers: int) -> None:
        self._bench = bench
        self._pool = ThreadPoolExecutor(workers, "engine")
        self._desk = Desk(self._pool, workers)
        packer = Packer(1)
        first = [row[0] for row in bench.rows]
        told["form"] = form(
            first, content.first_numbers([each.slider for each in bench.ladders[0]]), bench.seed, bench.library, packer
        )
        scripts = {_named("vega", libraries()): libraries(), _named("page", script("server")): script("server")}
        page = served_page(told, packer.packed(), list(scripts))
        routes = [
            Route("/", _file(page, "text/html; charset=utf-8", "no-store")),
            *(
                Route(f"/{name}", _file(each.encode(), "text/javascript; charset=utf-8", _FOREVER))
                for name, each in scripts.items()
            ),
            Route("/outcome", self._asked(bench.outcome, with_policy=True), methods=["POST"]),
            Route("/seen", self._asked(bench.seen, with_policy=False), methods=["POST"]),
        ]
        self.app = shielded(routes, body=8 * 1024, csp=CSP, lifespan=self._lifespan)
        self.app.state.desk = self._desk

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        yield
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _asked(self, work: Callable[[Question], bytes], *, with_policy: bool) -> Callable[[Request], Awaitable[Response]]:
        bench, kind = self._bench, work.__name__

        async def answer(request: Request) -> Response:
            told = await json_of(request)
            asked, (page, number) = question(told, bench.worlds, bench.ladders), who(told)
            if (asked.policy is None) == (with_policy or bench.reactive[asked.scenario]):
                raise BadUsage("policy: must be given where the answer hangs on it, and only there")
            client = request.client.host if request.client else ""
            found = await self._desk.answer(f"{kind}{asked.key}", lambda: work(asked), f"{client} {page}", number)
            return Response(found, media_type="application/json")

        return answer


def _named(name: str, text: str) -> str:
    """The address of a script, which changes with its text."""
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.js"


def _file(file: bytes, kind: str, kept: str) -> Callable[[Request], Awaitable[Response]]:
    """Always the same, compressed once."""
    small = gzip.compress(file, 6, mtime=0)

    async def answer(request: Request) -> Response:
        zipped = "gzip" in request.headers.get("accept-encoding", "")
        headers = {"Cache-Control": kept, "Vary": "Accept-Encoding", **({"Content-Encoding": "gzip"} if zipped else {})}
        return Response(small if zipped else file, headers=headers, media_type=kind)

    return answer


# What the page is told -----------------------------------------------------------------------------------------------------


def _told(bench: Bench) -> dict[str, Any]:
    return {
        "version": __version__,
        "seed": bench.seed,
        "runs": bench.runs,
        "framing": [framing(bench.rows)],
        "languages": tables(bench.rows, titled(bench.rows)),
        "phases": content.upper(bench.rows[0]),
        "scenarios": [_scenario(bench, index) for index in range(len(bench.rows))],
        "policies": [
            {**content.policy(pair, typed, [each.slider for each in sliders]), "sliders": [*map(_range, sliders)]}
            for pair, typed, sliders in zip(bench.rows[0], bench.policies, bench.ladders, strict=True)
        ],
    }


def _scenario(bench: Bench, index: int) -> dict[str, Any]:
    spec, read, reactive = bench.rows[index][0].scenario.spec, bench.read[index], bench.reactive[index]
    return {
        "typed": bench.scenarios[index],
        **title(spec),
        "start": spec.start.isoformat(),
        "days": int(spec.days.fixed or 0),
        "reactive": reactive,
        "sliders": [*map(_range, bench.worlds[index])],
        "signposts": {name: {"unit": unit} for name, unit in read.items()},
        "choices": [[name, side] for name in read for side in ("AB" if reactive else "A")],
        "pairs": [_pair(bench, index, policy) for policy in range(len(bench.policies))],
    }


def _pair(bench: Bench, scenario: int, policy: int) -> dict[str, Any]:
    model = bench.models[scenario][policy]
    fixed = model.single_path and not bench.worlds[scenario] and not bench.ladders[policy]
    return {"runs": 1 if fixed else bench.runs}


def _range(each: Range) -> dict[str, Any]:
    return {**content.told_of(each.slider), "low": each.low, "high": each.high, "step": each.step, "whole": each.whole}


def _about(bench: Bench, command: str) -> list[str]:
    return [
        f"Every move asks phased {__version__} on the machine that serves this page: {bench.runs:,} runs of each setting, seed "
        f"{bench.seed}. All settings meet the same draws. A pair in which nothing is uncertain is one path.",
        content.SHARES,
        "The page asks this server alone, and the server keeps nothing of who asked what. Served by:",
        command,
    ]
