"""The gallery: a page for each table, with an entry for each row, made when the site is built.

A page holds `<!-- rows of activations -->`, and there the entries come to stand. Nothing of a row
is written here: its formula, its derivative as symnn derives it, what is taken at its kinks, its
picture with the words that say what it shows, and its source are all asked of the row.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from matplotlib.axes import Axes
from sympy import Expr, oo

import symnn
import symnn.plot
from symnn.equations import SAMPLES, Equation, Quantity, Role, System
from symnn.functions import Elementwise, U, derivative_of
from symnn.layers import Layer
from symnn.look import Style
from symnn.optimizers import Optimizer
from symnn.options import Option
from symnn.penalties import WEIGHT
from symnn.reading import Order
from symnn.rendering import page_of
from symnn.rendering.latex import aligned
from symnn.rendering.latex_notation import LatexNotation
from symnn.rendering.page import Page
from symnn.rows import UNIT, WIDTH, Activation, Loss, Penalty

PICTURES = "_generated"
_MARK = re.compile(r"^<!-- rows of (\w+) -->$", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """A row as the gallery shows it: formulas in LaTeX, facts a line each, a picture."""

    title: str
    formulas: Sequence[str]
    facts: Sequence[str]
    drawn: Callable[[], Axes] | None = None


def rows_in(text: str) -> list[tuple[str, str]]:
    """The table and the name of each row that stands on the page."""
    tables = [mark[1] for mark in _MARK.finditer(text)]
    return [(table, name) for table in tables for name in TABLES[table].rows]


def filled(text: str, entries: Mapping[tuple[str, str], str]) -> str:
    """The page with the entries of its rows."""
    return _MARK.sub(lambda mark: "\n\n".join(entries[r] for r in rows_in(mark[0])), text)


def markdown(table: str, name: str, folder: Path) -> str:
    """The entry of a row; its picture is written below `folder`."""
    entry = TABLES[table].entry(TABLES[table].rows[name])
    said = [entry.title, *(f"$$\n{f}\n$$" for f in entry.formulas), "\n".join(entry.facts)]
    text = "\n\n".join(filter(None, said))
    if entry.drawn is None:
        return f"## {name}\n\n{text}"
    path = folder / PICTURES / f"{table}-{name}.svg"
    path.parent.mkdir(exist_ok=True)
    axes = entry.drawn()
    symnn.plot.save(axes, path)
    image = f":::{{image}} /{PICTURES}/{path.name}\n:alt: {symnn.plot.alt_text(axes)}\n:::"
    beside = f":::{{container}} said\n{text}\n:::"
    return f"## {name}\n\n::::{{container}} entry\n{beside}\n{image}\n::::"


def _activation(row: Activation) -> Entry:
    formulas = _of_one_number(row) if row.is_elementwise else _of_an_axis(row)
    facts = [_typed(f"2-3:{row.name}-1"), *_between(row), *_facts(row)]
    return Entry(_sentence(row.title), formulas, facts, partial(symnn.plot.activation, row))


def _of_one_number(row: Activation) -> list[str]:
    """f(u) and f′(u), and the functions that these name."""
    named = row.applied or row.formula
    is_named = isinstance(named, Elementwise)
    sign = _latex(named).removesuffix("(u)") if is_named else rf"\operatorname{{{row.name}}}"
    slope = derivative_of(type(named)) if is_named else named.diff(U)
    inner = {type(f) for e in (row.formula, slope) for f in e.atoms(Elementwise)} - {type(named)}
    lines = [(f"{sign}(u)", row.formula), (f"{sign}'(u)", slope)]
    lines += [(_latex(f(U)), f.formula) for f in sorted(inner, key=str)]
    return [_lines(lines)]


def _of_an_axis(row: Activation) -> list[str]:
    """Each entry, and its derivative by each of the inputs."""
    u = Quantity("u", (WIDTH,), Role.INPUT, ("k",), "u")
    a = Quantity("a", (WIDTH,), Role.ACTIVATION, ("k",), "a")
    system = System({"u": u, "a": a}, (Equation(a, (UNIT,), row.formula),))
    return _sections(page_of(symnn.jacobian(system, "a", "u"), "index"), "Forward", "Result")


def _loss(row: Loss) -> Entry:
    facts = [f"- Reduction: {row.reduction or 'none'}", *_facts(row)]
    return Entry(_sentence(row.title), _with_slopes(row), facts, partial(symnn.plot.loss, row))


def _with_slopes(row: Loss) -> list[str]:
    """The loss, and its derivative by each output."""
    shape, letters = (SAMPLES, WIDTH), ("n", "k")
    yhat = Quantity("yhat", shape, Role.INPUT, letters, "yhat")
    y = Quantity("y", shape, Role.TARGET, letters, "y")
    loss = Quantity("L", (), Role.LOSS, (), "L")
    system = System({"yhat": yhat, "y": y, "L": loss}, (Equation(loss, (), row.formula),))
    return _sections(page_of(symnn.derive(system, ["yhat"]), "index"), "Forward", "Gradients")


def _penalty(row: Penalty) -> Entry:
    term = row.formula.xreplace({U: WEIGHT})
    lines = [(r"\text{of each weight}", term), (r"\text{its derivative}", term.diff(WEIGHT))]
    return Entry(_sentence(row.title), [_lines(lines)], [*_facts(row)])


def _layer(row: type[Layer]) -> Entry:
    first, *rest = inspect.cleandoc(row.__doc__ or "").split("\n\n")
    page = page_of(symnn.derive(symnn.Network(row.example)))
    facts = [_typed(row.example), "", *rest]
    return Entry(first, _sections(page, "Forward", "Backward"), facts)


def _optimizer(row: Optimizer) -> Entry:
    updates = [rf"{_latex(u.target)} &\leftarrow {_latex(u.expression)}" for u in row.updates]
    numbers = (f"- {h.title}: ${_latex(h.symbol)} = {h.default:g}$" for h in row.hyperparameters)
    return Entry(_sentence(row.title), [_in_lines(updates)], [*numbers, f"- Source: {row.source}"])


@dataclass(frozen=True)
class Table:
    """The rows of a table by their names, and what the gallery says of one."""

    rows: Mapping[str, Any]
    entry: Callable[[Any], Entry]


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "activations": Table(symnn.ACTIVATIONS, _activation),
        "losses": Table(symnn.LOSSES, _loss),
        "penalties": Table(symnn.PENALTIES, _penalty),
        "layers": Table(symnn.LAYERS, _layer),
        "optimizers": Table(symnn.OPTIMIZERS, _optimizer),
    }
)


def _sections(page: Page, *headings: str) -> list[str]:
    """The formulas of the sections whose headings begin so."""
    chosen = (s for heading in headings for s in page.sections if s.heading.startswith(heading))
    return [block for section in chosen for block in aligned(section)]


def _latex(expression: Expr) -> str:
    return LatexNotation(Style(Order({}))).math(expression)


def _lines(lines: Iterable[tuple[str, Expr]]) -> str:
    return _in_lines([f"{left} &= {_latex(right)}" for left, right in lines])


def _in_lines(lines: Iterable[str]) -> str:
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _sentence(title: str) -> str:
    """The title with a capital, and without the values that options have there."""
    plain = title.split(", ", 1)[0] if "{" in title else title
    return f"{plain[0].upper()}{plain[1:]}."


def _typed(spec: str) -> str:
    return f"- In a spec: `{spec}`"


def _between(row: Activation) -> Iterator[str]:
    least, greatest = row.lower, row.upper
    if -oo < least and greatest < oo:
        yield f"- Between ${_latex(least)}$ and ${_latex(greatest)}$"
    elif least.is_finite:
        yield f"- From ${_latex(least)}$ on"


def _facts(row: Activation | Loss | Penalty) -> Iterator[str]:
    if row.policy:
        yield f"- At the kink: {row.policy}"
    yield from map(_option, row.options)
    if row.also:
        yield f"- Also called {', '.join(f'`{name}`' for name in row.also)}"
    yield f"- Source: {row.source}"


def _option(option: Option) -> str:
    kind = "Trained, from" if option.is_trained else "Option, usually"
    return f"- {kind} ${_latex(option.symbol)} = {_latex(option.value)}$: `{option.name}`"
