"""What a format prints: a page of sections, whose formulas are still expressions."""

from dataclasses import dataclass, field

from sympy import Expr

from symnn.look import Style

Side = tuple[Expr, Style]


@dataclass(frozen=True)
class Formula:
    """`sides[0] = sides[1] = …`, each in its style.

    `signs` are those between the sides where they are not all `=`: `~=` before what is rounded,
    `<-` before what takes the place of the left side. Where each of its `parts` is told follows.
    So many of the last sides as are `further` stand behind the one that is brought in line.
    """

    sides: tuple[Side, ...]
    signs: tuple[str, ...] = ()
    parts: "tuple[Formula, ...]" = ()
    further: int = 0
    # What each notation made of the sides: two formats may share one.
    texts: dict[type, list[tuple[str, str]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def relations(self) -> tuple[str, ...]:
        """The sign before each side but the first."""
        return self.signs or ("=",) * (len(self.sides) - 1)


@dataclass(frozen=True)
class Table:
    """Columns under heads: each cell is an expression in its style, or plain words."""

    heads: tuple[Side | str, ...]
    rows: tuple[tuple[Side | str, ...], ...]

    @property
    def are_words(self) -> tuple[bool, ...]:
        """Of each column, whether it holds words, which begin where those above begin."""
        columns = zip(*self.rows, strict=True)
        return tuple(
            all(isinstance(c, str) and c[:1].isalpha() for c in column) for column in columns
        )


@dataclass(frozen=True)
class Section:
    """A heading, rows of formulas (those of one row stand side by side), tables, and notes below.

    `lead` is a sentence above the rows. A section without a heading goes on from the one before.
    Of a section that `is_chain` each row follows from the one above, and has its own line.
    """

    heading: str
    rows: tuple[tuple[Formula, ...], ...] = ()
    notes: tuple[str, ...] = ()
    lead: str = ""
    tables: tuple[Table, ...] = ()
    lead_style: Style | None = None
    is_chain: bool = False

    @property
    def style(self) -> Style | None:
        """The style of what the lead names: that of the first formula, where it is not said."""
        return self.lead_style or (self.rows[0][0].sides[0][1] if self.rows else None)


@dataclass(frozen=True)
class Page:
    """A title, sections, and what the derivation rests on.

    A title, a lead and a note have quantities in braces, and between backticks what may be typed.
    """

    title: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()

    @property
    def style(self) -> Style | None:
        """The style of its first formula, if it has one: what its words name, that knows."""
        formulas = (f for s in self.sections for row in s.rows for f in row)
        return next((f.sides[0][1] for f in formulas), None)
