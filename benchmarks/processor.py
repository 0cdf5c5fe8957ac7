"""The processor's time, which a busy machine does not stretch as it does the time by the clock."""

import psutil

__all__ = ["seconds_below"]


def seconds_below() -> float:
    """Processor seconds of the processes below this one; a sandbox's server has waited for the jobs that are over."""
    return sum(sum(process.cpu_times()[:4]) for process in psutil.Process().children(recursive=True))
