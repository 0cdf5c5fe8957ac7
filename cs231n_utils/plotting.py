"""The figures of the notebooks: images, windows on a grid, curves, bars, tables.

Every figure has its own white background, so that it can be read in a light and in a dark theme, colours that can be
told apart by colour-blind readers, and is returned: `plt.show()` shows it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "COLOURS",
    "MARKERS",
    "figure",
    "show_bars",
    "show_curves",
    "show_detections",
    "show_histograms",
    "show_images",
    "show_shared_means",
    "show_windows",
    "table",
]

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#000000", "#F0E442")
"""Okabe and Ito's palette (2008), in the order in which curves get them."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""One shape per curve, for who prints in grey."""

_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (3, 3)), "-", "--")

_STYLE: Any = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.facecolor": "white",
    "text.color": "black",
    "axes.edgecolor": "black",
    "axes.labelcolor": "black",
    "xtick.color": "black",
    "ytick.color": "black",
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.labelsize": 11,
    "legend.fontsize": 10,
    "axes.grid": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.w_pad": 0.08,  # inches
    "figure.constrained_layout.h_pad": 0.08,
}


def figure(
    rows: int = 1, columns: int = 1, *, size: tuple[float, float] = (4.6, 3.4), title: str = ""
) -> "tuple[Figure, np.ndarray]":
    """A figure in the house's style, and its axes as an array of shape (rows, columns).

    Args:
        rows, columns: of axes.
        size: width and height of one pair of axes, in inches.
        title: over the whole figure.

    >>> fig, axes = figure(1, 2)
    >>> axes.shape
    (1, 2)
    """
    import matplotlib.pyplot as plt

    with plt.rc_context(_STYLE):
        fig, axes = plt.subplots(
            rows, columns, figsize=(size[0] * columns, size[1] * rows), squeeze=False, layout="constrained"
        )
    if title:
        fig.suptitle(title, color="black", fontsize=12)
    return fig, axes


def _drawn(draw: Callable[[], Any]) -> None:
    """Call draw in the house's style: colours and sizes of texts are settled when the text is made."""
    import matplotlib.pyplot as plt

    with plt.rc_context(_STYLE):
        draw()


def show_images(
    images: Sequence[np.ndarray],
    titles: Sequence[str],
    *,
    columns: int | None = None,
    size: tuple[float, float] = (3.0, 3.0),
    limits: tuple[float, float] | None = (0.0, 1.0),
    signed: bool = False,
    title: str = "",
) -> "Figure":
    """Images side by side, each under its title, pixels drawn as squares.

    Args:
        images: each (3, H, W) in colour from 0 to 1, or (1, H, W) or (H, W) in grey.
        titles: as many.
        columns: images in a row; all, where not given.
        size: width and height of one image, in inches.
        limits: the values drawn black and white; None takes each image's smallest and largest.
        signed: for values around zero, such as a linear filter's: blue below, white at and red above zero.
        title: over the whole figure.

    >>> fig = show_images([np.zeros((3, 4, 4)), np.ones((4, 4))], ["black", "white"])
    >>> [axes.get_title() for axes in fig.axes]
    ['black', 'white']
    """
    if len(images) != len(titles):
        raise ValueError(f"show_images: {len(images)} images and {len(titles)} titles, expected as many")
    columns = columns or len(images)
    rows = -(-len(images) // columns)
    fig, grid = figure(rows, columns, size=size, title=title)
    for axes in grid.flat:
        axes.axis("off")
    for axes, image, label in zip(grid.flat, images, titles, strict=False):
        picture = np.asarray(image)
        if picture.ndim == 3:
            picture = picture[0] if len(picture) == 1 else picture.transpose(1, 2, 0).clip(0, 1)
        low, high = limits if limits is not None else (float(picture.min()), float(picture.max()))
        cmap = "gray"
        if signed:
            high = float(np.abs(picture).max()) or 1.0
            low, cmap = -high, "RdBu_r"
        axes.imshow(picture, cmap=cmap, vmin=low, vmax=high, interpolation="nearest")
        axes.set_title(label, color="black", fontsize=11)
    return fig


def show_windows(H: int, W: int, windows: Sequence[tuple[int, int, int]]) -> "Figure":
    """Pooling windows drawn over a grid of pixels: one drawing for each (height, width, stride).

    Every window is a frame of its own colour, drawn a little smaller than it is so that overlapping ones can be told
    apart. The number in a pixel says in how many windows it lies; pixels in none are hatched.

    Args:
        H, W: height and width of the image in pixels.
        windows: triples of height HH and width WW of the window, and stride S.

    >>> fig = show_windows(5, 5, [(2, 2, 2), (3, 3, 2)])
    >>> [axes.get_title().splitlines()[0] for axes in fig.axes]
    ['2×2 windows, stride 2', '3×3 windows, stride 2']
    """
    from matplotlib.patches import Rectangle

    fig, grid = figure(1, len(windows), size=(3.5, 4.1))
    for axes, (HH, WW, S) in zip(grid[0], windows, strict=True):
        rows, columns = range(0, H - HH + 1, S), range(0, W - WW + 1, S)
        covered = np.zeros((H, W), dtype=int)
        for i in rows:
            for j in columns:
                covered[i : i + HH, j : j + WW] += 1
        for i, j in np.ndindex(H, W):
            hatch = "" if covered[i, j] else "////"
            axes.add_patch(Rectangle((j, i), 1, 1, facecolor="white", edgecolor="#999999", hatch=hatch, linewidth=0.7))
            if covered[i, j]:
                axes.text(j + 0.5, i + 0.5, str(covered[i, j]), ha="center", va="center", fontsize=11, color="black")
        count = len(rows) * len(columns)
        drawn = 2 if count > 12 else count  # of each side
        for a, i in enumerate(rows[:drawn]):
            for b, j in enumerate(columns[:drawn]):
                inset = 0.06 + 0.07 * ((a % 2) * 2 + b % 2)  # neighbours differ, so frames never lie on one another
                colour = COLOURS[((a % 2) * 2 + b % 2) % 4]
                corner, width, height = (j + inset, i + inset), WW - 2 * inset, HH - 2 * inset
                axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=2.4))
        axes.set_xlim(-0.05, W + 0.05)
        axes.set_ylim(H + 0.05, -0.05)
        axes.set_aspect("equal")
        axes.axis("off")
        some = ", 4 drawn" if count > 12 else ""
        title = f"{HH}×{WW} windows, stride {S}\n{len(rows)}×{len(columns)} = {count} windows{some}"
        axes.set_title(title, fontsize=11)
    return fig


