"""Expressions as exp(v) · r, and sums of exponentials shifted by the greatest exponent.

Every function returns what is equal to its argument. The greatest exponent of a sum, and the sum
that is left, become quantities of their own, since much reads them.
"""

from collections.abc import Callable, Sequence

from sympy import Abs, Add, Expr, Idx, Integer, Max, Mul, Pow, Sum, exp, log

from symnn.binding import bound_indices, total
from symnn.cases import Piecewise
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.reductions import BINDERS, Maximum, reduced
from symnn.softmaxes import as_softmax
from symnn.stability.exponents import (
    ZERO,
    Known,
    Scaled,
    cores,
    difference,
    is_masked_sum,
    is_minus_entry,
    is_of_exponentials,
    is_whole,
    log_of_one_and,
    mask_of,
    where,
    with_zeros,
)
from symnn.stability.growth import grows
from symnn.stability.parts import rebuilt
from symnn.stability.places import Places
from symnn.stability.special import Capped


class Scaling:
    """What is known of growing quantities, and the new equations that this takes."""

    def __init__(self, places: Places) -> None:
        self.known: dict[str, Known] = {}
        self._tops: dict[str, Equation] = {}
        self._places = places

    def learned(self, e: Equation) -> bool:
        """Whether the quantity is known now as exp(v) · r, where v is not 0."""
        found = self.scaled(e.expression)
        if found.exponent == 0:
            return False
        rest = self._places.place("scaled", found.rest) if found.rest.has(*BINDERS) else found.rest
        self.known[e.quantity.name] = Known(e.indices, Scaled(found.exponent, rest))
        return True

    def plain(self, node: Expr) -> Expr:
        """The value of an expression, computed so that nothing in it overflows on the way."""
        if not self._concerns(node):
            return node
        if self._is_entry(node):
            return self._entry(node).value
        ratio = self._softmax_in(node)
        if ratio is not None:
            return self._beside(self._with_values(node), self._with_values(ratio))
        if isinstance(node, log):
            return self._log(node)
        if isinstance(node, Mul | Pow):
            opened = with_zeros(node)
            if opened is not None and self._is_critical(opened):
                return self.scaled(opened).value
        if isinstance(node, Mul):
            opened = self._distributed(node)
            if opened is not None:
                return self.plain(opened)
        if isinstance(node, Sum):
            return total(self.plain(node.function), *bound_indices(node))
        return rebuilt(node, map(self.plain, node.args))

    def _softmax_in(self, node: Expr) -> Expr | None:
        """The softmax in a product in which nothing else grows."""
        found = as_softmax(node)
        if found is None or self._grows(found[2]):
            return None
        growing = (f for f in node.args if isinstance(f, exp) or self._grows(f))
        return Mul(*growing)

    def _with_values(self, node: Expr) -> Expr:
        """The expression with what is known as exp(v) · r written out: it has no equation now."""
        known = (e for e in all_entries(node) if entry_name(e) in self.known)
        return node.xreplace({e: self._entry(e).value for e in known})

    def _beside(self, node: Mul, ratio: Expr) -> Expr:
        """A softmax and what it is multiplied by; the two apart, since a sum may be of both."""
        rest = [self.plain(f) for f in node.args if f not in Mul.make_args(ratio)]
        return Mul(self._places.place("softmax", ratio), *rest) if rest else node

    def _distributed(self, node: Mul) -> Expr | None:
        """The product opened, where an exponential in it cancels one in a sum beside it."""
        growing = [f for f in node.args if self._grows(f)]
        sums = [f for f in growing if isinstance(f, Add) and not is_of_exponentials(f)]
        if len(growing) < 2 or not sums:
            return None
        rest = Mul(*(f for f in node.args if f is not sums[0]))
        return Add(*(rest * term for term in sums[0].args))

    def _concerns(self, node: Expr) -> bool:
        """Whether there is anything in an expression that may have to be rewritten."""
        return node.has(exp) or any(entry_name(e) in self.known for e in all_entries(node))

    def _is_entry(self, node: Expr) -> bool:
        return next(all_entries(node), None) == node and entry_name(node) in self.known

    def _entry(self, node: Expr) -> Scaled:
        return self.known[entry_name(node)].at(*entry_indices(node))

    def _grows(self, node: Expr) -> bool:
        return grows(node, self.known)

    def _is_critical(self, node: Expr) -> bool:
        """Whether a product or a power is made of more exponentials than one."""
        factors = [f for f in Mul.make_args(node) if self._grows(f)]
        if any(self._is_of_known(f) for f in factors):
            return True
        if len({frozenset(all_entries(f)) for f in factors if isinstance(f, exp)}) > 1:
            return True
        below = [f for f in factors if isinstance(f, Pow) and not is_whole(f.exp)]
        growing = [f.base for f in below if self._grows(f.base)]
        if not growing:
            return False
        if not all(map(is_of_exponentials, growing)):
            return True
        return any(f.has(Sum) for f in below) or len({c for f in factors for c in cores(f)}) > 1

    def _is_of_known(self, node: Expr) -> bool:
        return any(entry_name(e) in self.known for e in all_entries(node))

    def _log(self, node: Expr) -> Expr:
        (inside,) = node.args
        is_alone = not inside.has(Sum) and not self._is_of_known(inside) and len(cores(inside)) < 2
        is_alone = is_alone and is_of_exponentials(inside)
        if isinstance(inside, Mul) and any(isinstance(f, exp) for f in inside.args):
            # log(r·exp(v)) = v + log(r), where nothing in r grows.
            is_alone = is_alone and sum(map(self._grows, inside.args)) > 1
        is_logsumexp = isinstance(inside, Sum) and isinstance(inside.function, exp)
        if not self._grows(inside) or is_alone or is_logsumexp:
            return rebuilt(node, map(self.plain, node.args))
        one, rest = inside.as_coeff_Add()
        if one == 1:
            return log_of_one_and(self.scaled(rest))
        found = self.scaled(inside)
        return found.exponent + log(found.rest)

    def scaled(self, node: Expr) -> Scaled:
        """An expression as exp(v) · r, where r is of ordinary size."""
        if not self._grows(node):
            return Scaled(ZERO, self.plain(node))
        if self._is_entry(node):
            return self._entry(node)
        for kind, rule in self._rules:
            if isinstance(node, kind):
                return rule(self, node)
        return Scaled(ZERO, self.plain(node))

    def _exp(self, node: exp) -> Scaled:
        return Scaled(self._simple(self.plain(node.args[0])), Integer(1))

    def _mul(self, node: Mul) -> Scaled:
        if self._softmax_in(node) is not None:
            return Scaled(ZERO, self.plain(node))
        parts = [self.scaled(f) for f in node.args]
        return Scaled(Add(*(p.exponent for p in parts)), Mul(*(p.rest for p in parts)))

    def _pow(self, node: Pow) -> Scaled:
        base, power = self.scaled(node.base), self.plain(node.exp)
        rest = base.rest
        if node.exp.is_negative and is_masked_sum(node.base):
            # The greatest of the terms is 1 by now, unless all are left out: nothing reads it then.
            rest = Max(rest, 1, evaluate=False)
        return Scaled((power * base.exponent).expand(), rest**power)

    def _abs(self, node: Abs) -> Scaled:
        inner = self.scaled(node.args[0])
        return Scaled(inner.exponent, Abs(inner.rest))

    def _add(self, node: Add) -> Scaled:
        parts = [self.scaled(a) for a in node.args]
        apart = difference(*parts) if len(parts) == 2 else None
        return self._joined(parts, lambda rests: Add(*rests) if apart is None else apart)

    def _joined(self, parts: Sequence[Scaled], join: Callable[[list[Expr]], Expr]) -> Scaled:
        """What is made of several, each shifted by the greatest of their exponents."""
        terms = [set(Add.make_args(p.exponent)) for p in parts]
        shared = Add(*set.intersection(*terms))
        own = [p.exponent - shared for p in parts]
        top = own[0] if len(set(own)) == 1 else self._greatest(own)
        rests = (p.rest * exp(v - top) for p, v in zip(parts, own, strict=True))
        return Scaled(shared + top, join(list(rests)))

    def _greatest(self, exponents: Sequence[Expr]) -> Expr:
        """No less than any of them, and as great as one."""
        if 0 in exponents and all(v == 0 or self._is_below_top(v) for v in exponents):
            return ZERO
        return Max(*exponents, evaluate=False)

    def _is_below_top(self, exponent: Expr) -> bool:
        """Whether it is v[k] less the greatest v."""
        for term in Add.make_args(exponent):
            top = self._tops.get(entry_name(-term)) if is_minus_entry(term) else None
            if top is not None:
                greatest = top.instance(*entry_indices(-term))
                v, bound = exponent - term, bound_indices(greatest)
                at = (greatest.function.xreplace(dict.fromkeys(bound, j)) for j in v.atoms(Idx))
                if v in at:
                    return True
        return False

    def _piecewise(self, node: Piecewise) -> Scaled:
        parts = [self.scaled(value) for value, _ in node.args]
        conditions = [self.plain(c) for _, c in node.args]
        # What is left out, as 0, has no exponent.
        kept = [k for k, p in enumerate(parts) if p.rest != 0] or [0]

        def join(rests: list[Expr]) -> Expr:
            values = dict(zip(kept, rests, strict=True))
            cases = ((values.get(k, Integer(0)), c) for k, c in enumerate(conditions))
            return Piecewise(*cases, evaluate=False)

        return self._joined([parts[k] for k in kept], join)

    def _sum(self, node: Sum) -> Scaled:
        """The sum shifted by the greatest of its exponents."""
        bound = bound_indices(node)
        body = self.scaled(node.function)
        fixed = [t for t in Add.make_args(body.exponent) if not t.has(*bound)]
        moving = body.exponent - Add(*fixed)
        if moving == 0:
            return Scaled(body.exponent, self._places.place("scaled", total(body.rest, *bound)))
        exponents = where(mask_of(body.rest), moving)
        if exponents != moving:
            # Where all is left out, the greatest is a number: -oo less -oo would be none.
            exponents = Capped(exponents)
        greatest = reduced(Maximum, exponents, *bound)
        top = self._places.place("top", greatest)
        self._tops |= {
            e.quantity.name: e for e in self._places.new if isinstance(e.expression, Maximum)
        }
        rest = total(Scaled(moving - top, body.rest).value, *bound)
        return Scaled(Add(top, *fixed), self._places.place("scaled", rest))

    def _simple(self, exponent: Expr) -> Expr:
        """An exponent; what takes time to compute is a quantity of its own."""
        return self._places.place("exponent", exponent) if exponent.has(*BINDERS) else exponent

    _rules = (
        (exp, _exp),
        (Mul, _mul),
        (Pow, _pow),
        (Abs, _abs),
        (Add, _add),
        (Piecewise, _piecewise),
        (Sum, _sum),
    )
