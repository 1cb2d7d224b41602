"""Rows as people give them: by name, by name and options, as a row, an expression or a function."""

from collections.abc import Sequence
from functools import partial
from typing import TypeAlias

import sympy
from sympy import Expr, Gt, Heaviside, Lt, Max, Min, ordered
from sympy.core.relational import Relational

from symnn.activations import ACTIVATIONS
from symnn.binding import total
from symnn.calls import Call, parse_call
from symnn.cases import Piecewise
from symnn.equations import SAMPLES
from symnn.errors import SpecError
from symnn.functions import U
from symnn.layers import LAYERS, ActivationLike
from symnn.losses import LOSSES, Loss
from symnn.options import options_of
from symnn.rows import SAMPLE, UNIT, WIDTH, Activation, P, T, found

LossLike: TypeAlias = str | Loss | Expr


def activation_row(activation: ActivationLike) -> Activation:
    """The row of an activation that is given as a name, a row, an expression or a function."""
    if isinstance(activation, Activation):
        return activation
    if isinstance(activation, str) and "(" in activation:
        activation = parse_call(activation, "an activation")
    if isinstance(activation, str | Call):
        call = activation if isinstance(activation, Call) else Call(activation)
        if call.name in LAYERS:
            example = LAYERS[call.name].example
            raise SpecError(f"{call.name!r} is no activation but a layer, as in {example}")
        row = found("activation", call.name, ACTIVATIONS)
        return row.with_options(**options_of(call, row.options))
    formula = activation(U) if callable(activation) else activation
    formula = _formula("an activation", formula, ["any one symbol"])
    free = formula.free_symbols
    if len(free) != 1:
        raise SpecError(
            f"the activation {formula} has {len(free)} symbols; it must have exactly one"
        )
    formula = formula.xreplace({free.pop(): U})
    return Activation(str(formula), f"activation {formula}", formula, "given as an expression")


def loss_row(loss: LossLike) -> Loss:
    """The row of a loss that is given as a name, a row or an expression in `yhat` and `y`."""
    if isinstance(loss, Loss):
        return loss
    if isinstance(loss, str):
        call = parse_call(loss, "a loss") if "(" in loss else Call(loss)
        row = found("loss", call.name, LOSSES)
        return row.with_options(**options_of(call, row.options))
    formula = _formula("a loss", loss, ["yhat", "y"])
    entries = {"yhat": P[SAMPLE, UNIT], "y": T[SAMPLE, UNIT]}
    strangers = sorted(str(s) for s in formula.free_symbols if str(s) not in entries)
    if strangers:
        raise SpecError(f"the loss {formula} has the symbol {strangers[0]}; use yhat and y alone")
    term = formula.xreplace({s: entries[str(s)] for s in formula.free_symbols})
    mean = total(term, UNIT, SAMPLE) / (SAMPLES * WIDTH)
    reduction = "mean over samples and outputs"
    return Loss(str(formula), f"loss {formula}", mean, reduction, "given as an expression")


def _formula(what: str, value: object, symbols: Sequence[str]) -> Expr:
    if not isinstance(value, Expr):
        raise SpecError(
            f"{what} is {value!r}; give a name, a row of the table, or a SymPy expression in "
            f"{' and '.join(symbols)}"
        )
    # Piecewise: SymPy gives Max a derivative of 1/2 where its arguments are equal. Not by
    # rewrite(Max, Piecewise), which never ends for Max((yhat - y)/10, 9*(y - yhat)/10).
    formula: Expr = value
    for kind, holds in ((Max, Gt), (Min, Lt)):
        formula = formula.replace(kind, partial(_first_that, holds))
    return formula.rewrite(Heaviside, Piecewise).replace(sympy.Piecewise, Piecewise)


def _first_that(holds: type[Relational], *terms: Expr) -> Expr:
    """The greatest (or least) of these; where two are equal the later one, and numbers are last."""
    chosen, *rest = sorted(ordered(terms), key=lambda term: bool(term.is_number))
    for term in rest:
        chosen = Piecewise((chosen, holds(chosen - term, 0)), (term, True), evaluate=False)
    return chosen
