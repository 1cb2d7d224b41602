"""How the tests of numbers compare: in as many digits as it takes, by what can be asked of floats.

A computed number is right where it agrees to 1e-12 of the true one; next to a zero crossing, where
no float can, to 1e-12 of the size of its terms or of what the conditioning leaves (|u·f′(u)|,
whichever is less). Below the smallest normal float nothing is asked but to be finite.
"""

import os
from dataclasses import replace

import mpmath
import numpy as np
from sympy import Abs, Add, Float, Indexed, Mul, Pow, Sum

from symnn.binding import bound_indices, total
from symnn.cases import Piecewise
from symnn.errors import SymnnError
from symnn.evaluation import evaluate, value_of
from symnn.functions import U

TOLERANCE = 1e-12
LARGEST, SMALLEST = mpmath.mpf("1.79e308"), mpmath.mpf("2.3e-308")
# Every point and every case: SYMNN_NUMBERS=all pytest tests/test_numbers.py
IS_FULL = os.environ.get("SYMNN_NUMBERS") == "all"
THIN = (1e-300, 1e-9, 1e-3, 0.3, 1.5, 4, 17, 38, 300, 1000)
FULL = (
    *(1e-300, 1e-200, 1e-100, 1e-30, 1e-16, 1e-12, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3),
    *(0.01, 0.03, 0.1, 0.2, 0.3, 0.4999, 0.5001, 0.7, 0.9999, 1.0001, 1.5, 2.0001, 2.9999, 3.0001),
    *(4, 5, 5.9999, 6.0001, 8, 10, 13, 15, 17, 19.9999, 20.0001, 25, 30, 36, 38, 40, 50, 100, 200),
    *(350, 500, 700, 744, 750, 1000),
)
POINTS = tuple(sign * size for size in (FULL if IS_FULL else THIN) for sign in (1, -1))


def true(formula, u):
    """The value of a formula in `U`, in digits enough; None where it has none."""
    for more in (1, 2, 4):
        digits = more * digits_at(u)
        value = value_in_digits(formula, u, digits)
        # Of what is far below its terms too few digits may be left: 1 - coth(exp(5))**2.
        if value is None or abs(value) > mpmath.mpf(10) ** (-digits / 2):
            break
    return value


def value_in_digits(formula, u, digits):
    """The value of a formula in `U`, in so many digits; None where it has none."""
    with mpmath.workdps(digits):
        try:
            value = value_of(formula, {U.name: {(): mpmath.mpf(u)}}, {})
        except (ZeroDivisionError, ValueError, TypeError, SymnnError):
            return None
        return value if mpmath.isfinite(value) else None


def digits_at(u):
    """So many that nothing is lost: of u⁴ near 0, of exp(3u), and of exp(-u²) while it is there."""
    size = abs(u)
    return int(
        70 - 4.6 * np.log10(size) if size < 1 else 70 + 1.4 * size + 0.5 * min(size, 41) ** 2
    )


def size_of_terms(formula, u):
    """The value, but for its sums: they are as large as the sizes of their terms together."""
    if isinstance(formula, Add):
        return sum(size_of_terms(a, u) for a in formula.args)
    if isinstance(formula, Mul):
        return mpmath.fprod(size_of_terms(a, u) for a in formula.args)
    if isinstance(formula, Piecewise):
        holding = (value for value, c in formula.args if c.subs(U, Float(u, 30)))
        return size_of_terms(next(holding), u)
    value = true(formula, u)
    return mpmath.mpf(0) if value is None else abs(value)


def terms_of(expression):
    """An expression that comes to the size of the terms of another: |a| + |b| for a - b."""
    if isinstance(expression, Indexed) or not expression.args:
        return Abs(expression)
    if isinstance(expression, Sum):
        return total(terms_of(expression.function), *bound_indices(expression))
    if isinstance(expression, Add | Mul):
        return expression.func(*map(terms_of, expression.args), evaluate=False)
    if isinstance(expression, Pow) and expression.exp.is_positive:
        return Pow(terms_of(expression.base), expression.exp)
    if isinstance(expression, Piecewise):
        branches = ((terms_of(value), c) for value, c in expression.args)
        return Piecewise(*branches, evaluate=False)
    return Abs(expression)


def sizes_of_terms(equations, known, sizes, digits):
    """The sizes of the terms of derivatives, and of the terms that these were made of."""
    of_terms = [replace(e, expression=terms_of(e.expression)) for e in equations if e.quantity.of]
    names = {e.quantity.name for e in of_terms}
    values = {name: entries for name, entries in known.items() if name not in names}
    return evaluate(of_terms, values, sizes, digits)


def faults(formula, found, points, tolerance=TOLERANCE):
    """The points at which a computed value is wrong, with it and with the true one."""
    wrong = []
    for value, u in zip(np.broadcast_to(found, len(points)), points, strict=True):
        known = true(formula, u)
        if known is None or abs(known) > LARGEST:
            continue
        if not is_right(value, known, lambda u=u: leeway(formula, u), tolerance):
            wrong.append((u, float(value), mpmath.nstr(known, 17)))
    return wrong


def leeway(formula, u):
    """What stands in for the size of a value next to a zero crossing."""
    slope = true(formula.diff(U), u)
    turn = mpmath.inf if slope is None else abs(u * slope)
    return min(turn, size_of_terms(formula, u))


def is_right(value, known, leeway=lambda: 0, tolerance=TOLERANCE):
    """Whether a float is as near to the true number as can be asked."""
    if not np.isfinite(value):
        return False
    error = abs(mpmath.mpf(float(value)) - known) - SMALLEST
    return bool(error <= tolerance * abs(known) or error <= tolerance * leeway())


def representable(formula, points):
    """The points at which a float can be the value and the derivative."""

    def is_one(u):
        values = (true(formula, u), true(formula.diff(U), u))
        return all(v is not None and abs(v) < LARGEST / 1000 for v in values)

    return [u for u in points if is_one(u)]


def formula_of(expression):
    """An expression in one entry as a formula in `U`."""
    (entry,) = expression.atoms(Indexed)
    return expression.xreplace({entry: U})


def entries(array):
    return {place: mpmath.mpf(float(v)) for place, v in np.ndenumerate(np.asarray(array))}


def numbers_of(derivation, given):
    """Every quantity of a derivation in many digits, and the sizes of the terms of each entry."""
    sizes = {
        size: n
        for name, array in given.items()
        for size, n in zip(derivation.system.quantities[name].shape, np.shape(array), strict=True)
        if not size.is_Integer
    }
    values = {name: entries(np.array(array, float)) for name, array in given.items()}
    known = evaluate(derivation.equations, values, sizes, 1100)
    return known, sizes_of_terms(derivation.equations, known, sizes, 1100)


def wrong_entries(found, known, terms):
    """The places at which an array differs from the numbers, by more than its terms excuse."""
    return [
        (place, found[place], mpmath.nstr(value, 17))
        for place, value in known.items()
        if not is_right(found[place], value, lambda place=place: terms[place])
    ]
