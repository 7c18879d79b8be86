"""Time, clocks and names of the machine: what `bench/speed.py` and its rivals share."""

from __future__ import annotations

import contextlib
import importlib.metadata
import signal
import statistics
import subprocess
import threading
import time

import torch


def milliseconds(function, repeats: int) -> float:
    """Mean over ``repeats`` back-to-back calls, by events on the stream."""
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    for _ in range(repeats):
        function()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end) / repeats


def host_microseconds(function, calls: int, batches: int = 5) -> float:
    """Time of enqueueing one call; the best batch, each begun on an idle card."""
    best = float("inf")
    for _ in range(batches):
        torch.cuda.synchronize()
        begin = time.perf_counter()
        for _ in range(calls):
            function()
        best = min(best, (time.perf_counter() - begin) / calls)
    torch.cuda.synchronize()
    return 1e6 * best


def captured(function):
    """``function`` as a graph's replay, which costs the host next to nothing."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        function()
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        function()
    return graph.replay


def short(error: BaseException) -> str:
    """An exception in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:240]}"


@contextlib.contextmanager
def at_most(seconds: float):
    """Raises TimeoutError in the body after ``seconds``; compilers of rivals may hang."""

    def stop(*_):
        raise TimeoutError(f"expected to end within {seconds:.0f} s, but did not")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.1))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def card_state(index: int) -> dict:
    """Driver, power limit and clocks as nvidia-smi says them; empty without it."""
    fields = ("driver_version", "power.limit", "clocks.max.sm", "clocks.max.mem", "clocks.sm",
              "clocks.mem", "temperature.gpu")  # fmt: skip
    command = ["nvidia-smi", f"--id={index}", f"--query-gpu={','.join(fields)}"]
    try:
        answer = subprocess.run(
            [*command, "--format=csv,noheader"], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    values = [value.strip() for value in answer.stdout.strip().split(",")]
    return dict(zip(fields, values)) if len(values) == len(fields) else {}


class Clocks:
    """Clock and power while the card was busy, sampled by nvidia-smi in the background."""

    def __init__(self, index: int):
        self._busy: list[tuple[float, float]] = []
        self._process = None
        fields = "clocks.sm,power.draw,utilization.gpu"
        command = ["nvidia-smi", f"--id={index}", f"--query-gpu={fields}", "-lms", "500"]
        with contextlib.suppress(OSError):
            self._process = subprocess.Popen(
                [*command, "--format=csv,noheader,nounits"],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._process.stdout:
            with contextlib.suppress(ValueError):
                clock, power, used = (float(part) for part in line.split(","))
                if used > 50:
                    self._busy.append((clock, power))

    def end(self) -> dict:
        """Medians of the samples of a busy card; empty if there are none."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        if not self._busy:
            return {}
        clocks, powers = zip(*self._busy)
        return {
            "samples": len(self._busy), "sm_mhz": statistics.median(clocks),
            "sm_mhz_least": min(clocks), "watts": statistics.median(powers),
        }  # fmt: skip
