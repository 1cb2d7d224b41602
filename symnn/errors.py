"""What symnn answers when it cannot do what was asked.

One tree under `SymnnError`. A message is one line that says what was asked, what is wrong with it,
and what would be right; the command line prints it and exits with status 2.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches


class SymnnError(ValueError):
    """Anything symnn refuses; a `ValueError`, so that callers need no new name for it."""

    def pointing(self) -> str:
        """The line of a text that is refused, and a caret under the place; empty for others."""
        return ""


class SpecError(SymnnError):
    """A model that cannot be read, or whose parts do not fit together."""


class UnknownNameError(SymnnError):
    """A name that stands in no table."""


class ShapeError(SymnnError):
    """An array whose shape does not fit the network."""


class DataError(SymnnError):
    """A data set that cannot be read or used."""


class TrainingError(SymnnError):
    """A training that cannot go on."""


class FormatError(SymnnError):
    """A page that cannot be written so, or a document that cannot be filled."""


class ModelFileError(SymnnError):
    """A saved model that cannot be read or written."""


class MissingPackageError(SymnnError, ImportError):
    """A package that is not installed, with the command that installs it."""


def unknown_name(kind: str, name: object, known: Iterable[str]) -> UnknownNameError:
    """The error for a `name` that is not among the `known` ones, with the nearest of them.

    >>> print(unknown_name("activation", "tahn", ["relu", "tanh"]))
    no activation named 'tahn'; did you mean 'tanh'? Known: relu, tanh
    """
    names = sorted(known)
    lowered = {known_name.lower(): known_name for known_name in names}
    close = get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.6)
    hint = f"did you mean {lowered[close[0]]!r}? " if close else ""
    return UnknownNameError(f"no {kind} named {name!r}; {hint}Known: {', '.join(names)}")


@contextmanager
def comparing_numbers() -> Iterator[None]:
    """Answers a comparison of what is no real number for any values, such as log(-x²) > 0.

    Raises `SymnnError` for it; SymPy has a `TypeError`.
    """
    try:
        yield
    except TypeError as error:
        _, found, _ = str(error).partition("Invalid comparison of non-real ")
        if not found:
            raise
        message = (
            "a condition compares what is no real number for any values: a logarithm or a root"
        )
        raise SymnnError(f"{message} of what is negative") from None
