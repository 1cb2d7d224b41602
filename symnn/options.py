"""The options of a row: numbers in its formula that have a usual value, such as the α of ELU.

A formula names each by a symbol; `with_values` puts values in. A number goes into the formula of a
named function, which stays named (`ELU(u, α=0.5)`); with anything else, such as a parameter that is
trained, a named function is written out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import isfinite
from numbers import Integral
from typing import TypeAlias

from sympy import Expr, Indexed, Rational, Symbol, Tuple, false
from sympy.core.relational import Relational

from symnn.calls import Argument, Call, Number
from symnn.cases import Piecewise
from symnn.decimals import shown
from symnn.errors import SpecError
from symnn.functions import Elementwise, U, elementwise

One: TypeAlias = int | float | Fraction | Expr
Value: TypeAlias = One | Sequence[One]


@dataclass(frozen=True)
class Option:
    """An option: its name, the symbol that stands for it in a formula, its usual value.

    `also` are other names by which it may be given. One that `is_trained` is a parameter of a
    network, and starts at its value. One with an `entry` may be a list of numbers, one for
    each output; one that `is_list` must be.
    """

    name: str
    symbol: Symbol
    default: Expr
    also: tuple[str, ...] = ()
    is_trained: bool = False
    entry: Indexed | None = None
    is_list: bool = False
    given: Expr | Tuple | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All the names by which it can be given."""
        return (self.name, *self.also)

    @property
    def value(self) -> Expr:
        """What stands for it in a formula: the number given, an entry of the list, or its usual."""
        if isinstance(self.given, Tuple):
            assert self.entry is not None
            return self.entry
        return self.default if self.given is None else self.given

    @property
    def numbers(self) -> tuple[Expr, ...]:
        """The numbers given for the outputs one by one; none where there is one for all."""
        return tuple(self.given) if isinstance(self.given, Tuple) else ()


def given_options(
    row: str,
    options: Sequence[Option],
    values: Mapping[str, Value],
    requires: Sequence[Relational] = (),
) -> tuple[Option, ...]:
    """The options with these values, by name; `row` is whose they are.

    Raises `SpecError` for an option that is not there, a value that is no number, and one that the
    row `requires` not to be.
    """
    given = {_option(row, options, name): (name, value) for name, value in values.items()}
    chosen = tuple(
        replace(o, given=_given(row, o, *given[o])) if o in given else o for o in options
    )
    names = {o.symbol: Symbol(o.name, real=True) for o in chosen}
    for claim, at in product(requires, _each(chosen)):
        if claim.xreplace(at) == false:
            involved = (o for o in chosen if claim.has(o.symbol))
            there = " and ".join(f"{o.name} = {shown(at[o.symbol])}" for o in involved)
            raise SpecError(f"{row} with {there}: it must have {claim.xreplace(names)}")
    return tuple(replace(o, given=None) if o.given == o.default else o for o in chosen)


def _option(row: str, options: Sequence[Option], name: str) -> Option:
    for option in options:
        if name in option.names:
            return option
    raise SpecError(no_option(row, name, options))


def no_option(row: str, name: str, options: Sequence[Option]) -> str:
    """What to say where a row has no option of that name."""
    known = ", ".join(sorted(o.name for o in options)) or "none"
    return f"{row} has no option {name[:40]!r}; it has {known}"


def _each(options: Sequence[Option]) -> Iterator[Mapping[Symbol, Expr]]:
    """The numbers of the options for each output: those of a list one after the other."""
    for k in range(max((len(o.numbers) for o in options), default=0) or 1):
        yield {o.symbol: o.numbers[k % len(o.numbers)] if o.numbers else o.value for o in options}


def _given(row: str, option: Option, name: str, value: Value) -> Expr | Tuple:
    if option.entry is None or not isinstance(value, Iterable) or isinstance(value, str):
        if option.is_list:
            fault = f"{row}: {name} is {str(value)[:40]!r}; give one number for each output"
            raise SpecError(f"{fault}, as in [1,2,0.5]")
        return _number(row, name, value)
    numbers = Tuple(*(_number(row, name, one) for one in value))
    if not any(numbers):
        raise SpecError(f"{row}: of the numbers of {name} one must not be 0")
    return numbers


