"""A real Dask scheduler with real workers, as processes on loopback: workers come, go and are wrong, the bytes are the same."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

import sim.ensemble
import sim.work.cluster
from sim.ensemble import Job, Part
from sim.errors import BadUsage, MissingExtra, WorkFailed
from sim.work import How, parts
from sim.work.store import packed
from tests.cli.shell import contents, environment, phased
from tests.work.made import BLOCK, RUNS, SCENARIO, SMALL, alone, command, finished, job, started, until

if find_spec("distributed") is None and not os.environ.get("CI"):
    pytest.skip("the extra `cluster` is not installed", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("default")  # what Dask and tornado warn of is theirs

MANY = 30 * BLOCK


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sim.ensemble, "BLOCK", BLOCK)
    return tmp_path


class Dask:
    """A scheduler, and workers of which each is a process group."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder, self._settings = folder, settings
        self.processes: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.json"
        words = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
        self.scheduler = self._started(*words)
        until(lambda: file.exists() and file.read_text().rstrip().endswith("}"))
        self.address: str = json.loads(file.read_text())["address"]

    def worker(self, *words: str, **env: str) -> subprocess.Popen[bytes]:
        return self._started("worker", self.address, "--nthreads", "1", "--no-dashboard", *(words or ("--no-nanny",)), **env)

    def _started(self, *words: str, **env: str) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                cwd=self._folder,
                env=environment(DASK_TEMPORARY_DIRECTORY=str(self._folder), **self._settings) | env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def wait_for(self, workers: int) -> None:
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)


def kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def dask(folder: Path, workers: int = 1, **settings: str) -> Iterator[Dask]:
    folder.mkdir(exist_ok=True)
    found = Dask(folder, **settings)
    try:
        for _ in range(workers):
            found.worker()
        if workers:
            found.wait_for(workers)
        yield found
    finally:
        for process in reversed(found.processes):
            kill(process)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """Two workers that no test harms."""
    with dask(tmp_path_factory.mktemp("dask"), workers=2) as found:
        yield found


def on(cluster: Dask, whole: Job, runs: int, after: dict[int, Callable[[], object]] | None = None) -> list[bytes]:
    """The parts that a cluster gives, where something happens after some numbers of blocks."""
    count = 0

    def progress(_: float) -> None:
        nonlocal count
        count += 1
        if after and count in after:
            after[count]()

    return list(map(packed, parts(whole, runs, How(cluster=cluster.address), progress)))


def here(whole: Job, runs: int) -> list[bytes]:
    return list(map(packed, alone(whole, runs)))


# The same bytes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("run", SCENARIO),
        ("compare", SCENARIO, "withdrawal", "--policy", "phased-approach", "--policy", "restrained"),
    ],
    ids=lambda words: words[0],
)
def test_the_same_files_as_on_one_machine_and_a_quiet_stderr(words: tuple[str, ...], two: Dask, small: Path) -> None:
    phased(*words, "--runs", RUNS, *SMALL, "--workers", 1, "--out", "here")
    done = finished(command(*words, "--runs", RUNS, *SMALL, "--cluster", two.address, "--out", "there"), small)
    assert done.returncode == 0, done.stderr
    assert contents(small / "there") == contents(small / "here")
    assert done.stderr.startswith("Wrote there/: ")
    assert len(done.stderr.splitlines()) == 1


def test_with_rows_and_kept_blocks_too(two: Dask, small: Path) -> None:
    whole = job(table=True)
    with closing(parts(whole, RUNS, How(cluster=two.address, unfinished=small / "kept"))) as found:
        first = [packed(next(found)) for _ in range(4)]
    rest = list(map(packed, parts(whole, RUNS, How(cluster=two.address, unfinished=small / "kept"))))
    assert rest == here(whole, RUNS)
    assert rest[:4] == first


def test_inside_the_loop_of_a_notebook(two: Dask) -> None:
    async def cell() -> list[bytes]:
        return on(two, job(), RUNS)

    with ThreadPoolExecutor(1) as notebook:  # a thread of its own, since a browser of other tests may hold a loop in this one
        assert notebook.submit(asyncio.run, cell()).result() == here(job(), RUNS)


