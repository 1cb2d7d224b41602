"""The page of a Jacobian, a Hessian or a Gauss-Newton matrix, before any format is chosen."""

from collections.abc import Iterator
from itertools import product

from sympy import Idx, Symbol

from symnn.binding import size_of
from symnn.derivation import system_of
from symnn.equations import SAMPLES, Equation, Role
from symnn.errors import SpecError
from symnn.jacobians import Jacobian
from symnn.network import Network
from symnn.rendering.formulas import Formulas
from symnn.rendering.heading import title_of
from symnn.rendering.one_sample import matrix_of_one_sample, refuse_mixed, sums_samples
from symnn.rendering.page import Formula, Page, Section

MOST_ENTRIES = 64
# Those of a title, whatever quantities are called.
_WORDS = frozenset(
    {"Derivative", "Second", "derivative", "matrix"}
    | {"of", "the", "loss", "by", "and", "with", "output"}
)


def jacobian_page(
    jacobian: Jacobian, formulas: Formulas, check: str = "", *, in_columns: bool = True
) -> Page:
    """The page: what is computed first, the derivatives on the way, and the one that was asked for.

    `in_columns` adds the matrix, of one sample where samples have an axis. Raises `SpecError`
    where the scalar form would be too long to read.
    """
    _refuse_without_sizes(jacobian, formulas.form)
    derivatives = (Role.ADJOINT, Role.GRADIENT)
    before = [e for e in jacobian.system.equations if e.quantity.role in derivatives]
    # A second name, where something is differentiated by itself, says nothing to a reader.
    named = system_of(jacobian.model).quantities
    forward = [e for e in jacobian.system.equations if e.quantity.name in named]
    given = jacobian.equation.quantity
    on_the_way = [*before, *(e for e in jacobian.adjoints if e.quantity != given)]
    columns = _in_columns(jacobian, formulas) if in_columns else ()
    loss = [_loss(jacobian)] if jacobian.is_second else []
    computed = [*forward, *(e for e in loss if e not in forward)]
    sections = (
        Section(
            "Forward",
            (*formulas.starts(), *formulas.rows(computed), *formulas.definitions(loss)),
        ),
        Section("Derivatives on the way", tuple(formulas.rows(on_the_way))),
        Section(_heading(jacobian), tuple(_result(jacobian, formulas))),
        Section(_rows_or_columns(jacobian.equation), tuple(columns)),
    )
    return Page(
        _title(jacobian), tuple(s for s in sections if s.rows), tuple(filter(None, [check]))
    )


def _loss(jacobian: Jacobian) -> Equation:
    return system_of(jacobian.model).equations[-1]


def _title(jacobian: Jacobian) -> str:
    if jacobian.is_second and isinstance(jacobian.model, Network):
        return f"{_named(jacobian)} · {title_of(jacobian)}"
    parameters = [f"{{{q.name}}}" for q in jacobian.system.named(Role.PARAMETER)]
    title, kind = _named(jacobian), f"parameter{'s' * (len(parameters) > 1)}"
    return f"{title} · {kind} {', '.join(parameters)}" if parameters else title


def _named(jacobian: Jacobian) -> str:
    """What it is the derivative of, and by what."""
    named = {*jacobian.system.quantities} - _WORDS
    words = (f"{{{word}}}" if word in named else word for word in jacobian.title.split(" "))
    return " ".join(words)


def _heading(jacobian: Jacobian) -> str:
    shape = ", ".join(map(str, jacobian.equation.quantity.shape))
    return f"Result, shape ({shape})" if shape else "Result"


def _result(jacobian: Jacobian, formulas: Formulas) -> Iterator[tuple[Formula, ...]]:
    e = jacobian.equation
    if formulas.form != "scalar":
        yield (formulas.formula(e),)
        return
    for place in _places(e):
        yield (formulas.scalar(e.quantity, place),)


def _in_columns(jacobian: Jacobian, formulas: Formulas) -> Iterator[tuple[Formula, ...]]:
    e = jacobian.equation
    matrix = matrix_of_one_sample(e)
    if matrix is not None:
        left = Symbol(e.quantity.name, real=True)
        yield (Formula(((left, formulas.matrix_style), (matrix, formulas.matrix_style))),)


def _rows_or_columns(e: Equation) -> str:
    """What an array is: of one sample, a row for each sample, or of what knows no samples."""
    if any(size_of(i) == SAMPLES for i in e.indices):
        return "For one sample, vectors as columns"
    if sums_samples(e):
        return "In matrices, a row for each sample"
    return "In matrices, vectors as columns"


def _refuse_without_sizes(jacobian: Jacobian, form: str) -> None:
    if form == "scalar":
        refuse_mixed(jacobian)
    equations = (*jacobian.equations, _loss(jacobian))
    letters = {i for e in equations for i in (*e.indices, *e.expression.atoms(Idx))}
    if form == "scalar" and not all(
        size_of(i).is_Integer or size_of(i) == SAMPLES for i in letters
    ):
        raise SpecError("the scalar form needs sizes that are numbers; use --form index")


def _places(e: Equation) -> list[tuple[int, ...]]:
    """The places of an array of known sizes, for one sample."""
    sizes = [size for size in e.quantity.shape if size != SAMPLES]
    places = list(product(*(range(int(size)) for size in sizes)))
    if len(places) > MOST_ENTRIES:
        raise SpecError(
            f"the scalar form has a line for each of {len(places)} entries, and is for "
            f"{MOST_ENTRIES} or fewer; use --form index"
        )
    return places
