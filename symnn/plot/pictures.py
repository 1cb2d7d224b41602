"""What every picture can do: be drawn on axes, say in words what it shows, be written to a file.

The same picture gives the same bytes. An SVG has a title and a description, and a role that makes
a screen reader say them; a PNG and a PDF have them among their metadata.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from textwrap import fill
from types import MappingProxyType
from typing import Any, ClassVar
from xml.sax.saxutils import escape

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from symnn.errors import FormatError, unknown_name
from symnn.files import write_whole

# Okabe and Ito 2008, Color universal design: told apart with any colour vision.
BLUE, RED, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PINK, SKY = "#CC79A7", "#56B4E9"
COLOURS = (BLUE, RED, GREEN, PINK, ORANGE, SKY)
INK, PALE = "#222222", "#dddddd"
DOTS_PER_INCH = 150

_STYLE: Mapping[str, Any] = MappingProxyType(
    {
        "font.size": 12,
        "font.family": "DejaVu Sans",
        "mathtext.fontset": "stix",
        "text.color": INK,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.titlesize": 13,
        "axes.titlelocation": "left",
        "axes.titlepad": 12,
        "axes.labelsize": 13,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "grid.color": "#e6e6e6",
        "grid.linewidth": 0.8,
        "xtick.color": INK,
        "ytick.color": INK,
        "lines.linewidth": 2.2,
        "legend.frameon": False,
        "legend.fontsize": 13,
        # White in dark pages as well: what is drawn in ink is read everywhere.
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "svg.fonttype": "path",
        "svg.hashsalt": "symnn",
        "pdf.fonttype": 42,
    }
)


class Picture(ABC):
    """A picture as data: what is drawn, and what that shows in words."""

    size: ClassVar[tuple[float, float]] = (6.4, 4.6)

    @property
    @abstractmethod
    def title(self) -> str:
        """What is shown, in a few words, without mathematics of LaTeX's."""

    @property
    @abstractmethod
    def alt(self) -> str:
        """The text alternative: a sentence or two that say what the picture shows, in numbers."""

    @abstractmethod
    def draw(self, ax: Axes) -> None:
        """Draw it on these axes."""

    def on(self, ax: Axes | None = None) -> Axes:
        """The axes with the picture on them; without any given, those of a figure of its own."""
        if ax is not None:
            self._drawn(ax)
            return ax
        with _styled():
            layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08)
            figure = Figure(figsize=self.size, layout=layout)
            return self._drawn(figure.add_subplot())

    def _drawn(self, ax: Axes) -> Axes:
        self.draw(ax)
        ax.set_title(fill(self.title, _letters(ax)))
        # Matplotlib keeps a label of the axes and shows it nowhere.
        ax.set_label(self.alt)
        return ax

    def content(self, format_: str) -> bytes:
        """The picture in a format: svg, png or pdf; `UnknownNameError` for any other."""
        if format_ not in FORMATS:
            raise unknown_name("format of pictures", format_, FORMATS)
        ax = self.on()
        return _content(ax.figure, format_, self.title, self.alt)  # type: ignore[arg-type]

    def save(self, path: str | Path) -> None:
        """Write it to a file, whole or not at all, in the format that the file's name ends in.

        Raises `FormatError` for another ending, and `ModelFileError` where it cannot be written.
        """
        write_whole(path, self.content(format_of(path)))

    def _repr_svg_(self) -> str:
        return self.content("svg").decode()


def _letters(ax: Axes) -> int:
    """How many letters of a title find room above the axes."""
    figure = ax.get_figure(root=True)
    wide = figure.get_figwidth() if figure else Picture.size[0]
    return max(int(9 * wide * ax.get_position().width), 20)


def alt_text(ax: Axes) -> str:
    """The text alternative of the picture on these axes."""
    return str(ax.get_label())


def save(ax: Axes, path: str | Path) -> None:
    """Write the figure of these axes to a file, with the text alternative of its pictures.

    SVG, PNG or PDF by the file's name. Raises `FormatError` for another ending, and
    `ModelFileError` where it cannot be written.
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        raise FormatError("these axes are on no figure")
    pictures = [a for a in figure.axes if alt_text(a)]
    titles = " · ".join(a.get_title(loc="left") or a.get_title() for a in pictures)
    alt = " ".join(alt_text(a) for a in pictures)
    write_whole(path, _content(figure, format_of(path), titles, alt))


def format_of(path: str | Path) -> str:
    """The format that a file's name asks for; `FormatError` where it asks for none of them."""
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise FormatError(f"'{path}' ends in no format of pictures; they are {known}")
    return ending


@contextmanager
def _styled() -> Iterator[None]:
    """Matplotlib's own settings and ours, whatever a user's are."""
    with style.context(["default", dict(_STYLE)]):
        yield


def _content(figure: Figure, format_: str, title: str, alt: str) -> bytes:
    canvas, written = figure.canvas, BytesIO()
    with _styled():
        metadata = FORMATS[format_](title, alt)
        FigureCanvasAgg(figure).print_figure(
            written, format=format_, dpi=DOTS_PER_INCH, metadata=metadata
        )
    figure.set_canvas(canvas)
    content = written.getvalue()
    return _described(content.decode(), title, alt).encode() if format_ == "svg" else content


_OPENING = re.compile(r"<svg\b[^>]*>")
_TITLE = re.compile(r"\s*<title>.*?</title>", re.DOTALL)


def _described(svg: str, title: str, alt: str) -> str:
    """The SVG with a title and a description that a screen reader says."""
    opening = _OPENING.search(svg)
    assert opening is not None
    words = f"<title>{escape(title)}</title>\n <desc>{escape(alt)}</desc>"
    labelled = opening[0].replace("<svg", '<svg role="img"', 1)
    rest = _TITLE.sub("", svg[opening.end() :], count=1)
    return f"{svg[: opening.start()]}{labelled}\n {words}{rest}"


FORMATS: Mapping[str, Callable[[str, str], dict[str, str | None]]] = MappingProxyType(
    {
        "svg": lambda title, alt: {"Title": title, "Date": None, "Creator": "symnn"},
        "png": lambda title, alt: {"Title": title, "Description": alt, "Software": "symnn"},
        "pdf": lambda title, alt: {
            "Title": title,
            "Subject": alt,
            "Creator": "symnn",
            "Producer": None,
            "CreationDate": None,
        },
    }
)
