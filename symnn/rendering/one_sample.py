"""For one sample, with columns for vectors: `W x + b`, `δ xᵀ`, and a Jacobian `diag(p) − p pᵀ`."""

from collections.abc import Sequence

from sympy import (
    Add,
    Expr,
    Idx,
    Indexed,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Mul,
    Sum,
    expand_mul,
)

from symnn.array_nodes import ArrayNode, Diagonal, MatrixProduct, Softmax, Transposed
from symnn.arrays import lower
from symnn.binding import bound_indices, index, size_of, total
from symnn.dependence import reached, reads_of
from symnn.derivation import Derivation
from symnn.equations import SAMPLES, Equation, System, entry_name
from symnn.errors import SpecError
from symnn.pieces import is_scalar

# Of these it is plain what they are of a column.
_PLAIN = (Diagonal, MatrixProduct, Transposed)
_ONE = Integer(1)


MIXED = (
    "Samples act on each other through what is summed over the batch: none has a form of its own."
)


def mixes_samples(system: System) -> bool:
    """Whether what is computed of a sample reads a sum over all of them, as a mean of the batch."""
    equations = {e.quantity.name: e for e in system.equations}
    reads = reads_of(system.equations)
    shared = {name for name, e in equations.items() if SAMPLES not in e.quantity.shape}
    summed = {name for name in shared if sums_samples(equations[name])}
    return any(reached({*reads[name]}, reads) & summed for name in equations.keys() - shared)


def sums_samples(e: Equation) -> bool:
    """Whether an equation sums over the samples."""
    bound = (i for found in e.expression.atoms(Sum) for i in bound_indices(found))
    return any(size_of(i) == SAMPLES for i in bound)


def refuse_mixed(derivation: Derivation) -> None:
    """Raise `SpecError` for the scalars of one sample where that is not by itself."""
    if mixes_samples(derivation.system):
        raise SpecError("the scalar form is for one sample, and here they mix; use --form index")


def matrix_of_one_sample(e: Equation) -> Expr | None:
    """The right side over whole arrays, those of one sample as columns; None where it has no form.

    It has one where two axes are left beside those of samples, and each term is a diagonal, an
    outer product or a matrix.
    """
    samples = [i for i in e.indices if size_of(i) == SAMPLES]
    axes = [i for i in e.indices if i not in samples]
    if len(axes) != 2:
        return None
    expression = _of_one_sample(e.expression, samples)
    if expression.has(*samples) or _mixes(e.expression, samples):
        return None
    terms = [_term(term, axes) for term in _terms(expression)]
    found = [term for term in terms if term is not None]
    if len(found) < len(terms):
        return None
    whole: Expr = Add(*found)
    is_clear = all(isinstance(node, _PLAIN) for node in whole.atoms(ArrayNode))
    return whole if is_clear else None


def columns_of_one_sample(e: Equation) -> Expr | None:
    """The right side where N is 1, an array of at most two axes; None where it has no such form."""
    sample = next((i for i in e.indices if size_of(i) == SAMPLES), index("n", SAMPLES))
    summed = _without_sums(e.expression, sample)
    alone = _of_one_sample(summed, [sample])
    if any(size_of(i) == SAMPLES for i in alone.atoms(Idx)):
        return None
    alone = alone.xreplace({SAMPLES: _ONE})
    axes = [i for i in e.indices if i != sample]
    if len(axes) == 2:
        return matrix_of_one_sample(Equation(e.quantity, tuple(axes), alone))
    array = _lowered(alone, axes) if len(axes) == 1 else None
    is_clear = array is not None and array.atoms(ArrayNode) <= array.atoms(*_PLAIN, Softmax)
    return array if is_clear else None


def _without_sums(expression: Expr, sample: Idx) -> Expr:
    """The expression with what is summed over samples at the one that there is."""
    if isinstance(expression, Sum):
        bound = bound_indices(expression)
        gone = {i: sample for i in bound if size_of(i) == SAMPLES}
        body = _without_sums(expression.function.xreplace(gone), sample)
        return total(body, *(i for i in bound if i not in gone))
    if not expression.has(Sum):
        return expression
    return expression.func(*(_without_sums(a, sample) for a in expression.args))


def _of_one_sample(expression: Expr, samples: Sequence[Idx]) -> Expr:
    """The expression at one sample, whose index no entry shows."""
    alike = [d for d in expression.atoms(KroneckerDelta) if set(d.args) <= set(samples)]
    same = expression.xreplace(dict.fromkeys(alike, KroneckerDelta(0, 0)))
    entries = {
        entry: IndexedBase(entry_name(entry), real=True)[kept]
        for entry in same.atoms(Indexed)
        if (kept := tuple(i for i in entry.indices if i not in samples))
    }
    at_one: Expr = same.xreplace(entries)
    return at_one


def _mixes(expression: Expr, samples: Sequence[Idx]) -> bool:
    """Whether one sample acts on another: it is no zero where the two are not the same."""
    alike = [d for d in expression.atoms(KroneckerDelta) if set(d.args) <= set(samples)]
    apart = expression.xreplace(dict.fromkeys(alike, Integer(0)))
    return len(samples) > 1 and expand_mul(apart) != 0


def _terms(expression: Expr) -> Sequence[Expr]:
    """The terms; a sum is multiplied out where a δ stands in it, and only there."""
    sums = [f for f in Mul.make_args(expression) if isinstance(f, Add)]
    has_delta = any(f.has(KroneckerDelta) for f in sums)
    terms: Sequence[Expr] = Add.make_args(expand_mul(expression) if has_delta else expression)
    return terms


def _term(term: Expr, axes: Sequence[Idx]) -> Expr | None:
    row, column = axes
    factors = Mul.make_args(term)
    numbers = [f for f in factors if is_scalar(f)]
    rest = [f for f in factors if f not in numbers]
    deltas = [f for f in rest if isinstance(f, KroneckerDelta) and set(f.args) == set(axes)]
    if deltas:
        at_row = Mul(*(f for f in rest if f not in deltas)).xreplace({column: row})
        array = _lowered(at_row, [row])
        return None if array is None else Mul(*numbers, Diagonal(array))
    of_both = [f for f in rest if f.has(row) and f.has(column)]
    of_row = [f for f in rest if f.has(row) and f not in of_both]
    others = [f for f in rest if not f.has(row)]
    left, right = _lowered(Mul(*of_row), [row]), _lowered(Mul(*others), [column])
    if not of_both:
        outer = None if left is None or right is None else MatrixProduct(left, Transposed(right))
        return outer and Mul(*numbers, outer)
    matrix = _lowered(of_both[0], axes)
    if matrix is None or len(of_both) > 1 or (of_row and left is None) or (others and not right):
        return None
    scaled = MatrixProduct(Diagonal(left), matrix) if of_row else matrix
    return Mul(*numbers, MatrixProduct(scaled, Diagonal(right)) if others else scaled)


def _lowered(expression: Expr, axes: Sequence[Idx]) -> Expr | None:
    """The expression over whole arrays with exactly these axes; None where it has others."""
    array = lower(expression, axes)
    return array.expression if array.axes == tuple(axes) else None
