"""The penalties: a table of formulas in one weight, each summed over the chosen parameters.

A penalty is added to the loss: L = loss + Σ formula, over every entry of the parameters. The
strength λ stands before the sum as it is: there is no hidden 1/2. A kink is a policy, the same for
every backend. No derivative stands here.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias, TypeGuard

from sympy import Abs, Add, Expr, Gt, Rational, Symbol, expand_mul

from symnn.binding import total
from symnn.calls import parse_call
from symnn.equations import Quantity
from symnn.errors import SpecError, unknown_name
from symnn.functions import U
from symnn.options import Option, options_of
from symnn.rows import Penalty, found

__all__ = ["PENALTIES", "Penalty", "PenaltyLike", "PenaltyOn", "penalties_of", "penalty_of"]

PenaltyOn: TypeAlias = str | Penalty | tuple[str | Penalty, Sequence[str]]
PenaltyLike: TypeAlias = PenaltyOn | Sequence[PenaltyOn] | None

LAMBDA, RHO = (Symbol(name, real=True) for name in ("lambda", "rho"))
WEIGHT = Symbol("w", real=True)
_EXAMPLE = "l1(0.1):W1,W2"
_AT_ZERO = "|w|′ = 0 at w = 0, as in PyTorch"
_STRENGTH = Option("lambd", LAMBDA, Rational(1, 100), ("lambda",))

_ROWS = (
    Penalty(
        "l1",
        "l1 penalty, λ = {lambd}",
        LAMBDA * Abs(U),
        "Tibshirani 1996",
        kink=_AT_ZERO,
        options=(_STRENGTH,),
        requires=(LAMBDA >= 0,),
        also=("lasso",),
    ),
    Penalty(
        "l2",
        "l2 penalty, λ = {lambd}",
        LAMBDA * U**2,
        "Hoerl and Kennard 1970; without a factor 1/2, as keras.regularizers.L2",
        options=(_STRENGTH,),
        requires=(LAMBDA >= 0,),
        also=("ridge",),
    ),
    Penalty(
        "elastic_net",
        "elastic net penalty, λ = {lambd}, ρ = {l1_ratio}",
        LAMBDA * (RHO * Abs(U) + (1 - RHO) * U**2),
        "Zou and Hastie 2005; without the factor 1/2 of sklearn.linear_model.ElasticNet",
        kink=_AT_ZERO,
        has_kink=Gt(RHO, 0),
        options=(_STRENGTH, Option("l1_ratio", RHO, Rational(1, 2))),
        requires=(LAMBDA >= 0, RHO >= 0, RHO <= 1),
    ),
)

PENALTIES: Mapping[str, Penalty] = MappingProxyType({row.name: row for row in _ROWS})


def penalties_of(given: PenaltyLike) -> tuple[Penalty, ...]:
    """The rows of one penalty, or of several, or of none.

    A pair of a penalty and names is one penalty, on the parameters of these names.

    >>> [row.label for row in penalties_of(["l2", ("l1(0.1)", ["W1"])])]
    ['l2', 'l1(lambd=0.1):W1']
    """
    if given is None:
        return ()
    if isinstance(given, str | Penalty):
        return (penalty_of(given),)
    if _is_pair(given):
        return (_on(*given),)
    if not isinstance(given, Sequence):
        raise _no_penalty(given)
    return tuple(_on(*one) if _is_pair(one) else penalty_of(one) for one in given)


def penalty_of(given: object) -> Penalty:
    """The row of a penalty that is given as a row or as a text, such as `l1(0.1):W1,W2`.

    Raises `SpecError` where the text is malformed, and `UnknownNameError` for an unknown name.
    """
    if isinstance(given, Penalty):
        return given
    if not isinstance(given, str):
        raise _no_penalty(given)
    text, colon, names = given.partition(":")
    call = parse_call(text, "a penalty")
    row = found("penalty", call.name, PENALTIES)
    row = row.with_options(**options_of(call, row.options))
    return _on(row, [name.strip() for name in names.split(",")]) if colon else row


def _is_pair(given: object) -> TypeGuard[tuple[str | Penalty, Sequence[str]]]:
    """Whether it is a penalty and a list of names, and not two penalties."""
    return (
        isinstance(given, tuple)
        and len(given) == 2
        and isinstance(given[1], Sequence)
        and not isinstance(given[1], str)
    )


def _on(penalty: str | Penalty, names: Sequence[str]) -> Penalty:
    row = penalty_of(penalty)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise SpecError(
            f"the penalty {row.name} is on no parameter; name one, as in {_EXAMPLE}, or leave out "
            "the names for all weights"
        )
    return row.on(*names)


def _no_penalty(given: object) -> SpecError:
    return SpecError(
        f"a penalty is {str(given)[:40]!r}; give a name, a row of the table, or a pair of one and "
        "names of parameters"
    )


def check_penalties(
    penalties: Iterable[Penalty], names: Sequence[str], weights: Sequence[str]
) -> None:
    """Raise an error where a penalty is on no parameter of these `names`, or there is no weight."""
    for row in penalties:
        for name in row.parameters:
            if name not in names:
                raise unknown_name("parameter", name, names)
        if not row.parameters and not weights:
            raise SpecError(f"the network has no weight for the penalty {row.name}")


def penalty_terms(
    penalties: Iterable[Penalty], parameters: Sequence[Quantity], weights: Sequence[str]
) -> Expr:
    """What the penalties add to the loss: sums over all entries of their parameters."""
    # Each number stands before a sum of its own: λρ Σ|w| + λ(1 - ρ) Σw².
    terms = (
        (q, *term.as_coeff_Mul())
        for row in penalties
        for q in parameters
        if q.name in (row.parameters or weights)
        for term in Add.make_args(expand_mul(row.expression))
    )
    return Add(*(c * total(t.xreplace({U: q.at(*q.indices)}), *q.indices) for q, c, t in terms))