def show_shared_means(N: int, C: int, sharings: Mapping[str, np.ndarray], columns: int | None = None) -> "Figure":
    """Which numbers share a mean: a table of N images by C channels for each way of normalizing.

    A square is a map, all its H × W pixels. Squares of one colour, inside one frame, share a mean; colours come back
    after eight, and the number in a square says which mean it is.

    Args:
        N, C: how many images and channels.
        sharings: title -> whole numbers of shape (N, C): maps with equal numbers share a mean.
        columns: tables in a row; all, where not given.

    >>> fig = show_shared_means(2, 3, {"batch norm": np.array([[0, 1, 2], [0, 1, 2]])})
    >>> [axes.get_title() for axes in fig.axes]
    ['batch norm\\n3 means']
    """
    from matplotlib.patches import Rectangle

    columns = columns or len(sharings)
    rows = -(-len(sharings) // columns)
    fig, grid = figure(rows, columns, size=(0.36 * C + 1.1, 0.36 * N + 1.2))
    for axes in grid.flat:
        axes.axis("off")
    for axes, (title, sharing) in zip(grid.flat, sharings.items(), strict=False):
        means = np.asarray(sharing)
        for n, c in np.ndindex(N, C):
            mean = int(means[n, c])
            colour = COLOURS[mean % len(COLOURS)]
            axes.add_patch(Rectangle((c, n), 1, 1, facecolor=colour, alpha=0.45, edgecolor="white", linewidth=0.8))
            axes.text(c + 0.5, n + 0.5, str(mean), ha="center", va="center", fontsize=8, color="black")
            for di, dj, line in ((0, 1, ((c + 1, c + 1), (n, n + 1))), (1, 0, ((c, c + 1), (n + 1, n + 1)))):
                if n + di < N and c + dj < C and means[n + di, c + dj] != mean:
                    axes.plot(*line, color="black", linewidth=1.6)
        axes.add_patch(Rectangle((0, 0), C, N, fill=False, edgecolor="black", linewidth=2))
        axes.set_xlim(-0.9, C + 0.1)
        axes.set_ylim(N + 0.9, -0.1)
        axes.set_aspect("equal")
        axes.text(C / 2, N + 0.55, f"{C} channels", ha="center", va="center", fontsize=10)
        axes.text(-0.5, N / 2, f"{N} images", ha="center", va="center", rotation=90, fontsize=10)
        axes.set_title(f"{title}\n{len(np.unique(means))} means", fontsize=11)
    return fig


def show_curves(
    axes: "Axes",
    x: Sequence[float] | np.ndarray,
    curves: Mapping[str, Sequence[float] | np.ndarray],
    *,
    xlabel: str,
    ylabel: str,
    title: str = "",
    legend: bool = True,
) -> None:
    """One curve for each name, with markers; where a curve has a row per seed, their mean, and the range as a band.

    Args:
        axes: to draw into, see figure().
        x: shape (K,).
        curves: name -> shape (K,), or (seeds, K).
        xlabel, ylabel: with units.
        title: over these axes.
        legend: whether to draw one.

    >>> fig, axes = figure()
    >>> show_curves(axes[0, 0], [1, 2], {"a": [3, 4], "b": [[5, 6], [7, 8]]}, xlabel="step", ylabel="loss")
    >>> [text.get_text() for text in axes[0, 0].get_legend().get_texts()]
    ['a', 'b']
    """

    def draw() -> None:
        for k, (name, values) in enumerate(curves.items()):
            rows = np.atleast_2d(np.asarray(values, dtype=float))
            line: Any = _LINES[k % len(_LINES)]
            style = {"color": COLOURS[k % len(COLOURS)], "marker": MARKERS[k % len(MARKERS)], "linestyle": line}
            axes.plot(x, rows.mean(axis=0), label=name, linewidth=1.8, markersize=5, **style)
            if len(rows) > 1:
                axes.fill_between(x, rows.min(axis=0), rows.max(axis=0), color=style["color"], alpha=0.15, linewidth=0)
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)
        axes.set_title(title)
        axes.grid(True, color="#dddddd", linewidth=0.7)
        if legend:
            axes.legend()

    _drawn(draw)


