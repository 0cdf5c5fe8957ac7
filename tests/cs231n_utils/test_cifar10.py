"""CIFAR-10 from a server on the loopback address: whole, broken off, resumed, refused, wrong; unpacking and drawing."""

import hashlib
import io
import os
import tarfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from cs231n_utils import cifar10
from cs231n_utils.cifar10 import CLASS_NAMES, RECORD, TEST_FILE, TRAIN_FILES, decode_records, load_cifar10
from cs231n_utils.data import subsample
from cs231n_utils.download import DownloadFailed, download

PER_FILE = 30  # images; random, so that the archive is about as large as its content: 553 kB


def make_archive(files):
    """A .tar.gz of files, a dictionary of names and contents."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def md5(content):
    return f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"


@pytest.fixture(scope="module")
def records():
    """What each of the six files holds, of shape (PER_FILE, RECORD)."""
    rng = np.random.default_rng(0)
    made = {}
    for name in (*TRAIN_FILES, TEST_FILE):
        made[name] = rng.integers(0, 256, (PER_FILE, RECORD), dtype=np.uint8)
        made[name][:, 0] = np.arange(PER_FILE) % 10
    return made


@pytest.fixture(scope="module")
def files(records):
    """As in the real archive, with what it holds besides."""
    text = "\n".join([*CLASS_NAMES, "", ""]).encode()
    named = {f"cifar-10-batches-bin/{name}": content.tobytes() for name, content in records.items()}
    return {"cifar-10-batches-bin/batches.meta.txt": text, "cifar-10-batches-bin/readme.html": b"<html>", **named}


@pytest.fixture(scope="module")
def archive(files):
    return make_archive(files)


@dataclass
class Site:
    """What the server has, how it behaves, and what it was asked for."""

    content: bytes
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)  # the next answers end after so many bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str | None] = field(default_factory=list)  # the Range of each request
    sent: int = 0
    url: str = ""

    def answer(self, handler):
        wanted = handler.headers.get("Range")
        self.asked.append(wanted)
        if self.status != 200:
            handler.send_error(self.status)
            return
        size, start, headers = len(self.content), 0, {}
        if wanted and self.ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            handler.send_response(206 if start < size else 416)
            place = f"{start}-{size - 1}" if start < size else "*"
            headers["Content-Range"] = f"bytes {place}/{size}"
        else:
            handler.send_response(200)
        body = self.content[start:]
        for name, value in (headers | {"Content-Length": str(len(body))} | self.headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        if self.cuts:
            body = body[: self.cuts.pop(0)]
        self.sent += len(body)
        handler.wfile.write(body)


@pytest.fixture
def site(archive, monkeypatch):
    """A server that has the archive, whose checksum is the one that load_cifar10 expects."""
    site = Site(archive)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            site.answer(self)

        def log_message(self, *args):
            pass

    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setattr(cifar10, "CHECKSUM", md5(archive))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        site.url = f"http://127.0.0.1:{server.server_port}/~kriz/cifar-10-binary.tar.gz"
        yield site
        server.shutdown()
        thread.join()


@pytest.fixture
def load(site, tmp_path):
    """load_cifar10 from that server, into a folder of its own."""

    def load(num_train=100, num_val=50, num_test=PER_FILE, **keywords):
        keywords = {"folder": tmp_path / "cache", "url": site.url, "progress": False} | keywords
        return load_cifar10(num_train, num_val, num_test, **keywords)

    load.folder = tmp_path / "cache"
    load.archive = load.folder / "cifar-10-binary.tar.gz"
    load.part = load.folder / "cifar-10-binary.tar.gz.part"
    return load


def bytes_of(data, part):
    """Labels and pixels as they stood in the files, to compare sets of images."""
    X = np.rint(data[f"X_{part}"] * 255).astype(np.uint8).reshape(-1, RECORD - 1)
    return {bytes([label]) + x.tobytes() for label, x in zip(data[f"y_{part}"], X, strict=True)}


# --- what is returned ---


def test_whole_download_is_what_the_files_hold(load, site, records):
    data = load()
    assert {name: values.shape for name, values in data.items()} == {
        "X_train": (100, 3, 32, 32),
        "y_train": (100,),
        "X_val": (50, 3, 32, 32),
        "y_val": (50,),
        "X_test": (PER_FILE, 3, 32, 32),
        "y_test": (PER_FILE,),
        "class_names": (10,),
    }
    assert data["X_train"].dtype == np.float64
    assert (data["X_train"].min(), data["X_train"].max()) == (0, 1)
    assert data["class_names"][6] == "frog"
    train = {row.tobytes() for name in TRAIN_FILES for row in records[name]}
    assert bytes_of(data, "train") | bytes_of(data, "val") == train  # all 150, so none is in both
    assert bytes_of(data, "test") == {row.tobytes() for row in records[TEST_FILE]}
    assert site.asked == [None]
    assert sorted(path.name for path in load.folder.iterdir()) == ["cifar-10-batches-bin", "cifar-10-binary.tar.gz"]
    assert sorted(path.name for path in (load.folder / "cifar-10-batches-bin").iterdir()) == sorted(records)


def test_planes_are_red_green_blue_and_rows_run_along_the_width():
    record = bytes([3]) + bytes([1] * 32 + [2] * 992) + bytes([7] * 1024) + bytes([9] * 1024)
    X, y = decode_records(record + record)
    assert y.tolist() == [3, 3]
    assert X[1, :, 0, 0].tolist() == [1, 7, 9]
    assert X[1, 0, 0].tolist() == [1] * 32
    assert X[1, 0, 1].tolist() == [2] * 32


@pytest.mark.parametrize("content", [b"", bytes(RECORD + 1), bytes([10]) + bytes(RECORD - 1)])
def test_other_bytes_are_no_records(content):
    with pytest.raises(ValueError, match="decode_records: "):
        decode_records(content)


def test_draws_are_seeded_nested_and_of_the_type_asked_for(load):
    data, again, other = load(), load(), load(seed=1)
    assert all(np.array_equal(data[name], again[name]) for name in data)
    assert not np.array_equal(data["X_test"], other["X_test"])
    few = load(num_train=7, num_test=5, dtype=np.float32)
    assert few["X_train"].dtype == np.float32
    for name, count in {"X_train": 7, "X_val": 50, "X_test": 5}.items():
        np.testing.assert_array_equal(few[name], data[name][:count].astype(np.float32))
    assert load(num_val=0, num_test=0)["X_test"].shape == (0, 3, 32, 32)
    assert len(subsample(data, 10)["X_train"]) == 10  # it is a data set like the others


@pytest.mark.parametrize("numbers", [(0, 10, 10), (141, 10, 10), (10, -1, 10), (10, 10, -1), (10, 10, PER_FILE + 1)])
def test_numbers_that_there_are_not(load, numbers):
    with pytest.raises(ValueError, match=r"load_cifar10: num_.*expected"):
        load(*numbers)


# --- the download ---


def test_second_call_asks_nobody(load, site):
    load()
    load.archive.unlink()
    load(url="http://127.0.0.1:9/cifar-10-binary.tar.gz")
    assert len(site.asked) == 1


def test_archive_put_there_by_hand_is_taken(load, site):
    load.folder.mkdir()
    load.archive.write_bytes(site.content)
    load()
    assert site.asked == []


def test_broken_off_twice_and_gone_on_within_one_call(load, site):
    site.cuts = [200_000, 150_000]
    load()
    starts = [int(asked.removeprefix("bytes=").removesuffix("-")) for asked in site.asked[1:]]
    assert site.asked[0] is None
    assert len(starts) == 2
    assert 200_000 - 2**16 <= starts[0] <= 200_000  # at most one piece is fetched twice
    assert starts[0] + 150_000 - 2**16 <= starts[1] <= starts[0] + 150_000


def test_broken_off_and_gone_on_in_the_next_call(load, site):
    site.cuts = [300_000, 0]
    with pytest.raises(DownloadFailed, match="broke off") as failed:
        load()
    assert "0.3 MB are here: call again" in str(failed.value)
    kept = load.part.read_bytes()
    assert kept == site.content[: len(kept)]
    assert len(kept) >= 300_000 - 2**16
    assert not load.archive.exists()
    site.asked.clear()
    site.sent = 0
    load()
    assert site.asked == [f"bytes={len(kept)}-"]
    assert site.sent == len(site.content) - len(kept)
    assert not load.part.exists()


def test_interrupted_after_the_last_byte(load, site):
    load.folder.mkdir()
    load.part.write_bytes(site.content)
    load()
    assert site.asked == [f"bytes={len(site.content)}-"]
    assert site.sent == 0


@pytest.mark.parametrize("length", [1000, 553_000, 10**6])
def test_beginning_of_another_file_is_given_up(load, site, length):
    """Shorter than the file: the checksum is wrong, and it starts from zero. Longer: the server says so."""
    load.folder.mkdir()
    load.part.write_bytes(bytes(length))
    load()
    assert site.asked == [f"bytes={length}-", None]


def test_part_as_long_as_the_file_but_wrong(load, site):
    load.folder.mkdir()
    load.part.write_bytes(bytes(len(site.content)))
    load()
    assert site.asked == [f"bytes={len(site.content)}-", None]


def test_server_that_sends_another_range(load, site):
    load.folder.mkdir()
    load.part.write_bytes(site.content[:1000])
    site.headers = {"Content-Range": f"bytes 0-{len(site.content) - 1}/{len(site.content)}"}
    load()
    assert site.asked == ["bytes=1000-", None]


def test_server_without_ranges(load, site):
    site.ranges = False
    site.cuts = [300_000, 100_000]
    with pytest.raises(DownloadFailed, match="broke off"):
        load()  # the second connection brought less than the first
    load()
    assert [asked is None for asked in site.asked] == [True, False, False]
    assert load.archive.read_bytes() == site.content


def test_wrong_checksum(load, site):
    site.content = make_archive({"cifar-10-batches-bin/readme.html": b"something else"})
    with pytest.raises(DownloadFailed, match="what came is not the file: its checksum is not md5:"):
        load()
    assert list(load.folder.iterdir()) == []  # nothing of it is kept
    assert site.asked == [None]  # and what is wrong from the first byte on is not fetched again


def test_wrong_checksum_after_going_on_starts_from_zero_once(load, site):
    load.folder.mkdir()
    load.part.write_bytes(site.content[:1000])
    site.content = bytes(100_000)
    with pytest.raises(DownloadFailed, match="what came is not the file"):
        load()
    assert site.asked == ["bytes=1000-", None]


def test_gzip_is_not_undone_on_the_way(load, site):
    """Some servers take the archive's compression for one of the transfer."""
    site.headers = {"Content-Encoding": "x-gzip"}
    load()
    assert load.archive.read_bytes() == site.content