# Workers that come and go --------------------------------------------------------------------------------------------------


def test_losing_workers_loses_nothing_and_late_ones_are_used(small: Path) -> None:
    """One of two is killed half way, then the other, and what is left is done by one that comes then, with two threads."""
    with dask(small / "dask", workers=2) as cluster:
        one, other = cluster.processes[1:]
        late: list[subprocess.Popen[bytes]] = []
        events = {
            8: lambda: kill(one),
            16: lambda: (kill(other), late.append(cluster.worker("--no-nanny", "--nthreads", "2"))),
        }
        assert on(cluster, job(), MANY, events) == here(job(), MANY)
        assert len(late) == 1


def test_a_command_whose_worker_is_killed_ends_with_the_same_bytes(small: Path) -> None:
    words = ("run", SCENARIO, *SMALL, "--runs", 4 * MANY)
    phased(*words, "--workers", 2, "--out", "here")
    with dask(small / "dask", workers=2) as cluster:
        with started(command(*words, "--cluster", cluster.address, "--resume", "--out", "there"), small) as run:
            kept = small / "there.unfinished" / "blocks.sqlite"
            until(lambda: run.poll() is not None or (kept.exists() and kept.stat().st_size > 40_000))
            assert run.poll() is None
            kill(cluster.processes[1])
            _, stderr = run.communicate(timeout=120)
        assert (run.returncode, len(stderr.splitlines())) == (0, 1), stderr
    assert contents(small / "there") == contents(small / "here")
    assert not kept.parent.exists()


def test_a_cluster_without_workers_is_given_up_after_a_while(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.work.cluster, "_PATIENCE", 1)
    monkeypatch.setattr(sim.work.cluster, "_GLANCE", 0.2)
    with dask(small / "dask", workers=0) as cluster, pytest.raises(WorkFailed, match="has had no worker for 1 seconds"):
        on(cluster, job(), RUNS)


def test_an_interrupt_ends_the_wait_for_workers(small: Path) -> None:
    with dask(small / "dask", workers=0) as cluster:
        words = ("run", SCENARIO, *SMALL, "--runs", RUNS, "--cluster", cluster.address, "--out", "out")
        with started(command(*words), small) as run:
            log = small / "dask" / "log"
            until(lambda: "Receive client connection" in log.read_text())
            time.sleep(0.5)
            begin = time.monotonic()
            os.killpg(run.pid, signal.SIGINT)
            _, stderr = run.communicate(timeout=60)
            assert time.monotonic() - begin < 5
    assert (run.returncode, stderr.strip()) == (1, "Aborted!")
    assert not (small / "out").exists()


def test_a_scheduler_that_dies_is_told(small: Path) -> None:
    with dask(small / "dask") as cluster:
        told = f"lost the Dask scheduler at {cluster.address}$"
        with pytest.raises(WorkFailed, match=told):
            on(cluster, job(), MANY, {3: lambda: kill(cluster.scheduler)})