def show_bars(
    axes: "Axes",
    bars: Mapping[str, Sequence[float] | np.ndarray | float],
    *,
    xlabel: str,
    title: str = "",
    log: bool = False,
    form: str = "{:.3g}",
) -> None:
    """One horizontal bar for each name, its value written at its end; where there are several values (one per seed), a
    bar for their mean and a dot for each.

    Args:
        axes: to draw into, see figure().
        bars: name -> a number, or a number per seed.
        xlabel: with units.
        title: over these axes.
        log: logarithmic axis.
        form: how a value is written.

    >>> fig, axes = figure()
    >>> show_bars(axes[0, 0], {"naive": 2.0, "fast": [0.1, 0.3]}, xlabel="time [s]")
    >>> [text.get_text() for text in axes[0, 0].texts]
    ['2', '0.2']
    """

    def draw() -> None:
        tops = []
        for k, values in enumerate(bars.values()):
            seeds = np.atleast_1d(np.asarray(values, dtype=float))
            axes.barh(k, seeds.mean(), height=0.62, color=COLOURS[k % len(COLOURS)], alpha=0.85)
            if len(seeds) > 1:
                axes.plot(seeds, np.full(len(seeds), k), "o", color="black", markersize=4, markerfacecolor="white")
            tops.append(seeds.max())
            label = form.format(seeds.mean())
            text = axes.annotate(label, (seeds.max(), k), (6, 0), textcoords="offset points", va="center", fontsize=10)
            text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})  # a line that is drawn stops at it
        if log:
            axes.set_xscale("log")
            axes.set_xlim(right=max(tops) * 6)
        else:
            axes.set_xlim(right=max(tops) * 1.18)
        axes.set_yticks(range(len(bars)), list(bars))
        axes.invert_yaxis()
        axes.set_xlabel(xlabel)
        axes.set_title(title)

    _drawn(draw)


