"""Notations: how books write the names of a network's quantities. A table, and nothing else.

A row changes names and signs, never an equation: every page has its samples in rows, and where the
book has vectors as columns, the lines of one sample beside them. Names that a row does not give
stay as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Sign:
    """How a row writes a quantity: its symbol, and what is added to the number of its layer.

    `after` are indices that follow its own. `takes_last` gives the output, which has no number of
    its own, that of the last layer.
    """

    symbol: str
    shift: int = 0
    after: tuple[str, ...] = ()
    takes_last: bool = False


@dataclass(frozen=True)
class Convention:
    """A notation: the signs of quantities by the symbols that symnn has for them, and its looks.

    `layer` stands round the number of a layer, above a name or, with `layer_is_below`, below it.
    `bold` is the LaTeX command for whole arrays. A book that `has_columns` writes W x + b for one
    sample, and a page in matrices has those lines too.
    """

    name: str
    title: str
    source: str
    signs: Mapping[str, Sign] = field(default_factory=dict)
    layer: tuple[str, str] = ("(", ")")
    layer_is_below: bool = False
    transposed: str = r"\top"
    log: str = "ln"
    bold: str = ""
    note: str = ""
    has_columns: bool = False


def _signs(**signs: Sign | str) -> Mapping[str, Sign]:
    return MappingProxyType({k: s if isinstance(s, Sign) else Sign(s) for k, s in signs.items()})


def _table(*rows: Convention) -> Mapping[str, Convention]:
    return MappingProxyType({row.name: row for row in rows})


SYMNN = Convention("symnn", "symnn's own names", "")

NOTATIONS = _table(
    SYMNN,
    Convention(
        "nielsen",
        "Nielsen, Neural Networks and Deep Learning",
        "Nielsen 2015, chapter 2",
        _signs(
            W=Sign("w", 1),
            b=Sign("b", 1),
            z=Sign("z", 1),
            a=Sign("a", 1),
            delta=Sign("delta", 1),
            yhat=Sign("a", 1, takes_last=True),
            L="C",
        ),
        layer=("", ""),
        transposed="T",
        note="layer 1 is the input",
        has_columns=True,
    ),
    Convention(
        "goodfellow",
        "Goodfellow, Bengio and Courville, Deep Learning",
        "Goodfellow et al. 2016, section 6.5, algorithms 6.3 and 6.4",
        _signs(z="a", a="h", L="J"),
        log="log",
        bold=r"\boldsymbol",
        has_columns=True,
    ),
    Convention(
        "bishop",
        "Bishop, Pattern Recognition and Machine Learning",
        "Bishop 2006, sections 5.1 and 5.3, equations 5.48 to 5.56",
        _signs(z="a", a="z", b=Sign("w", after=("0",)), yhat="y", y="t", L="E"),
        transposed=r"\mathrm{T}",
        bold=r"\mathbf",
        note="a is before the activation and z after it",
        has_columns=True,
    ),
    Convention(
        "murphy",
        "Murphy, Probabilistic Machine Learning: An Introduction",
        "Murphy 2022, section 13.2",
        _signs(z="a", a="z", L="L_cal"),
        layer=("", ""),
        layer_is_below=True,
        transposed=r"\mathsf{T}",
        log="log",
        bold=r"\mathbf",
        note="a is before the activation and z after it",
        has_columns=True,
    ),
    Convention(
        "prince",
        "Prince, Understanding Deep Learning",
        "Prince 2023, chapters 4 and 7",
        _signs(
            W=Sign("Omega", -1),
            b=Sign("beta", -1),
            z=Sign("f", -1),
            a="h",
            delta=Sign("delta", -1),
        ),
        layer=("", ""),
        layer_is_below=True,
        transposed="T",
        log="log",
        bold=r"\boldsymbol",
        note="weights, biases and f count from 0",
        has_columns=True,
    ),
    Convention(
        "d2l",
        "Zhang, Lipton, Li and Smola, Dive into Deep Learning",
        "Zhang et al. 2023, sections 5.1 and 5.3",
        _signs(a="h"),
        log="log",
        bold=r"\mathbf",
    ),
    Convention(
        "ng",
        "Ng and Katanforoosh, Standard notations for Deep Learning",
        "deeplearning.ai, Standard notations for Deep Learning",
        _signs(L="J"),
        layer=("[", "]"),
        transposed="T",
        log="log",
        has_columns=True,
    ),
    Convention(
        "ufldl",
        "Ng et al., Unsupervised Feature Learning and Deep Learning",
        "UFLDL tutorial, Multi-Layer Neural Network",
        _signs(z=Sign("z", 1), a=Sign("a", 1), delta=Sign("delta", 1), L="J"),
        transposed="T",
        log="log",
        note="layer 1 is the input, and weights have the number of the layer below",
        has_columns=True,
    ),
)
