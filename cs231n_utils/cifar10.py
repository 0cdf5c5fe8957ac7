"""CIFAR-10, for who wants it: small colour photographs in ten classes, downloaded once (170 MB) and kept.

The binary version is used, as the Python version is made of pickles, which can run code when they are opened.
"""

import os
import shutil
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cs231n_utils.download import DownloadFailed, download

__all__ = ["CLASS_NAMES", "decode_records", "load_cifar10"]

CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
CHECKSUM = "md5:c32a1d4ab5d03f1284b67883e8d87530"  # as the authors' page gives it
CACHE = "CS231N_NOTEBOOKS_CACHE"  # environment variable

UNPACKED = "cifar-10-batches-bin"
TRAIN_FILES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST_FILE = "test_batch.bin"
RECORD = 1 + 3 * 32 * 32  # bytes: the label, then the red, the green and the blue plane row by row
LARGEST = 10_000 * RECORD  # bytes in a file


def load_cifar10(
    num_train: int = 5000,
    num_val: int = 1000,
    num_test: int = 1000,
    seed: int = 0,
    *,
    dtype: npt.DTypeLike = np.float64,
    folder: str | os.PathLike[str] | None = None,
    url: str = URL,
    progress: bool = True,
) -> dict[str, np.ndarray]:
    """Colour photographs of 32×32 pixels in ten classes, downloaded when they are asked for the first time.

    A download that breaks off goes on where it stopped at the next call. What came is used only if its checksum is
    right.

    Args:
        num_train, num_val: how many of the 50,000 training images to draw for training and for validation.
        num_test: how many of the 10,000 test images to draw.
        seed: of the draw. With the same seed and num_val, fewer training images are the first ones of more.
        dtype: of the images; np.float32 takes half the memory (all 50,000 as float64 are 1.2 GB).
        folder: where the files are kept; by default what the environment variable CS231N_NOTEBOOKS_CACHE says, else
            the system's cache folder (on Linux ~/.cache/cs231n_notebooks).
        url: of the archive, for a mirror. The checksum stays the same.
        progress: whether to show a progress bar.

    Returns:
        X_train, X_val, X_test: shape (N, 3, 32, 32): red, green and blue, from 0 (dark) to 1 (bright);
        y_train, y_val, y_test: shape (N,), whole numbers from 0 to 9;
        class_names: shape (10,), what the numbers mean.

    Raises:
        DownloadFailed: no network, for example; says where to put the file by hand.

    Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images (2009).

    >>> data = load_cifar10(num_train=100)  # doctest: +SKIP
    >>> data["X_train"].shape, data["class_names"][data["y_train"][0]]  # doctest: +SKIP
    ((100, 3, 32, 32), np.str_('frog'))
    """
    unpacked = _unpacked(_folder(folder), url, progress)
    X, y = decode_records(b"".join(_read(unpacked / name) for name in TRAIN_FILES))
    X_test, y_test = decode_records(_read(unpacked / TEST_FILE))
    if num_train < 1 or num_val < 0 or num_train + num_val > len(y):
        raise ValueError(
            f"load_cifar10: num_train = {num_train}, num_val = {num_val}, expected at least one to train on "
            f"and at most {len(y)} together"
        )
    if not 0 <= num_test <= len(y_test):
        raise ValueError(f"load_cifar10: num_test = {num_test}, expected a number from 0 to {len(y_test)}")
    rng = np.random.default_rng(seed)
    val, train, _ = np.split(rng.permutation(len(y)), [num_val, num_val + num_train])
    test = rng.permutation(len(y_test))[:num_test]
    return {
        "X_train": _brightness(X[train], dtype),
        "y_train": y[train],
        "X_val": _brightness(X[val], dtype),
        "y_val": y[val],
        "X_test": _brightness(X_test[test], dtype),
        "y_test": y_test[test],
        "class_names": np.array(CLASS_NAMES),
    }


def decode_records(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The images and labels in one or more of CIFAR-10's binary files.

    Args:
        content: records of 3073 bytes, one behind the other.

    Returns:
        The images, shape (N, 3, 32, 32), bytes from 0 to 255, and the labels, shape (N,), whole numbers from 0 to 9.

    >>> X, y = decode_records(bytes([6]) + bytes(1024) + bytes([255]) * 1024 + bytes(1024))  # a very green frog
    >>> X.shape, X[0, :, 0, 0], CLASS_NAMES[y[0]]
    ((1, 3, 32, 32), array([  0, 255,   0], dtype=uint8), 'frog')
    """
    if not content or len(content) % RECORD:
        raise ValueError(f"decode_records: {len(content)} bytes, expected a multiple of {RECORD}, which is one image")
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, RECORD)
    y = records[:, 0].astype(np.int64)
    if y.max() >= len(CLASS_NAMES):
        raise ValueError(f"decode_records: a label is {y.max()}, expected 0 to {len(CLASS_NAMES) - 1}")
    return records[:, 1:].reshape(-1, 3, 32, 32), y


def _brightness(X: np.ndarray, dtype: npt.DTypeLike) -> np.ndarray:
    scaled = X.astype(dtype)
    scaled /= 255
    return scaled


def _folder(given: str | os.PathLike[str] | None) -> Path:
    if given is None:
        given = os.environ.get(CACHE)
    if not given:
        import pooch

        given = pooch.os_cache("cs231n_notebooks")
    return Path(given).expanduser().absolute()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"load_cifar10: {path} is missing. Delete the folder {path.parent}: it is then unpacked again"
        ) from None


def _unpacked(folder: Path, url: str, progress: bool) -> Path:
    """Where the six files are, once they are downloaded and unpacked."""
    unpacked = folder / UNPACKED
    if unpacked.is_dir():  # it gets this name only when it is complete
        return unpacked
    try:
        archive = download(url, folder, CHECKSUM, progress)
    except DownloadFailed as problem:
        raise DownloadFailed(
            f"load_cifar10: {problem}\nNothing in the course needs CIFAR-10: load_digits() and load_photographs() "
            "work without any download."
        ) from None
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as scratch:
        complete = Path(scratch, UNPACKED)
        complete.mkdir()
        _unpack(archive, complete)
        try:
            complete.rename(unpacked)
        except OSError:
            if not unpacked.is_dir():  # else another notebook was faster, and its files are the same
                raise
    return unpacked


def _unpack(archive: Path, target: Path) -> None:
    """Copy the six files out of the archive, under names of ours: nothing else that it may hold is ever written."""
    wanted = {f"{UNPACKED}/{name}": name for name in (*TRAIN_FILES, TEST_FILE)}
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            if member.name not in wanted:
                continue
            source = tar.extractfile(member) if member.isreg() else None
            if source is None or not 0 < member.size <= LARGEST or member.size % RECORD:
                raise ValueError(f"load_cifar10: {member.name} in {archive} is no file of CIFAR-10")
            with source, Path(target, wanted.pop(member.name)).open("xb") as file:
                shutil.copyfileobj(source, file)
    if wanted:
        raise ValueError(f"load_cifar10: {archive} does not hold {', '.join(sorted(wanted))}")