def show_histograms(
    rows: Mapping[str, Sequence[np.ndarray]],
    titles: Sequence[str],
    *,
    xlabel: str,
    limits: tuple[float, float] | None = None,
    bins: int = 25,
    size: tuple[float, float] = (2.6, 1.7),
    title: str = "",
) -> "Figure":
    """Histograms in a grid, such as the activations of every layer: a row for each name, a column for each title.

    The height is the share of the numbers in a bin. Numbers beyond the limits are counted in the outermost bins.

    Args:
        rows: name -> as many arrays of any shape as there are titles.
        titles: over the columns.
        xlabel: with units, below the last row; short.
        limits: of the horizontal axis, the same everywhere; None takes those of each row's numbers.
        bins: in each histogram.
        size: width and height of one of them, in inches.
        title: over the whole figure.

    >>> fig = show_histograms({"with": [np.zeros(4), np.arange(4.0)]}, ["layer 1", "layer 2"], xlabel="activation")
    >>> [axes.get_title() for axes in fig.axes]
    ['layer 1', 'layer 2']
    """
    fig, grid = figure(len(rows), len(titles), size=size, title=title)

    def draw() -> None:
        for k, (name, arrays) in enumerate(rows.items()):
            numbers = [np.ravel(array) for array in arrays]
            ends = (min(map(np.min, numbers)), max(map(np.max, numbers))) if limits is None else limits
            for axes, values, label in zip(grid[k], numbers, titles, strict=True):
                shares = np.full(len(values), 100 / len(values))
                colour = COLOURS[k % len(COLOURS)]
                axes.hist(np.clip(values, *ends), bins=bins, range=ends, weights=shares, color=colour)
                if k == 0:
                    axes.set_title(label)
                if k == len(rows) - 1:
                    axes.set_xlabel(xlabel)
            top = max(axes.get_ylim()[1] for axes in grid[k])  # the same in a row
            for axes in grid[k]:
                axes.set_ylim(0, top)
            grid[k, 0].set_ylabel(f"{name}\nshare [%]")

    _drawn(draw)
    return fig


def show_detections(
    axes: "Axes",
    scene: np.ndarray,
    boxes: Sequence[tuple[int, int, str, bool]],
    *,
    side: int,
    title: str = "",
) -> None:
    """A large grey image, and on it a frame for everything that was found, with what it was taken for.

    Args:
        axes: to draw into, see figure().
        scene: shape (H, W), from 0 (drawn white) to 1 (black).
        boxes: for each frame the row and column of its upper left pixel, a label, and whether it is right: right ones
            are blue, wrong ones orange and dashed.
        side: of a frame, in pixels.
        title: over these axes.

    >>> fig, axes = figure()
    >>> show_detections(axes[0, 0], np.zeros((20, 30)), [(2, 3, "7", True), (9, 9, "1", False)], side=8)
    >>> [text.get_text() for text in axes[0, 0].texts]
    ['7', '1']
    """
    from matplotlib.patches import Rectangle

    def draw() -> None:
        axes.imshow(scene, cmap="gray_r", vmin=0, vmax=1.6, interpolation="nearest")  # ink in grey: frames stand out
        for row, column, label, right in boxes:
            colour, line = ("#0072B2", "-") if right else ("#D55E00", "--")
            corner = (column - 0.5, row - 0.5)
            frame = Rectangle(corner, side, side, fill=False, edgecolor=colour, linestyle=line, linewidth=1.6)
            axes.add_patch(frame)
            axes.annotate(
                label,
                corner,
                xytext=(0, 1),
                textcoords="offset points",
                ha="left",
                va="bottom",
                color=colour,
                fontsize=10,
                fontweight="bold",
            )
        axes.set_title(title, pad=16)  # above the labels of the first row
        axes.axis("off")

    _drawn(draw)


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table as text, names to the left, numbers to the right.

    Args:
        columns: headings, with units.
        rows: each with as many entries; floats are written with three digits.

    >>> print(table(["net", "accuracy [%]"], [["pooling", 97.333], ["strided", 8]]))
    net      accuracy [%]
    -------  ------------
    pooling          97.3
    strided             8
    """
    cells = [[f"{entry:.3g}" if isinstance(entry, float) else str(entry) for entry in row] for row in rows]
    if any(len(row) != len(columns) for row in cells):
        raise ValueError(f"table: rows of {[len(row) for row in cells]} entries, expected {len(columns)} in each")
    widths = [max(len(row[k]) for row in [list(columns), *cells]) for k in range(len(columns))]
    left = [not any(isinstance(row[k], int | float | np.number) for row in rows) for k in range(len(columns))]

    def line(entries: Sequence[str]) -> str:
        padded = [
            entry.ljust(width) if to_left else entry.rjust(width)
            for entry, width, to_left in zip(entries, widths, left, strict=True)
        ]
        return "  ".join(padded).rstrip()

    return "\n".join([line(columns), line(["-" * width for width in widths]), *map(line, cells)])
