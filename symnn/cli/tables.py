"""`symnn list`: every table, with its formulas as they are derived and printed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument

from symnn.cli.app import app

if TYPE_CHECKING:
    from sympy import Expr

    from symnn.activations import Activation
    from symnn.equations import Quantity
    from symnn.losses import Loss
    from symnn.options import Option


@app.command(name="list")
def list_tables(
    table: Annotated[str | None, Argument(help="One table, by name; all of them without.")] = None,
) -> None:
    """Show what there is: activations, losses, optimizers, layers, data sets, formats and more."""
    from symnn.errors import unknown_name

    if table is not None and table not in TABLES:
        raise unknown_name("table", table, TABLES)
    chosen = [table] if table else list(TABLES)
    blocks = ["\n".join([name, *(f"  {line}" for line in TABLES[name]())]) for name in chosen]
    typer.echo("\n\n".join(blocks))


def _printed(expression: "Expr") -> str:
    from symnn.look import Style
    from symnn.reading import Order
    from symnn.rendering.unicode_notation import UnicodeNotation

    return UnicodeNotation(Style(Order({}))).math(expression)


def _activations() -> Iterator[str]:
    from symnn.activations import ACTIVATIONS

    yield from _block((row.name, row.words, _formulas(row), row) for row in ACTIVATIONS.values())


def _formulas(row: "Activation") -> list[str]:
    """f(u) = … and f′(u) = …, the second derived from the first."""
    from symnn.functions import Elementwise, U, derivative_of

    if not row.is_elementwise:
        return [f"f(u) = {_printed(row.formula)}"]
    applied = row.applied or row.formula
    slope = derivative_of(type(applied)) if isinstance(applied, Elementwise) else applied.diff(U)
    name = applied.sign if isinstance(applied, Elementwise) else row.name
    lines = [f"{name}(u) = {_printed(row.formula)}", f"{name}′(u) = {_printed(slope)}"]
    return [*lines, *_options(row.options)]


def _options(options: "Sequence[Option]") -> Iterator[str]:
    """The usual value of each option, and its name: `α = 1 (alpha)`."""
    usual = [
        f"{_printed(o.symbol)} = {_printed(o.value)} ({o.name})" for o in options if not o.is_list
    ]
    if usual:
        yield ", ".join(usual)


def _losses() -> Iterator[str]:
    from symnn.losses import LOSSES

    yield from _block(
        (
            row.name,
            f"{row.words}; {row.reduction}",
            [f"L = {_loss(row, row.formula)}", *_options(row.options), *_weighted(row)],
            row,
        )
        for row in LOSSES.values()
    )


def _penalties() -> Iterator[str]:
    from symnn.functions import U
    from symnn.penalties import PENALTIES, WEIGHT

    yield from _block(
        (
            row.name,
            row.words,
            [f"Σ {_printed(row.formula.xreplace({U: WEIGHT}))}", *_options(row.options)],
            row,
        )
        for row in PENALTIES.values()
    )


def _weighted(row: "Loss") -> Iterator[str]:
    """The formula where an option is a list: `with weight=[1,2,0.5]: L = …`."""
    if row.weighted is not None:
        names = " and ".join(o.name for o in row.options if o.is_list)
        yield f"with {names}=[…]: L = {_loss(row, row.weighted)}"


def _loss(row: "Loss", formula: "Expr") -> str:
    from symnn.equations import Role
    from symnn.look import Style
    from symnn.reading import Order
    from symnn.rendering.unicode_notation import UnicodeNotation

    order = Order({"y": Role.TARGET, "yhat": Role.ACTIVATION})
    entries = {o.symbol: o.entry for o in row.options if o.is_list and o.entry is not None}
    return UnicodeNotation(Style(order, _outputs())).math(formula.xreplace(entries))


def _outputs() -> "Mapping[str, Quantity]":
    from symnn.activations import WIDTH
    from symnn.equations import SAMPLES, Quantity, Role

    shape, letters = (SAMPLES, WIDTH), ("n", "k")
    return {
        "yhat": Quantity("yhat", shape, Role.ACTIVATION, letters, "yhat"),
        "y": Quantity("y", shape, Role.TARGET, letters, "y"),
    }


def _block(rows: Iterable[tuple[str, str, list[str], object]]) -> Iterator[str]:
    for name, title, formulas, row in rows:
        yield f"{name}: {title}"
        yield from (f"  {formula}" for formula in formulas)
        policy = getattr(row, "policy", "")
        if policy:
            yield f"  {policy}"
        yield f"  {row.source}"  # type: ignore[attr-defined]


def _optimizers() -> Iterator[str]:
    from symnn.optimizers import OPTIMIZERS

    for row in OPTIMIZERS.values():
        updates = [f"{_printed(u.target)} ← {_printed(u.expression)}" for u in row.updates]
        defaults = (f"{_printed(h.symbol)} = {h.default:g}" for h in row.hyperparameters)
        yield from _block([(row.name, row.title, [*updates, ", ".join(defaults)], row)])


def _layers() -> Iterator[str]:
    from symnn.layers import LAYERS

    yield from (f"{name}: {(row.__doc__ or '').splitlines()[0]}" for name, row in LAYERS.items())


def _datasets() -> Iterator[str]:
    from symnn.datasets import DATASETS

    for row in DATASETS.values():
        yield f"{row.name}: {row.title}"
        yield f"  {row.source}; {row.licence}"


def _formats() -> Iterator[str]:
    from symnn.rendering import BINARY_FORMATS, FORMATS

    yield ", ".join([*FORMATS, *BINARY_FORMATS])


def _notations() -> Iterator[str]:
    from symnn.notations import NOTATIONS

    for row in NOTATIONS.values():
        yield f"{row.name}: {row.title}"
        if row.source:
            yield f"  {row.source}" + (f"; {row.note}" if row.note else "")


def _forms() -> Iterator[str]:
    from symnn.rendering import FORMS

    yield ", ".join(FORMS)


def _backends() -> Iterator[str]:
    from symnn.compilation import BACKENDS

    yield ", ".join(BACKENDS)


TABLES: Mapping[str, Callable[[], Iterator[str]]] = {
    "activations": _activations,
    "losses": _losses,
    "penalties": _penalties,
    "optimizers": _optimizers,
    "layers": _layers,
    "datasets": _datasets,
    "formats": _formats,
    "forms": _forms,
    "notations": _notations,
    "backends": _backends,
}
