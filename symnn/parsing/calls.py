"""The calls of a right side: functions with options, `where` with its condition, reductions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import TypeVar

import sympy
from sympy import Add, Expr, Idx, S
from sympy.logic.boolalg import Boolean

from symnn.binding import index
from symnn.cases import Piecewise
from symnn.errors import SpecError
from symnn.functions import U
from symnn.options import Option, no_option
from symnn.parsing.branches import MAX_CASES, branches, branchwise, chosen, is_plain
from symnn.parsing.checks import plain
from symnn.parsing.constants import check_exponential, check_logarithms
from symnn.parsing.letters import free_letter
from symnn.parsing.names import Names
from symnn.parsing.source import Fault, did_you_mean, shown
from symnn.parsing.subscripts import Scope
from symnn.parsing.tree import Argument, Call, Chain, Comparison, Logic, Name, Node, walk
from symnn.parsing.vocabulary import (
    ALIASES,
    FUNCTIONS,
    FUNCTIONS_OF_SEVERAL,
    KEEPING,
    OPTIONS,
    REDUCTIONS,
    WHERE,
    WORDS,
    loss_terms,
)
from symnn.rows import OUTPUT, TARGET, HasOptions

_RELATIONS: Mapping[str, type[Boolean]] = {
    "<": sympy.Lt,
    "<=": sympy.Le,
    ">": sympy.Gt,
    ">=": sympy.Ge,
    "==": sympy.Eq,
    "!=": sympy.Ne,
}
_TO_BE_NAMED = "a choice within a condition is named on a line of its own: m = maximum(a, b)"
Row = TypeVar("Row", bound=HasOptions)
_LOGIC = {"and": sympy.And, "or": sympy.Or, "not": sympy.Not}


@dataclass(frozen=True)
class Calls:
    """The names of a text, and how the value of a node is built."""

    names: Names
    value: Callable[[Node, Scope], Expr]

    def call(self, node: Call, scope: Scope) -> Expr:
        """The value of a call."""
        for test, build in _CALLS:
            if node.name in test:
                return build(self, node, scope)
        if node.name in loss_terms():
            return self._loss_term(node, scope)
        alias = ALIASES.get(node.name)
        if node.name in self.names.declared:
            message = f"{node.name!r} is a quantity; its entries are read with [ ]"
        elif alias:
            message = f"no function is called {node.name!r}; write {alias}"
        else:
            near = did_you_mean(node.name, (*WORDS, *loss_terms()))
            message = f"no function is called {shown(node.name)!r}{near}"
        raise Fault(message, node.place)

    def _arguments(self, node: Call, count: int, scope: Scope) -> list[Expr]:
        """The values of the arguments of which there must be so many, options not counted."""
        plain = [a for a in node.arguments if a.option is None]
        for argument in plain:
            if argument.size is not None:
                raise Fault("a size is stated for an index letter, as in i:3", argument.size.place)
        if len(plain) != count:
            numbers = f"{count} argument{'s' * (count > 1)}, not {len(plain)}"
            raise Fault(f"{node.name} takes {numbers}", node.place)
        return [self.value(a.value, scope) for a in plain]

    def _options(self, node: Call, known: Sequence[Option], scope: Scope) -> dict[str, Expr]:
        """The values of the options that are given, each of which is known."""
        for argument in node.arguments:
            if argument.option and not any(argument.option in o.names for o in known):
                raise Fault(no_option(node.name, argument.option, known), argument.value.place)
        return {a.option: self.value(a.value, scope) for a in node.arguments if a.option}

    def _function(self, node: Call, scope: Scope) -> Expr:
        (value,) = self._arguments(node, 1, scope)
        check_exponential(Add.make_args(value), node.place)
        row = OPTIONS.get(node.name)
        given = self._options(node, row.options if row else (), scope)
        if row is None or not given:
            return FUNCTIONS[node.name](value)
        if all(v.is_Rational for v in given.values()):
            return _with_numbers(row, given, node).expression.xreplace({U: value})
        return branchwise(lambda u: row.at(u, given), _plain(value, node))

    def _function_of_several(self, node: Call, scope: Scope) -> Expr:
        _refuse_options(node)
        count, function = FUNCTIONS_OF_SEVERAL[node.name]
        values = self._arguments(node, count, scope)
        flat = [_plain(v, a.value) for v, a in zip(values, node.arguments, strict=True)]
        if prod(len([*branches(v)]) for v in flat) * 2 ** (count - 1) > MAX_CASES:
            raise Fault(
                f"this chooses among more than {MAX_CASES} values; name its parts", node.place
            )
        return function(*flat)

    def _loss_term(self, node: Call, scope: Scope) -> Expr:
        output, target = self._arguments(node, 2, scope)
        output = _plain(output, node.arguments[0].value)
        row = loss_terms()[node.name]
        given = self._options(node, row.options, scope)
        weight = given.pop("weight", S.One)
        numbers = {name: v for name, v in given.items() if v.is_Rational}
        others = {name: v for name, v in given.items() if name not in numbers}
        for argument in node.arguments:
            if argument.option in others and others[argument.option].has(Piecewise):
                message = "a choice as an option is named on a line of its own: d = maximum(a, b)"
                raise Fault(message, argument.value.place)
        term = _with_numbers(row, numbers, node).term_at(others)
        if term is None:
            raise Fault(
                f"{node.name} with {' and '.join(given)} is no term of one output; "
                f"put it into the target, as in (1 - e)*y[k] + e/K",
                node.place,
            )
        check_exponential((*Add.make_args(output), *Add.make_args(target)), node.place)
        if weight.is_negative:
            raise Fault(
                f"the weight of {node.name} is {weight}; it must not be negative", node.place
            )
        if term.has(Piecewise):
            _refuse_constants(node, [output, target, *others.values()], output - target)
        value: Expr = term.xreplace({OUTPUT: output, TARGET: target})
        return weight * value

    def _where(self, node: Call, scope: Scope) -> Expr:
        first = node.arguments[0]
        if first.option:
            raise Fault(f"a comparison is written {first.option} == …", first.value.place)
        _refuse_options(node)
        if len(node.arguments) != 3:
            raise Fault("where takes a condition and two values: where(u <= t, a, b)", node.place)
        condition, value, other = (a.value for a in node.arguments)
        holds = self._condition(condition, scope)
        inner = _guarded(scope, condition)
        branches = self._branch(value, inner), self._branch(other, inner)
        if holds in (sympy.true, sympy.false):
            return branches[holds == sympy.false]
        return chosen(holds, *branches)

    def _branch(self, node: Node, scope: Scope) -> Expr:
        """A branch of where, which may be infinite."""
        sign, inner = "+", node
        if isinstance(node, Chain) and len(node.parts) == 1:
            ((sign, inner),) = node.parts
        is_infinite = isinstance(inner, Name) and inner.name == "inf"
        if not is_infinite or "inf" in (*self.names.declared, *scope.indices):
            return self.value(node, scope)
        return S.NegativeInfinity if sign == "-" else S.Infinity

    def _condition(self, node: Node, scope: Scope) -> Boolean:
        if isinstance(node, Logic):
            parts = []
            for part in node.parts:
                parts.append(self._condition(part, scope))
                scope = _guarded(scope, part) if node.word == "and" else scope
            return _LOGIC[node.word](*parts)
        if not isinstance(node, Comparison):
            raise Fault("the first argument of where is a condition, as in u <= t", node.place)
        operands = (node.first, *(operand for _, operand in node.rest))
        values = [self.value(operand, scope) for operand in operands]
        for value, operand in zip(values, operands, strict=True):
            if value.has(Piecewise):
                raise Fault(_TO_BE_NAMED, operand.place)
        claims = []
        for k, (sign, _) in enumerate(node.rest):
            one, other = values[k : k + 2]
            is_known = (one.is_number and other.is_number) or one == other
            for value in (one, other):
                check_logarithms(value, node.place)
            claim = _RELATIONS[sign](one, other, evaluate=is_known)
            if is_known and claim not in (sympy.true, sympy.false):
                raise Fault("a condition of constants alone is no choice", operands[k].place)
            claims.append(claim)
        return claims[0] if len(claims) == 1 else sympy.And(*claims)

    def _reduction(self, node: Call, scope: Scope) -> Expr:
        letters, body = self._over(node)
        own = self._indices(letters, scope)
        value = self.value(body, scope.within(own))
        check_exponential(Add.make_args(value), node.place)
        return REDUCTIONS[node.name](value, tuple(own.values()))

    def _keeping(self, node: Call, scope: Scope) -> Expr:
        letters, body = self._over(node)
        for argument in node.arguments[:-1]:
            if isinstance(argument.value, Name) and argument.value.name not in scope.indices:
                name = argument.value.name
                message = f"{node.name} keeps its index: put {name!r} on the left side"
                raise Fault(message, argument.value.place)
        own = self._indices(letters, scope)
        value = self.value(body, scope)
        check_exponential(Add.make_args(value), node.place)
        other = self.value(body, scope.within(own))
        return KEEPING[node.name](value, other, tuple(own.values()))

    def _over(self, node: Call) -> tuple[tuple[str, ...], Node]:
        """The letters and the body of a reduction."""
        *firsts, last = node.arguments
        _refuse_options(node)
        for argument in firsts:
            self._check_letter(node, argument)
        letters = tuple(a.value.name for a in firsts if isinstance(a.value, Name))
        if not letters or last.size is not None:
            raise self._no_letter(node)
        for k, argument in enumerate(firsts):
            if letters[k] in letters[:k]:
                raise Fault(f"index {letters[k]!r} stands twice here", argument.value.place)
        return letters, last.value

    def _check_letter(self, node: Call, argument: Argument) -> None:
        value = argument.value
        if not isinstance(value, Name) or value.name not in self.names.letters:
            raise self._no_letter(node, value)

    def _no_letter(self, node: Call, value: Node | None = None) -> Fault:
        two = {"max": "maximum", "min": "minimum"}.get(node.name)
        cure = f"write {node.name}(i, …)"
        if two:
            relu = " or relu(x)" if two == "maximum" else ""
            cure = f"of two values write {two}(0, x){relu}"
        return Fault(f"{node.name} runs over an index; {cure}", (value or node).place)

    def _indices(self, letters: Sequence[str], scope: Scope) -> dict[str, Idx]:
        """The indices of letters that are bound here, by another letter each that is taken."""
        taken = scope.taken | self.names.all | set(letters)
        found: dict[str, Idx] = {}
        for letter in letters:
            name = free_letter(letter, taken) if letter in scope.taken else letter
            found[letter] = index(name, self.names.size(letter))
            taken |= {name}
        return found


def _refuse_constants(node: Call, values: Sequence[Expr], difference: Expr) -> None:
    """Refuse a loss whose case depends on a constant that is no number yet: SymPy is slow at it."""
    known = [v for v in values if v.is_number]
    is_told = len(known) == len(values) and not all(v.is_Rational for v in values)
    if is_told or (difference.is_number and not difference.is_Rational):
        raise Fault(f"{node.name} of constants alone; put its value there, a number", node.place)


def _with_numbers(row: Row, given: Mapping[str, Expr], node: Call) -> Row:
    """A row whose options are numbers."""
    try:
        return row.with_options(**given)
    except SpecError as error:
        raise Fault(str(error), node.place) from None


def _plain(value: Expr, node: Node) -> Expr:
    """The value with its choices outermost; refused where it cannot be."""
    found = plain(value, node.place)
    if not is_plain(found):
        raise Fault(_TO_BE_NAMED, node.place)
    return found


def _guarded(scope: Scope, condition: Node) -> Scope:
    """The scope of what a condition guards: places of its letters may lie outside elsewhere."""
    letters = {n.name for n in walk(condition) if isinstance(n, Name)}
    return replace(scope, guards=scope.guards | letters)


def _refuse_options(node: Call) -> None:
    for argument in node.arguments:
        if argument.option:
            raise Fault(no_option(node.name, argument.option, ()), argument.value.place)


_CALLS: tuple[tuple[tuple[str, ...], Callable[[Calls, Call, Scope], Expr]], ...] = (
    (tuple(FUNCTIONS), Calls._function),
    (tuple(FUNCTIONS_OF_SEVERAL), Calls._function_of_several),
    ((WHERE,), Calls._where),
    (tuple(REDUCTIONS), Calls._reduction),
    (tuple(KEEPING), Calls._keeping),
)