def test_a_block_that_kills_its_workers_is_told(small: Path) -> None:
    env = path_with(small / "deadly", "import os, sim.ensemble\nsim.ensemble.compute = lambda *_, **__: os._exit(1)")
    with dask(small / "dask", workers=0, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as cluster:
        for _ in range(2):
            cluster.worker(**env)
        cluster.wait_for(2)
        with pytest.raises(WorkFailed, match="workers died of one block again and again, perhaps for want of memory"):
            on(cluster, job(), RUNS)


# Workers that are wrong ----------------------------------------------------------------------------------------------------


def path_with(folder: Path, code: str) -> dict[str, str]:
    """Makes Python run some code when it starts."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(code)
    return {"PYTHONPATH": os.pathsep.join([str(folder), environment()["PYTHONPATH"]])}


def test_other_versions_are_told_before_the_first_block(small: Path) -> None:
    with dask(small / "dask") as cluster:
        cluster.worker(**path_with(small / "older", "import numpy; numpy.__version__ = '2.0.0'"))
        cluster.worker(**path_with(small / "none", "import sys; sys.modules['sim'] = None"))
        cluster.wait_for(3)
        done = finished(command("run", SCENARIO, "--runs", RUNS, "--cluster", cluster.address, "--out", "out"), small)
    first, *rest = done.stderr.splitlines()
    assert done.returncode == 1
    assert first == f"phased: the cluster at {cluster.address} would not compute the same as this machine:"
    assert len(rest) == 2
    assert any(": numpy 2.0.0 instead of " in line for line in rest)
    assert any(": cannot load phased (" in line for line in rest)


def test_a_late_worker_with_another_version_is_told(small: Path) -> None:
    env = path_with(small / "older", "import numpy; numpy.__version__ = '2.0.0'")
    with dask(small / "dask") as cluster:
        late = {3: lambda: (kill(cluster.processes[1]), cluster.worker(**env))}
        with pytest.raises(WorkFailed, match=r"a worker has numpy 2\.0\.0 instead of .*; it would not compute the same"):
            on(cluster, job(), MANY, late)


def test_a_scheduler_without_phased_is_told(small: Path) -> None:
    env = path_with(small / "none", "import sys; sys.modules['sim'] = None")
    with dask(small / "dask", workers=0, **env) as cluster, pytest.raises(WorkFailed, match="the scheduler: cannot load phased"):
        on(cluster, job(), RUNS)


# No cluster at all ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["", "nonsense", "tcp://", "tcp://127.0.0.1", "8786", "foo://127.0.0.1:8786"])
def test_what_is_no_address_is_told(address: str, small: Path) -> None:
    done = phased("run", SCENARIO, "--cluster", address, "--out", "out", code=2)
    assert done.stderr == f"phased: --cluster takes an address such as tcp://host:8786, got {address!r}\n"
    assert not (small / "out").exists()


@contextmanager
def listening(answer: bytes | None) -> Iterator[str]:
    """Somebody who is no scheduler: says the same to everyone, or nothing ever."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        if answer is None:
            yield address  # the kernel takes the connection, and that is all
            return
        code = f"import socket, sys\ns = socket.socket(fileno={server.fileno()})\n"
        code += f"while True:\n    c = s.accept()[0]; c.sendall({answer!r}); c.close()"
        process = subprocess.Popen([sys.executable, "-c", code], pass_fds=[server.fileno()], start_new_session=True)
        try:
            yield address
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize("answer", [None, b"SSH-2.0-OpenSSH_9.2\r\n", b""], ids=["silence", "another service", "a closed door"])
def test_somebody_else_who_listens_there_is_told(answer: bytes | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.work.cluster, "_CONNECT", 2)
    with listening(answer) as address, pytest.raises(WorkFailed, match=f"no Dask scheduler answer(s|ed) at {address}"):
        list(parts(job(), RUNS, How(cluster=address)))


def test_nobody_is_told_in_time(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    assert sim.work.cluster._CONNECT == 10
    monkeypatch.setattr(sim.work.cluster, "_CONNECT", 1)
    done = phased("run", SCENARIO, *SMALL, "--cluster", address, "--out", "out", code=1)
    assert done.stderr == f"phased: no Dask scheduler answered at {address} within 1 seconds\n"
    assert not (small / "out").exists()


def test_a_worker_is_no_scheduler(two: Dask) -> None:
    from distributed import Client

    with Client(two.address, set_as_default=False) as client:
        address = next(iter(client.nthreads()))
    with pytest.raises(WorkFailed, match=r"but a Worker$"):
        list(parts(job(), RUNS, How(cluster=address)))


def test_a_missing_extra_is_told_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match=r"pip install 'phased\[cluster\]'"):
        list(parts(job(), RUNS, How(cluster="tcp://127.0.0.1:8786")))


def test_trajectories_need_a_disk_that_is_shared(small: Path) -> None:
    with pytest.raises(BadUsage, match="leave out --cluster"):
        list(parts(job(), RUNS, How(cluster="tcp://127.0.0.1:8786", trajectories=small)))


def test_a_part_that_fails_on_a_cluster_is_told_here(two: Dask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.work.task.Task, "elsewhere", property(lambda _: refuse))
    with pytest.raises(WorkFailed, match="not today"):
        list(parts(job(), RUNS, How(cluster=two.address)))


def refuse(_: range) -> Part | WorkFailed:
    return WorkFailed("not today")
