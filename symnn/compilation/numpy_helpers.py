"""The functions that a program's text defines, since NumPy has none of them."""

from collections.abc import Iterable, Sequence

from sympy import Expr, erf, erfc

from symnn.array_nodes import (
    BehindSoftmax,
    LogComplement,
    LogSoftmax,
    LogSumExp,
    Padded,
    Softmax,
)
from symnn.compilation.numpy_printer import NumpyPrinter, is_masked
from symnn.functions import Elementwise, U
from symnn.gammas import GammaFunction
from symnn.reading import Order
from symnn.stability import Capped, Log1pRatio, ScaledTail, Stable, Times, UpperTail, stable

_ERFC = '''def erfc(u):
    """The complementary error function, from the standard library: NumPy has none."""
    return np.vectorize(math.erfc, otypes=[np.result_type(u, 0.5)])(u)'''
_ERF = '''def erf(u):
    """The error function, from the standard library: NumPy has none."""
    return np.vectorize(math.erf, otypes=[np.result_type(u, 0.5)])(u)'''
_LGAMMA = '''def lgamma(u):
    """ln Γ(u) for u > 0, from the standard library: NumPy has none; nan elsewhere."""
    def of(v):
        return math.lgamma(v) if 0 < v < 1e305 else (math.inf if v > 0 else math.nan)
    with np.errstate(all="ignore"):
        return np.vectorize(of, otypes=[np.result_type(u, 0.5)])(u)'''
_POLYGAMMA = '''def polygamma(n, u):
    """The derivative of ln Γ of order n + 1, for u > 0; nan elsewhere."""
    x = np.where(u > 0, u, math.nan).astype(np.float64)
    steps, sign, factorial = 0, -((-1)**n), math.factorial(n)
    with np.errstate(all="ignore"):
        for _ in range(16):
            steps, x = steps + np.where(x < 16, x**-(n + 1.0), 0), np.where(x < 16, x + 1, x)
        series = factorial / 2 * x**-(n + 1.0)
        for k, b in enumerate((1/6, -1/30, 1/42, -1/30, 5/66, -691/2730, 7/6), 1):
            series += b * math.factorial(2 * k + n - 1) / math.factorial(2 * k) * x**-(2.0 * k + n)
        main = -np.log(x) if n == 0 else math.factorial(n - 1) * x**-float(n)
    return (sign * (main + series + factorial * steps)).astype(np.result_type(u, 0.5))'''
_ERFCX = '''def erfcx(v):
    """exp(v²)·erfc(v) for v ≥ 0; far out by its asymptotic series."""
    near, far = np.minimum(v, 9), np.maximum(v, 9)
    series = 1.0
    for k in range(14, 0, -1):
        series = 1 - (2 * k - 1) / (2 * far**2) * series
    return np.where(v < 9, np.exp(near**2) * erfc(near), series / (far * math.sqrt(math.pi)))'''
_LOG1P_RATIO = '''def log1p_ratio(v):
    """log(1 + v)/v, and 1 at v = 0."""
    w = np.where(v == 0, 1, v)
    return np.where(v == 0, 1, np.log1p(w) / w)'''
_TIMES = '''def times(a, b):
    """a·b, and 0 where a is 0, even if b is infinite."""
    return np.where(a == 0, 0, a * b)'''
_CAPPED = '''def capped(v):
    """v; near the largest float where it is infinite, so that a factor still has room."""
    most = np.finfo(np.result_type(v)).max / 1024
    return np.where(np.isinf(v), np.copysign(most, v), v)'''
_SOFTMAX = '''def softmax(u):
    """exp(u) over its sum along the last axis; shifted, so that no exp overflows."""
    e = np.exp(u - np.max(u, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)'''
_SOFTMAX_OVER = '''def softmax_over(u, axes):
    """exp(u) over its sum along these axes; shifted, so that no exp overflows."""
    e = np.exp(u - np.max(u, axis=axes, keepdims=True))
    return e / np.sum(e, axis=axes, keepdims=True)'''
_MASKED_SOFTMAX = '''def masked_softmax(u):
    """exp(u) over its sum along the last axis, shifted; 0 where every u is -inf."""
    return masked_softmax_over(u, -1)'''
