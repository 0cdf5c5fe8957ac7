"""Files from the net: a download that goes on where it broke off, is checked, and fails with a plain message."""

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = ["DownloadFailed", "ResumableDownloader", "download"]

CHUNK = 2**16  # bytes: what is lost at most when the connection breaks
TIMEOUT = (10, 30)  # seconds: to be connected, and between two pieces of the answer


class DownloadFailed(OSError):
    """A file could not be had. The message says what was tried, why it failed, and what to do by hand."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows this in place of a traceback, which would show the insides of a network library."""
        return [str(self)]


class ResumableDownloader:
    """A downloader for pooch that keeps what has come, and asks the server for the rest only (HTTP Range, RFC 9110).

    As long as each connection brings something new, the next one is made at once. The checksum is pooch's business.

    Args:
        part: the file that collects what has come. It stays when the download breaks off, for the next call.
        progress: whether to show a progress bar.

    Attributes:
        resumed: whether something was put behind what was there already. If the checksum is wrong then, the beginning
            may be another file's, and it is worth while to start from zero.
    """

    def __init__(self, part: Path, progress: bool = True) -> None:
        self.part = part
        self.progress = progress
        self.resumed = False

    def __call__(self, url: str, output_file: str, pooch: Any = None) -> None:
        """Download url to output_file, as pooch asks for it.

        Raises:
            requests.RequestException: no connection, a refusal, or a connection that brought nothing new.
            OSError: the file cannot be written.
        """
        import requests  # here, because most notebooks never need it

        while True:
            before = self._size()
            try:
                self._get(url)
                break
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
                if self._size() <= before:
                    raise
        os.replace(self.part, output_file)

    def _size(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _get(self, url: str) -> None:
        """One request: for all, or for what is missing."""
        import requests

        done = self._size()
        headers = {"Accept-Encoding": "identity"}  # offsets count the file's own bytes
        if done:
            headers["Range"] = f"bytes={done}-"
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
            content_range = response.headers.get("Content-Range", "")
            if done and response.status_code == 416 and content_range == f"bytes */{done}":
                self.resumed = True
                return  # nothing is missing: interrupted between the last byte and the checksum
            fits = response.status_code == 206 and re.match(rf"bytes {done}-", content_range)
            if not done or fits:
                response.raise_for_status()
                self._write(response, done)
                return
            if response.status_code not in (206, 416):
                response.raise_for_status()
                self._write(response, 0)  # the whole file: this server does not know about ranges
                return
        self.part.unlink()  # it is longer than the file, or the server sent some other range
        self._get(url)

    def _write(self, response: Any, done: int) -> None:
        """Put the answer behind the first `done` bytes of the part."""
        import requests
        from tqdm import tqdm
        from urllib3.exceptions import HTTPError

        self.resumed = self.resumed or done > 0
        length = response.headers.get("Content-Length", "")
        total = done + int(length) if length.isdecimal() else None
        bar: dict[str, Any] = {"desc": self.part.stem, "total": total, "initial": done, "unit": "B", "unit_scale": True}
        if not self.progress:  # said only then: a given `disable` would overrule the environment
            bar["disable"] = True
        with self.part.open("ab" if done else "wb") as file, tqdm(leave=False, dynamic_ncols=True, **bar) as shown:
            try:
                # Not decoded: a server may call a .gz file "encoded" though it is meant to stay as it is.
                for chunk in response.raw.stream(CHUNK, decode_content=False):
                    if self._size() != done:
                        raise OSError(f"another program is writing {self.part} (another notebook?): let it finish")
                    file.write(chunk)
                    file.flush()
                    done += len(chunk)
                    shown.update(len(chunk))
            except HTTPError as problem:
                raise requests.exceptions.ChunkedEncodingError(str(problem)) from problem
        if total is not None and done < total:
            raise requests.exceptions.ChunkedEncodingError(f"{done} of {total} bytes")


def download(url: str, folder: Path, checksum: str, progress: bool = True) -> Path:
    """The file at url, from the folder if it is there already, also if it was put there by hand.

    Args:
        url: of the file; its last part is the file's name.
        folder: where the file is kept; made if it is missing.
        checksum: 'md5:…' or 'sha256:…', in hexadecimal digits.
        progress: whether to show a progress bar.

    Returns:
        Where the file is. Its checksum is right.

    Raises:
        DownloadFailed: with what has come so far kept beside the file, in a name that ends in '.part'.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     characters = Path(folder, "answer.txt").write_text("42")
    ...     path = download("https://example.org/answer.txt", Path(folder), "md5:a1d0c6e83f027327d8461063f4ac58a6")
    ...     path.read_text()
    '42'
    """
    import pooch

    path = folder / Path(urlsplit(url).path).name
    part = path.with_name(f"{path.name}.part")
    try:
        for _ in range(2):
            downloader = ResumableDownloader(part, progress)
            try:
                return Path(pooch.retrieve(url, checksum, fname=path.name, path=folder, downloader=downloader))
            except ValueError as problem:
                if isinstance(problem, OSError):  # such as requests' InvalidURL, which is both
                    raise
                reason = f"what came is not the file: its checksum is not {checksum}. It was deleted."
            if not downloader.resumed:
                break
    except OSError as problem:
        reason = _reason(problem, url)
    raise DownloadFailed(_message(url, path, part, checksum, reason))


def _reason(problem: OSError, url: str) -> str:
    """Why, in a student's words: a network library's own are about sockets and pools."""
    from requests import exceptions as known

    host = urlsplit(url).netloc
    match problem:
        case known.HTTPError(response=answer) if answer is not None:
            return f"{host} answered {answer.status_code} {answer.reason}"
        case known.SSLError():
            return f"{host} could not prove who it is (a certificate): is the computer's clock right?"
        case known.Timeout():
            return f"{host} did not answer in time"
        case known.ChunkedEncodingError():
            return f"the connection to {host} broke off"
        case known.ConnectionError():
            return f"no connection to {host}: is this computer online?"
    return problem.strerror or str(problem)


def _message(url: str, path: Path, part: Path, checksum: str, reason: str) -> str:
    lines = [
        f"{path.name} could not be downloaded.",
        f"  tried    {url}",
        f"  reason   {reason}",
    ]
    if part.exists():
        lines.append(f"  so far   {part.stat().st_size / 1e6:.1f} MB are here: call again, and it goes on from there")
    lines.append(f"  by hand  save that file, not unpacked, as {path}")
    if path.exists():
        lines.append(f"           (the file that is there now is another one: its checksum is not {checksum})")
    return "\n".join(lines)
