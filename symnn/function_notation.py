"""The walk of a printer over what brings its own brackets: functions, extremes, cases, conditions.

How tightly an expression binds, and with that where else brackets must stand, says `notation`.
"""

from sympy import Abs, Eq, Expr, Function, Idx, Indexed, Symbol
from sympy.core.relational import Relational
from sympy.printing.precedence import PRECEDENCE

from symnn.array_notation import ArrayNotation
from symnn.binding import size_of
from symnn.cases import Piecewise
from symnn.choices import flattened, greater_or_less, indicated
from symnn.conditions import Chain, chains
from symnn.digits import Digit
from symnn.equations import entry_name
from symnn.functions import Elementwise, Named
from symnn.pieces import REDUCTION_WORDS, excepted_place, is_told_by_an_axis
from symnn.reading import natural
from symnn.reductions import ArgMax, ArgMin, Reduction

_ADD, _MUL, _ATOM = (PRECEDENCE[k] for k in ("Add", "Mul", "Atom"))


class FunctionNotation(ArrayNotation):
    """How functions, cases and conditions are written."""

    def binding(self, expr: Expr) -> int:
        """How tightly an expression binds as it is printed: one of SymPy's precedences."""
        raise NotImplementedError

    def _below(self, i: Idx, body: Expr) -> str:
        """An index below its sign, with its range where no axis in the body tells it."""
        letter = str(self._print(i))
        if not isinstance(i, Idx) or is_told_by_an_axis(i, body, self.style.tells):
            return letter
        least = self.relation("<=")
        return f"{self.number('1')} {least} {letter} {least} {self._print(size_of(i))}"

    def _print_Reduction(self, expr: Reduction) -> str:
        word, letters = REDUCTION_WORDS[type(expr)], [self._below(expr.index, expr.function)]
        body = expr.function
        while isinstance(body, type(expr)) and not isinstance(expr, ArgMax | ArgMin):
            letters.append(self._below(body.index, body.function))
            body = body.function
        excepted = excepted_place(expr)
        if excepted is not None:
            place, body = excepted
            letters = [f"{letters[0]} {self.relation('!=')} {self._print(place)}"]
        return self.reduction(word, letters, str(self._print(body)))

    def _print_Function(self, expr: Function) -> str:
        options = self._options(type(expr))
        return self._applied(self.function_name(type(expr)), expr.args[0], options)

    def function_name(self, function: type[Function]) -> str:
        """The printed name of a function."""
        name = function.called if issubclass(function, Named) else function.__name__
        return self.word(name)

    def _options(self, function: type[Function]) -> str:
        """The options of a function that are not the usual ones, to stand after its argument."""
        given = function.options if issubclass(function, Elementwise) else ()
        return "".join(self.option(name, str(s), str(self._print(v))) for name, s, v in given)

    def _applied(self, name: str, argument: Expr, options: str = "") -> str:
        text = str(self._print(argument))
        is_name = isinstance(argument, Symbol | Indexed) and self.binding(argument) == _ATOM
        if is_name and name in self.bare_functions:
            return self.bare_call(name, text)
        return self.call(name, text + options)

    def _print_exp(self, expr: Expr) -> str:
        return self.exponential(str(self._print(expr.args[0])))

    def _print_Abs(self, expr: Abs) -> str:
        return self.absolute(str(self._print(expr.args[0])))

    def _print_Prime(self, expr: Expr) -> str:
        function, argument = expr.args
        name = self.prime(self.function_name(type(function.expr)))
        return self.call(name, str(self._print(argument)) + self._options(type(function.expr)))

    def _print_Partial(self, expr: Expr) -> str:
        top, bottom = expr.args
        below = str(self._print(bottom))
        q = self.style.quantities.get(self._quantity_name(bottom))
        if q is not None and q.is_quotient:
            below = self.brackets(below)
        return self.derivative(str(self._print(top)), below)

    def _print_Max(self, expr: Expr) -> str:
        return self.call(self.word("max"), self._listed(expr))

    def _print_Min(self, expr: Expr) -> str:
        return self.call(self.word("min"), self._listed(expr))

    def _listed(self, expr: Expr) -> str:
        ordered = sorted(expr.args, key=natural)
        return self.comma.join(str(self._print(a)) for a in ordered)

    def _print_Piecewise(self, expr: Piecewise) -> str:
        expr = flattened(expr)
        holds = indicated(expr)
        if holds is not None:
            return self.indicator(str(self._print(holds)))
        extreme = greater_or_less(expr)
        if extreme is not None:
            word, two = extreme
            return self.call(self.word(word), self.comma.join(str(self._print(v)) for v in two))
        return self.cases([(str(self._print(v)), self._condition(c)) for v, c in expr.args])

    def _condition(self, condition: Expr) -> str:
        return "" if condition == True else str(self._print(condition))  # noqa: E712

    def _print_Relational(self, expr: Relational) -> str:
        return self.conjunction([self._chain(c) for c in chains(expr, self._is_whole)])

    def _print_And(self, expr: Expr) -> str:
        return self._print_Relational(expr)

    def _chain(self, chain: Chain) -> str:
        """`1 ≤ t - s`: expressions and the signs between them."""
        texts = (self.relation(c) if isinstance(c, str) else self.part(c, _ADD) for c in chain)
        return " ".join(texts)

    def _is_whole(self, entry: Expr) -> bool:
        q = self.style.quantities.get(entry_name(entry))
        return q is not None and q.is_integer

    def _print_Or(self, expr: Expr) -> str:
        return self.disjunction([str(self._print(c)) for c in sorted(expr.args, key=str)])

    def _print_KroneckerDelta(self, expr: Expr) -> str:
        return self.indicator(self._print_Relational(Eq(*expr.args, evaluate=False)))

    def _print_Digit(self, expr: Digit) -> str:
        is_whole = expr.stride == 1
        text = (
            self.part(expr.of, _MUL)
            if is_whole
            else self.floor(str(self._print(expr.of / expr.stride)))
        )
        return text if expr.is_first else self.modulo(text, str(self._print(expr.args[2])))