_MASKED_SOFTMAX_OVER = '''def masked_softmax_over(u, axes):
    """exp(u) over its sum along these axes, shifted; 0 where every u is -inf."""
    most = np.max(u, axis=axes, keepdims=True)
    e = np.exp(u - np.where(np.isinf(most), 0, most))
    total = np.sum(e, axis=axes, keepdims=True)
    return e / np.where(total == 0, 1, total)'''
_LOGSUMEXP = '''def logsumexp(u):
    """log of the sum of exp(u) along the last axis, shifted; the greatest u stands last."""
    v = np.partition(u, -1, axis=-1)
    rest = np.sum(np.exp(v[..., :-1] - v[..., -1:]), axis=-1)
    return v[..., -1] + np.log1p(rest)'''
_MASKED_LOGSUMEXP = '''def masked_logsumexp(u):
    """log of the sum of exp(u) along the last axis; -inf where every u is -inf."""
    v = np.partition(u, -1, axis=-1)
    shift = np.where(np.isinf(v[..., -1:]), 0, v[..., -1:])
    return v[..., -1] + np.log1p(np.sum(np.exp(v[..., :-1] - shift), axis=-1))'''
# log(1 + rest) of the rest alone: next to 1 its digits are gone.
_LOG_SOFTMAX = '''def log_softmax(u):
    """u less log of the sum of exp(u) along the last axis; the greatest u stands last."""
    v = np.partition(u, -1, axis=-1)
    rest = np.sum(np.exp(v[..., :-1] - v[..., -1:]), axis=-1, keepdims=True)
    return u - v[..., -1:] - np.log1p(rest)'''
_MASKED_LOG_SOFTMAX = '''def masked_log_softmax(u):
    """u less log of the sum of exp(u) along the last axis; -inf where every u is -inf."""
    v = np.partition(u, -1, axis=-1)
    shift = np.where(np.isinf(v[..., -1:]), 0, v[..., -1:])
    return u - shift - np.log1p(np.sum(np.exp(v[..., :-1] - shift), axis=-1, keepdims=True))'''
_LOG_COMPLEMENT = '''def log_complement(u):
    """log(1 - p) for p = softmax(u) along the last axis; that of the greatest p by the others."""
    is_top = np.arange(u.shape[-1]) == np.argmax(u, axis=-1)[..., None]
    below = np.where(is_top, -np.inf, u - np.max(u, axis=-1, keepdims=True))
    most = np.max(below, axis=-1, keepdims=True)
    shift = np.where(np.isinf(most), 0, most)
    others = np.sum(np.exp(below - shift), axis=-1, keepdims=True)
    p = np.exp(below) / (1 + np.exp(shift) * others)
    odds = np.where(others == 0, -np.inf, shift + np.log(np.where(others == 0, 1, others)))
    return np.where(is_top, -np.logaddexp(0, -odds), np.log1p(-p))'''
_BEHIND_SOFTMAX = '''def behind_softmax(u, b, a):
    """d - p·Σd along the last axis, for p = softmax(u) and d = b/(1 - p)**a, where p is 1 too."""
    is_top = np.arange(u.shape[-1]) == np.argmax(u, axis=-1)[..., None]
    rest = log_complement(u)
    v = u - np.max(u, axis=-1, keepdims=True)
    log_p = v - np.log(np.sum(np.exp(v), axis=-1, keepdims=True))
    with np.errstate(all="ignore"):
        own = b if a == 1 else b * np.exp((1 - a) * rest)
        d = np.where(is_top, 0, b * np.exp(-a * rest))
        top = np.sum(np.where(is_top, rest, 0), axis=-1, keepdims=True)
        share = np.where(is_top | np.isinf(log_p), 0, np.exp(log_p - a * top))
    p, steep = np.exp(log_p), np.sum(np.where(is_top, b, 0), axis=-1, keepdims=True)
    return own - p * (np.sum(d, axis=-1, keepdims=True) - d) - steep * share'''

_PADDED = '''def padded(a, *margins):
    """The array in zeros: so many before and behind, and step - 1 between each two."""
    ends = [low + (n - 1) * step + 1 for n, (low, _, step) in zip(a.shape, margins)]
    whole = np.zeros([end + high for end, (_, high, _) in zip(ends, margins)], a.dtype)
    whole[tuple(slice(low, end, step) for end, (low, _, step) in zip(ends, margins))] = a
    return whole'''

