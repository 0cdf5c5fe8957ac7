"""Grading on other machines: a dask.distributed cluster, as an executor of concurrent.futures.

Scheduler and workers are trusted, as this process is; students' code runs in each worker's own sandbox. A worker whose
code is not the coordinator's refuses its work, whenever it joined: its scores would not be comparable.
"""

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, ParamSpec, TypeVar

from autograder.fingerprint import Installation
from autograder.sandbox import SandboxUnavailable, open_sandbox

__all__ = ["Cluster", "ClusterError", "cluster"]

CONNECT_SECONDS = 5.0  # a scheduler that is there answers within milliseconds
WORKERS_SECONDS = 10.0  # workers that were started together with the scheduler may still be importing

P = ParamSpec("P")
T = TypeVar("T")


class ClusterError(Exception):
    """The cluster cannot be used; the message says why, and how to mend it."""


@contextmanager
def cluster(address: str, sandbox: str = "auto") -> Iterator["Cluster"]:
    """The workers behind a Dask scheduler, as an executor.

    Args:
        address: the scheduler's, for example ``"tcp://10.0.0.1:8786"``; for ``tls://``, Dask's own settings name the
            certificates (``distributed.comm.tls``).
        sandbox: what is to be opened on each worker.

    Raises:
        ClusterError: no scheduler answers there, it has no workers, a worker has other code than is installed here,
            or has no sandbox; in one sentence.
    """
    client = _connect(address)
    try:
        _check(client, address, sandbox)
        executor = Cluster(client, address)
        try:
            with _large_submissions_allowed():
                yield executor
        finally:
            executor.shutdown(wait=False)  # who leaves early does not wait for what is still to be graded
    finally:
        client.close()


class Cluster(Executor):
    """Hands work to Dask's executor, with what must be installed where it is done."""

    def __init__(self, client: Any, address: str) -> None:
        self._executor: Executor = client.get_executor(pure=False)  # an equal job is a job all the same
        self._address = address
        self._here = Installation.here()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        # Packed, so that the worker compares the code before it unpickles anything that depends on it.
        work = pickle.dumps((fn, args, kwargs))
        answer: Future[T] = Future()
        self._executor.submit(_run_checked, self._here, work).add_done_callback(partial(self._pass_on, answer))
        return answer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._executor.shutdown(wait=wait and not cancel_futures)

    def _pass_on(self, answer: Future[T], done: Future[T]) -> None:
        """A result or an error is what it is; all of Dask's futures are cancelled when it loses its scheduler."""
        if done.cancelled():
            lost = f"the Dask scheduler at {self._address} went away. Grade again: what was graded is kept."
            answer.set_exception(ClusterError(lost))
        elif (problem := done.exception()) is not None:
            answer.set_exception(problem)
        else:
            answer.set_result(done.result())


def _run_checked(expected: Installation, work: bytes) -> Any:
    """What a worker does with a piece of work."""
    differences = expected.differences(Installation.here())
    if differences:
        raise ClusterError(_mismatch(f"the worker {_own_address()}", differences))
    function, args, kwargs = pickle.loads(work)
    return function(*args, **kwargs)


def _connect(address: str) -> Any:
    try:
        import distributed
        from distributed.comm import get_address_host_port, parse_address
    except ImportError:
        raise ClusterError(
            "grading on a cluster needs dask.distributed. Install it: pip install 'cs231n-notebooks[cluster]'"
        ) from None
    # What the address itself tells is asked first: a Client that stops there takes ten seconds to be gone.
    try:
        get_address_host_port(address)
    except ValueError as problem:
        raise ClusterError(f"{address!r} is no scheduler's address: {problem}. Example: tcp://10.0.0.1:8786") from None
    security = distributed.Security()
    if parse_address(address)[0] == "tls" and security.get_connection_args("client").get("ssl_context") is None:
        raise ClusterError(
            f"{address} is encrypted, and no certificate is configured here: set distributed.comm.tls.ca-file and "
            "distributed.comm.tls.client in Dask's settings (docs/scaling.md shows how)."
        )
    try:
        return distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False, security=security)
    except OSError as problem:  # also a timeout
        raise ClusterError(
            f"no Dask scheduler answers at {address}: {problem}. Is it running (dask scheduler), and is this the "
            "address that it printed?"
        ) from problem


def _check(client: Any, address: str, sandbox: str) -> None:
    """Refuse a cluster of which a part has other code: the scheduler, too, looks into what it hands on."""
    here = Installation.here()
    try:
        answer = client.run_on_scheduler(_introduce, here, None)
    except Exception as problem:
        answer = problem
    _judge(f"the scheduler {address}", answer)
    try:
        client.wait_for_workers(1, timeout=WORKERS_SECONDS)
    except TimeoutError:
        raise ClusterError(
            f"the Dask scheduler at {address} has no workers. "
            f"Start some: dask worker {address} --nthreads 1 --nworkers N"
        ) from None
    for worker, answer in client.run(_introduce, here, sandbox, on_error="return").items():
        _judge(f"the worker {worker}", answer)


def _introduce(expected: Installation, sandbox: str | None) -> list[str]:
    """What a part of the cluster answers before there is any work: how it differs. If it does not, it has a sandbox."""
    differences = expected.differences(Installation.here())
    if not differences and sandbox:
        open_sandbox(sandbox).close()
    return differences


def _judge(who: str, answer: list[str] | Exception) -> None:
    if isinstance(answer, SandboxUnavailable):
        raise ClusterError(f"{who} has no sandbox. {answer}")
    if isinstance(answer, Exception):  # for example, that there is no module of this name
        raise ClusterError(f"{who} cannot take part. Is this project installed there? It said: {answer}")
    if answer:
        raise ClusterError(_mismatch(who, answer))


def _mismatch(who: str, differences: list[str]) -> str:
    return (
        f"{who} does not fit this coordinator: {', '.join(differences)}. "
        "Install the same versions on both, and start scheduler and workers anew."
    )


def _large_submissions_allowed() -> AbstractContextManager[Any]:
    """Dask warns of jobs above 10 MB, which it would have elsewhere; a notebook full of figures is just large."""
    import dask

    return dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"})


def _own_address() -> str:
    from distributed import get_worker

    return str(get_worker().address)