def _number(row: str, name: str, value: object) -> Expr:
    if isinstance(value, Expr) and value.is_Rational:
        return value
    if isinstance(value, Integral | Fraction) and not isinstance(value, bool):
        return Rational(int(value.numerator), int(value.denominator))
    if isinstance(value, float) and isfinite(value):
        # As it reads: 0.1 is a tenth.
        return Rational(str(value))
    raise SpecError(f"{row}: {name} is {str(value)[:40]!r}; give a number")


def label_of(row: str, options: Sequence[Option]) -> str:
    """The row as it is typed in a spec: `elu(alpha=0.5)`; usual values are left out."""
    given = ((o.name, typed(o.given)) for o in options if o.given is not None)
    return str(Call(row, (), tuple(given)))


def worded(text: str, options: Sequence[Option]) -> str:
    """The text with the value of each option that it names in braces: `slope {negative_slope}`."""
    return text.format(**{o.name: str(o.value).replace("-", "−") for o in options})


def options_of(call: Call, options: Sequence[Option]) -> dict[str, Value]:
    """The options of a call by name; those without one are in the row's order.

    Raises `SpecError` for too many of them, and for one that is given twice.
    """
    if len(call.arguments) > len(options):
        raise SpecError(
            f"{call.name} has {len(options) or 'no'} option{'s' * (len(options) != 1)}, "
            f"and {len(call.arguments)} are given"
        )
    given: dict[str, Value] = {
        o.name: value for o, value in zip(options, call.arguments, strict=False)
    }
    for name, value in call.options:
        known = next((o.name for o in options if name in o.names), name)
        if known in given:
            raise SpecError(f"{call.name} has {known} twice; give it once")
        given[known] = value
    return given


def typed(number: Expr | Tuple) -> Argument:
    """A rational number as Python has it; of a list, all of them."""
    if isinstance(number, Tuple):
        return tuple(_typed(one) for one in number)
    return _typed(number)


def _typed(number: Expr) -> Number:
    return int(number.p) if number.is_Integer else Fraction(int(number.p), int(number.q))


def with_values(expression: Expr, options: Sequence[Option]) -> Expr:
    """The expression with the numbers of the options in it, in the functions that it names too.

    >>> from sympy import Integer, Symbol, exp
    >>> from symnn.functions import U
    >>> a = Symbol("a", real=True)
    >>> scaled = elementwise("scaled", exp(a * U))(U)
    >>> with_values(scaled, [Option("a", a, Integer(2))]).expanded()
    exp(2*u)
    """
    values = {o.symbol: o.value for o in options}
    if not values:
        return expression
    named = {f: _function(type(f), options)(*f.args) for f in expression.atoms(Elementwise)}
    return expression.xreplace(named).xreplace(values)


def _function(function: type[Elementwise], options: Sequence[Option]) -> type[Elementwise]:
    own = [o for o in options if o.symbol in function.formula.free_symbols]
    if not own:
        return function
    formula = function.formula.xreplace({o.symbol: o.value for o in own})
    given = tuple((o.name, o.symbol, o.given) for o in own if o.given is not None)
    return elementwise(
        function.__name__, formula, function.through, function.sign, function.latex, given
    )


def written_out(expression: Expr, values: Mapping[Symbol, Expr]) -> Expr:
    """The expression with any values for its symbols, all at once.

    Functions whose formulas have an option are written out. Choices are not looked at: SymPy takes
    minutes to sort out some of those.
    """
    opened = {
        f: f.expanded()
        for f in expression.atoms(Elementwise)
        if f.formula.free_symbols & (values.keys() - {U})
    }
    return _put_in(expression.xreplace(opened), values)


def _put_in(expression: Expr, values: Mapping[Symbol, Expr]) -> Expr:
    if expression in values:
        return values[expression]
    if not expression.args:
        return expression
    arguments = [_put_in(a, values) for a in expression.args]
    if isinstance(expression, Piecewise):
        return Piecewise(*arguments, evaluate=False)
    if isinstance(expression, Relational):
        is_known = all(a.is_number for a in arguments)
        return expression.func(*arguments, evaluate=is_known)
    return expression.func(*arguments)