# The texts for each node, those that others call first. The series of erfcx is that of Abramowitz
# and Stegun 1964, 7.1.23; that of polygamma is DLMF 5.11.2 and 5.15.9, behind 5.5.2 and 5.15.5.
_TEXTS: dict[type[Expr], tuple[str, ...]] = {
    erfc: (_ERFC,),
    UpperTail: (_ERFC,),
    erf: (_ERF,),
    ScaledTail: (_ERFC, _ERFCX),
    GammaFunction: (_LGAMMA, _POLYGAMMA),
    Log1pRatio: (_LOG1P_RATIO,),
    Times: (_TIMES,),
    Capped: (_CAPPED,),
    Padded: (_PADDED,),
    Softmax: (_SOFTMAX,),
    LogSumExp: (_LOGSUMEXP,),
    LogSoftmax: (_LOG_SOFTMAX,),
    LogComplement: (_LOG_COMPLEMENT,),
    BehindSoftmax: (_LOG_COMPLEMENT, _BEHIND_SOFTMAX),
}
_MASKED_TEXTS: dict[type[Expr], tuple[str, ...]] = {
    Softmax: (_MASKED_SOFTMAX_OVER, _MASKED_SOFTMAX),
    LogSumExp: (_MASKED_LOGSUMEXP,),
    LogSoftmax: (_MASKED_LOG_SOFTMAX,),
}


def helpers_of(expressions: Iterable[Expr], printer: NumpyPrinter) -> list[str]:
    """The functions that the expressions call and NumPy lacks, each after those it calls."""
    texts: dict[str, None] = {}
    for expression in expressions:
        _add_helpers(expression, printer.of_formulas, texts)
    return list(texts)


def _add_helpers(expression: Expr, printer: NumpyPrinter, texts: dict[str, None]) -> None:
    calls = sorted(expression.atoms(Elementwise, *_TEXTS), key=str)
    for call in {(type(c), len(c.args), is_masked(c)): c for c in calls}.values():
        function = type(call)
        if not issubclass(function, Elementwise):
            texts.update(dict.fromkeys(_texts_of(call)))
            continue
        found = stable(function.formula)
        for part in (found.form, *(meaning for _, meaning in found.meanings)):
            _add_helpers(part, printer, texts)
        texts.setdefault(_helper(function, found, printer))


def _texts_of(call: Expr) -> tuple[str, ...]:
    is_over_several = isinstance(call, Softmax) and len(call.args) > 1
    if is_masked(call):
        return (_MASKED_SOFTMAX_OVER,) if is_over_several else _MASKED_TEXTS[type(call)]
    if isinstance(call, GammaFunction):
        return (_POLYGAMMA,) if call.order else (_LGAMMA,)
    return (_SOFTMAX_OVER,) if is_over_several else _TEXTS[type(call)]


def helper_text(function: type[Elementwise]) -> str:
    """A module that defines a named function, and all that it calls."""
    texts: dict[str, None] = {}
    _add_helpers(function(U), NumpyPrinter(Order({})), texts)
    return "\n\n\n".join(["import math", "import numpy as np", *texts])


def _helper(function: type[Elementwise], found: Stable, printer: NumpyPrinter) -> str:
    """A named function in a form that can be computed, as a Python function."""
    lines = [f"    {symbol} = {printer.doprint(meaning)}" for symbol, meaning in found.meanings]
    value = printer.doprint(found.form)
    # Of what cancels altogether a number is left; what is given back has the shape of u.
    whole = value if found.form.free_symbols else f"np.full_like(u, {value})"
    lines.append(f"    return {whole}")
    head = [f"def {function.__name__}(u):"]
    if found.form != function.formula:
        head.append(f'    """{function.formula}, to the last digits."""')
    return "\n".join([*head, *(lines if found.is_silent else silent(lines))])


def silent(lines: Sequence[str]) -> list[str]:
    """The lines, with no warning of what is computed in a branch and not taken."""
    return ['    with np.errstate(all="ignore"):', *(f"    {line}" for line in lines)]
