"""Jobs in processes of their own: many at a time, and none takes the others with it.

A process that dies, or hangs in a job, costs that job alone, and another takes its
place. Each has its own CUDA context on the one card.
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import time
import traceback
from collections.abc import Callable
from multiprocessing import connection

# Of one job, the compilers included; a kernel that waits for itself never ends.
MOST_SECONDS = 120.0
# Until a process has imported what it needs: many do so at once.
MOST_SECONDS_TO_START = 240.0
# What runs when no job is begun any more may end within this time.
GRACE_SECONDS = 25.0


def _serve(pipe, evaluate: Callable, context: dict) -> None:
    """The life of a process: "ready", then a result for each job that comes."""
    import torch

    torch.set_num_threads(1)
    pipe.send("ready")
    while (job := pipe.recv()) is not None:
        try:
            pipe.send(evaluate(job, context))
        except Exception as error:
            # After an error of the card nothing in this process can be trusted.
            pipe.send({"problem": f"{type(error).__name__}: {error}", "fatal": True})
            traceback.print_exc()
            return


@dataclasses.dataclass
class _Worker:
    process: multiprocessing.process.BaseProcess
    pipe: connection.Connection
    job: int | None = None  # its number
    ready: bool = False
    since: float = dataclasses.field(default_factory=time.monotonic)

    def overdue(self) -> bool:
        if self.ready and self.job is None:
            return False
        most = MOST_SECONDS if self.ready else MOST_SECONDS_TO_START
        return time.monotonic() - self.since > most

    def end(self) -> str:
        """Ends it if it is not; how it ended."""
        self.process.join(timeout=5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()
        return f"exit code {self.process.exitcode}"


class Shards:
    """Runs ``evaluate(job, context)`` for each of ``jobs``; ``evaluate`` is a function of
    a module. ``told(number, result)`` hears of each result, ``result`` a dict with the
    key problem. ``stop``: the time.monotonic() after which no job is begun."""

    def __init__(self, evaluate, context: dict, jobs: list, workers: int, told, stop: float):
        self._spawn = multiprocessing.get_context("spawn")
        self._evaluate, self._context = evaluate, context
        self._jobs, self._told, self._stop = jobs, told, stop
        self._next = 0
        # Where processes die at once, whatever they run, more of them are no help.
        self._spare = 8 + len(jobs) // 10
        self._leaving: list[_Worker] = []
        self._workers = [self._start() for _ in range(min(workers, len(jobs)))]

    def _start(self) -> _Worker:
        ours, theirs = self._spawn.Pipe()
        process = self._spawn.Process(
            target=_serve, args=(theirs, self._evaluate, self._context), daemon=True
        )
        process.start()
        theirs.close()  # so that the end of the process ends the pipe
        return _Worker(process, ours)

    def _give(self, worker: _Worker) -> None:
        """The next job, or the message that there is none."""
        worker.job, worker.since = None, time.monotonic()
        if self._next < len(self._jobs) and time.monotonic() < self._stop:
            worker.job = self._next
            self._next += 1
            worker.pipe.send(self._jobs[worker.job])
        else:
            worker.pipe.send(None)
            self._workers.remove(worker)
            self._leaving.append(worker)

    def _lose(self, worker: _Worker, why: str) -> None:
        ending = worker.end()
        if worker.job is not None:
            self._told(worker.job, {"problem": f"its process {why} ({ending})"})
        elif not worker.ready:
            print(f"a process {why} before its first job ({ending})", flush=True)
        self._workers.remove(worker)
        left = self._next < len(self._jobs) and time.monotonic() < self._stop
        # Processes that do not even begin will not do so the next time, either.
        self._spare = self._spare - 1 if worker.ready else self._spare // 2
        if left and self._spare > 0:
            self._workers.append(self._start())

    def _hear(self, worker: _Worker) -> None:
        try:
            message = worker.pipe.recv()
            if message == "ready":
                worker.ready = True
            else:
                number, worker.job = worker.job, None
                self._told(number, message)
                if message.get("fatal"):
                    return self._lose(worker, "gave up")
            self._give(worker)
        except (EOFError, OSError):  # of recv: it died; of send: it died since
            self._lose(worker, "died")

    def run(self) -> int:
        """Returns how many jobs were begun; each of them has been told of."""
        while self._workers:
            pipes = {worker.pipe: worker for worker in self._workers}
            for pipe in connection.wait(list(pipes), timeout=1.0):
                self._hear(pipes[pipe])
            late = time.monotonic() > self._stop + GRACE_SECONDS
            for worker in [w for w in self._workers if late or w.overdue()]:
                worker.process.kill()
                self._lose(worker, "took too long")
        for worker in self._leaving:
            worker.end()
        return self._next