def test_progress_bar_goes_on_where_the_part_ends(load, site, capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    load.folder.mkdir()
    load.part.write_bytes(site.content[:400_000])
    load(progress=True)
    shown = capsys.readouterr().err
    assert f"cifar-10-binary.tar.gz:  {40_000_000 // len(site.content)}%" in shown
    assert f"400k/{len(site.content) / 1e3:.0f}k" in shown


def test_no_bar_when_none_is_wanted(load, capsys):
    load(progress=False)
    assert "%" not in capsys.readouterr().err


# --- what the student reads when it fails ---


def test_no_server(load, site):
    url = "http://127.0.0.1:9/cifar-10-binary.tar.gz"  # "discard": nobody listens there
    start = time.perf_counter()
    with pytest.raises(DownloadFailed) as failed:
        load(url=url)
    assert time.perf_counter() - start < 5
    assert str(failed.value).splitlines() == [
        "load_cifar10: cifar-10-binary.tar.gz could not be downloaded.",
        f"  tried    {url}",
        "  reason   no connection to 127.0.0.1:9: is this computer online?",
        f"  by hand  save that file, not unpacked, as {load.archive}",
        "Nothing in the course needs CIFAR-10: load_digits() and load_photographs() work without any download.",
    ]
    assert failed.value._render_traceback_() == [str(failed.value)]
    assert failed.value.__suppress_context__  # nothing of urllib above it


def test_name_that_is_not_known(load):
    with pytest.raises(DownloadFailed, match=r"no connection to nowhere\.invalid: is this computer online"):
        load(url="http://nowhere.invalid/cifar-10-binary.tar.gz")


def test_refusal(load, site):
    site.status = 404
    with pytest.raises(DownloadFailed, match=r"127\.0\.0\.1:\d+ answered 404 Not Found"):
        load()


def test_silence(load, monkeypatch):
    monkeypatch.setattr("cs231n_utils.download.TIMEOUT", 0.2)
    monkeypatch.setattr(Site, "answer", lambda self, handler: time.sleep(1))
    with pytest.raises(DownloadFailed, match="did not answer in time"):
        load()


def test_wrong_file_put_there_by_hand(load, site):
    load.folder.mkdir()
    load.archive.write_bytes(b"a page that says: log in first")
    site.status = 503
    with pytest.raises(DownloadFailed, match="the file that is there now is another one"):
        load()
    site.status = 200
    load()
    assert load.archive.read_bytes() == site.content


def test_no_address(load):
    with pytest.raises(DownloadFailed, match="could not be downloaded"):
        load(url="cifar-10-binary.tar.gz")


def test_folder_that_cannot_be_made(load, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DownloadFailed, match="could not be downloaded"):
        load(folder=tmp_path / "file" / "cache")


def test_two_notebooks_at_once(load, site, monkeypatch):
    """The one that finds the file longer than it left it gives way."""
    answer = Site.answer

    def disturbed(self, handler):
        load.part.write_bytes(b"from the other notebook")
        answer(self, handler)

    load.folder.mkdir()
    load.part.write_bytes(site.content[:1000])
    monkeypatch.setattr(Site, "answer", disturbed)
    with pytest.raises(DownloadFailed, match="another program is writing"):
        load()
    assert load.part.read_bytes() == b"from the other notebook"


# --- where it is kept, and unpacking ---


def test_folder_from_the_environment_or_the_system(monkeypatch, tmp_path):
    monkeypatch.setenv("CS231N_NOTEBOOKS_CACHE", os.path.join("~", "here"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert cifar10._folder(None) == tmp_path / "here"
    assert cifar10._folder(tmp_path / "given") == tmp_path / "given"
    monkeypatch.setenv("CS231N_NOTEBOOKS_CACHE", "")
    assert "cs231n_notebooks" in cifar10._folder(None).parts


def test_only_the_six_files_are_written(load, site, files, monkeypatch):
    site.content = make_archive(
        {"../outside.bin": b"x", "/tmp/outside.bin": b"x", "cifar-10-batches-bin/x.py": b"x"} | files
    )
    monkeypatch.setattr(cifar10, "CHECKSUM", md5(site.content))
    load()
    everything = [path for path in load.folder.parent.rglob("*") if path.is_file()]
    assert sorted(path.name for path in everything) == sorted([*TRAIN_FILES, TEST_FILE, load.archive.name])


def linked(files):
    """An archive whose first file is a link to one outside."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("cifar-10-batches-bin/data_batch_1.bin")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(member)
    return buffer.getvalue()


SPOILT = {
    "a link": (linked, "is no file of CIFAR-10"),
    "half a record": (
        lambda files: make_archive(files | {"cifar-10-batches-bin/test_batch.bin": bytes(5)}),
        "is no file",
    ),
    "a file missing": (lambda files: make_archive(dict(list(files.items())[:-1])), "does not hold .*test_batch.bin"),
}


@pytest.mark.parametrize(("make", "message"), SPOILT.values(), ids=SPOILT)
def test_archive_that_does_not_hold_the_files(load, site, files, monkeypatch, make, message):
    site.content = make(files)
    monkeypatch.setattr(cifar10, "CHECKSUM", md5(site.content))
    with pytest.raises(ValueError, match=message):
        load()
    assert [path.name for path in load.folder.iterdir()] == [load.archive.name]  # nothing half unpacked


def test_unpacked_file_that_was_deleted(load):
    load()
    (load.folder / "cifar-10-batches-bin" / "data_batch_3.bin").unlink()
    with pytest.raises(FileNotFoundError, match=r"Delete the folder .*cifar-10-batches-bin"):
        load()


def test_download_takes_other_checksums_too(site, tmp_path):
    path = download(site.url, tmp_path, f"sha256:{hashlib.sha256(site.content).hexdigest()}", progress=False)
    assert path.read_bytes() == site.content
