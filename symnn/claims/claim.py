"""A claim, what was found of it, and the error of one that cannot be read. Values alone."""

from dataclasses import dataclass

from symnn.errors import SpecError
from symnn.parsing.source import EquationError, Fault, Place, printable

MOST_CLAIMS = 1_000


@dataclass(frozen=True)
class Claim:
    """A line as it was typed, and from where: a file, or an option of the command line."""

    text: str
    source: str = "--claim"
    line: int = 1


def claims_in(text: str, source: str) -> list[Claim]:
    r"""The claims of a file, one a line; `#` begins a comment, and `\\` may end a line of LaTeX.

    Raises `SpecError` for more than a thousand.

    >>> [c.text for c in claims_in("# by hand\ndelta = yhat - y\n", "hand.txt")]
    ['delta = yhat - y']
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        kept = line.partition("#")[0].rstrip().removesuffix(r"\\").rstrip()
        if kept:
            found.append(Claim(kept, source, number))
    if len(found) > MOST_CLAIMS:
        raise SpecError(f"{source} has {len(found)} claims; at most {MOST_CLAIMS} are checked")
    return found


class ClaimError(EquationError):
    """A claim that cannot be read: what is wrong, where, and what was understood before it."""

    def __init__(self, message: str, column: int, claim: Claim, understood: str = "") -> None:
        super().__init__(message, Place(claim.line, column), claim.text, claim.source)
        self.understood = understood


def claim_error(fault: Fault, claim: Claim) -> ClaimError:
    """The error of a claim that has this fault."""
    column = fault.place.column
    return ClaimError(fault.message, column, claim, printable(claim.text[: column - 1].strip()))


@dataclass(frozen=True)
class Verdict:
    """What was found of one claim.

    `read_as` is the claim as it was understood, `how` says how equality was found, or for what the
    two sides differ; `point` and `values` show them there, and `cause` is the likeliest mistake.
    """

    claim: Claim
    is_right: bool
    read_as: str
    how: str
    point: str = ""
    values: str = ""
    cause: str = ""
