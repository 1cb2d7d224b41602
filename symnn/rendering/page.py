"""What a format prints: a page of sections, whose formulas are still expressions."""

from dataclasses import dataclass

from sympy import Expr

from symnn.look import Style

Side = tuple[Expr, Style]


@dataclass(frozen=True)
class Formula:
    """`sides[0] = sides[1] = …`, each in its style.

    `reason` says by what rule, with the quantities that it names in braces. A formula that
    `continues` has no left side of its own: its first side equals what the row above ends with.
    """

    sides: tuple[Side, ...]
    reason: str = ""
    continues: bool = False


@dataclass(frozen=True)
class Section:
    """A heading, rows of formulas (those of one row stand side by side), and notes below.

    `lead` is a sentence above the rows, with the quantities that it names in braces. A section
    without a heading goes on from the one before.
    """

    heading: str
    rows: tuple[tuple[Formula, ...], ...] = ()
    notes: tuple[str, ...] = ()
    lead: str = ""


@dataclass(frozen=True)
class Page:
    """A title, sections, and what the derivation rests on."""

    title: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
