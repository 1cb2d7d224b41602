"""The walk backwards through a system: one adjoint equation for each quantity on the way.

The chain rule alone is used; what each link is, `calculus` says. What is differentiated is one
entry of the output: the loss, or an entry of any quantity at indices of its own, which then are the
first axes of every adjoint.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

from sympy import Add, Expr, Idx, Integer, KroneckerDelta, Mul

from symnn.binding import canonical, fresh_index, index, size_of, total
from symnn.calculus import Contribution, contributions
from symnn.contraction import contract, without_deltas
from symnn.dependence import reached, reads_of
from symnn.equations import (
    Equation,
    Partial,
    Quantity,
    Role,
    Rule,
    Step,
    System,
    all_entries,
    entry_indices,
    entry_name,
)
from symnn.errors import comparing_numbers
from symnn.ratios import in_terms_of_ratios
from symnn.rewriting import (
    collected,
    in_terms_of_outputs,
    lettered,
    letters_of,
    partials_put_in,
    primes_worked_out,
)

# What a derivative may be written in terms of: quantities that a function gives.
_OUTPUTS = (Role.ACTIVATION, Role.INTERMEDIATE)


class Sweep:
    """The walk backwards from one output: what has been derived so far, and how.

    `outer` are the indices of the entry of the `output` that is differentiated; `adjoint_of` gives
    the quantity that an adjoint is, where it has a name.
    """

    def __init__(
        self,
        system: System,
        output: Quantity,
        outer: tuple[Idx, ...] = (),
        adjoint_of: Callable[[Quantity], Quantity | None] = lambda q: q.named_adjoint,
    ) -> None:
        self.steps: list[Step] = []
        self._system = system
        self._output, self._outer = output, outer
        self._adjoint_of = cache(adjoint_of)
        self._loss = output.at(*outer)
        self._outputs = [e for e in system.equations if e.quantity.role in _OUTPUTS]
        self._shapes = {name: q.shape for name, q in system.quantities.items()}
        self._targets = [q.name for q in system.named(Role.TARGET)]
        self._consumers = _consumers(system, output)
        self._letters = letters_of(system)
        self._named: dict[str, Equation] = {}
        self._contributions = cache(self._found_contributions)
        self._equation_of = cache(self._adjoint_equation)

    def adjoint(self, q: Quantity) -> Equation:
        """The equation of δ = ∂L/∂q, for a quantity whose adjoint has a name."""
        adjoint = self._adjoint_of(q)
        assert adjoint is not None
        derived = self._derived(adjoint.name, q)
        indices = (*self._outer, *self._indices(q))
        self._named[adjoint.name] = Equation(adjoint, indices, derived)
        return self._named[adjoint.name]

    def gradient(self, q: Quantity) -> Equation:
        """The equation of ∂L/∂q."""
        quantity = derivative_by(self._output, q, Role.GRADIENT)
        indices = (*self._outer, *self._indices(q))
        adjoint = self._adjoint_of(q)
        if adjoint and adjoint.name == quantity.name:
            return self._named[adjoint.name]
        derived = adjoint.at(*indices) if adjoint else self._derived(quantity.name, q)
        return Equation(quantity, indices, derived)

    def _indices(self, q: Quantity) -> tuple[Idx, ...]:
        """An index for each axis, with its usual letter where the output's entry has not got it."""
        chosen: tuple[Idx, ...] = ()
        for i in q.indices:
            busy = {str(c.label) for c in (*self._outer, *chosen)}
            letter = str(i.label) if str(i.label) not in busy else self._letters.free(i, busy)
            chosen += (index(letter, size_of(i)),)
        return chosen

    @comparing_numbers()
    def _derived(self, target: str, q: Quantity) -> Expr:
        """∂L/∂q at the quantity's usual indices; each step on the way is written down."""
        self._at = target
        at = self._indices(q)
        e: Expr = Partial(self._loss, q.at(*at))
        through = " and ".join(f"{{{r.quantity.name}}}" for r in self._consumers.get(q.name, ()))
        because = f"{{{q.name}}} acts on {{{self._loss}}} through {through}"
        e = self._step(Rule.CHAIN, e, self._chain(q), because)
        e = self._step(Rule.FUNCTION, e, self._opened(q), "")
        e = self._step(Rule.CONTRACT, e, canonical(self._contracted(q)), "")
        e = self._step(Rule.FUNCTION, e, primes_worked_out(e), "")
        e = self._step(Rule.OUTPUT, e, self._in_names(e), "")
        put_in, is_nested = self._with_partials(e)
        if self._outer:
            put_in = canonical(without_deltas(put_in))
        e = self._step(Rule.SUBSTITUTE, e, put_in, "")
        if self._outer or is_nested:
            e = self._step(Rule.OUTPUT, e, self._in_names(e), "")
        ones = self._system.sums_to_one
        because = "".join(f"the entries of {{{name}}} sum to 1" for name in ones)
        e = self._step(Rule.COLLECT, e, collected(e, self._targets, ones), because)
        return lettered(e, (*self._outer, *at), self._letters)

    def _with_partials(self, e: Expr) -> tuple[Expr, bool]:
        """The expression with each ∂L/∂q put in that it names; whether one held another."""
        put_in = canonical(partials_put_in(e, self._of_the_loss))
        further = canonical(partials_put_in(put_in, self._of_the_loss))
        is_nested = further != put_in
        while further != put_in:
            put_in, further = further, canonical(partials_put_in(further, self._of_the_loss))
        return put_in, is_nested

    def _step(self, rule: Rule, before: Expr, after: Expr, because: str) -> Expr:
        if before != after:
            self.steps.append(Step(self._at, rule, before, after, because))
        return after

    def _in_names(self, e: Expr) -> Expr:
        """The expression in the names of the forward pass."""
        # Roots first: what stands in a root would be written in other names else.
        ratios = in_terms_of_ratios(e, self._outputs, self._shapes)
        named = in_terms_of_outputs(ratios, self._outputs, self._shapes)
        return in_terms_of_ratios(named, self._outputs, self._shapes)

    def _chain(self, q: Quantity) -> Expr:
        """Σ ∂L/∂r · ∂r/∂q over everything r that q acts on at once."""
        terms = []
        for r in self._consumers.get(q.name, ()):
            if r.quantity == self._output:
                return Partial(self._loss, q.at(*self._indices(q)))
            places = tuple(map(fresh_index, r.indices))
            link = Partial(r.quantity.at(*places), q.at(*self._indices(q)))
            terms.append(total(self._reference(r.quantity, places) * link, *places))
        return Add(*terms)

    def _opened(self, q: Quantity) -> Expr:
        """The chain with each ∂r/∂q worked out, its δs still there."""
        return Add(
            *(
                total(Mul(c.slope, *map(_delta, c.indices, self._indices(q))), *c.bound)
                for c in self._contributions(q)
            )
        )

    def _contracted(self, q: Quantity) -> Expr:
        """The same with the δs taken out."""
        at = self._indices(q)
        terms = (contract(c.slope, c.bound, c.indices, at) for c in self._contributions(q))
        return without_deltas(Add(*terms)) if self._outer else Add(*terms)

    def _found_contributions(self, q: Quantity) -> tuple[Contribution, ...]:
        return tuple(self._each_contribution(q))

    def _each_contribution(self, q: Quantity) -> Iterator[Contribution]:
        for r in self._consumers.get(q.name, ()):
            is_output = r.quantity == self._output
            places = self._outer if is_output else tuple(map(fresh_index, r.indices))
            reference = self._reference(r.quantity, places)
            for c in contributions(r.instance(*places), q.name):
                bound = c.bound if is_output else places + c.bound
                yield Contribution(c.indices, reference * c.slope, bound)

    def _reference(self, r: Quantity, places: tuple[Idx, ...]) -> Expr:
        """∂L/∂r at these places: by name, or, for an activation within the net, written out."""
        if r == self._output:
            return Integer(1)
        adjoint = self._adjoint_of(r)
        if adjoint:
            return adjoint.at(*self._outer, *places)
        if any(s.quantity == self._output for s in self._consumers[r.name]):
            return Partial(self._loss, r.at(*places))
        return self._equation_of(r).instance(*places)

    def _adjoint_equation(self, r: Quantity) -> Equation:
        """∂L/∂r as it is when its δs have been taken out, for writing into another."""
        return Equation(r, self._indices(r), self._contracted(r))

    def _of_the_loss(self, partial: Partial) -> Expr | None:
        """∂L/∂q, where q is an output on which the loss acts at once."""
        top, bottom = partial.args
        if top != self._loss:
            return None
        r = self._system.quantities[entry_name(bottom)]
        return primes_worked_out(self._equation_of(r).instance(*entry_indices(bottom)))


def derivative_by(output: Quantity, q: Quantity, role: Role) -> Quantity:
    """The quantity ∂output/∂q: the axes of the output, then those of q."""
    if output.role is Role.LOSS and not output.shape:
        return replace(q, name=f"dL_d{q.name}", role=role, of=q.name, adjoint=None)
    return replace(
        q,
        name=f"d{output.name}_d{q.name}",
        shape=(*output.shape, *q.shape),
        letters=(*output.letters, *q.letters),
        role=role,
        of=q.name,
        top=output.name,
        adjoint=None,
    )


def _delta(one: Expr, other: Expr) -> Expr:
    # Not evaluated: SymPy asks at length whether two indices are ever equal, and none here is.
    return KroneckerDelta(one, other, evaluate=False)


def _consumers(system: System, output: Quantity) -> dict[str, list[Equation]]:
    """The equations in which each quantity occurs, of those on which the output depends."""
    on_the_way = reached([output.name], reads_of(system.equations))
    found: dict[str, list[Equation]] = {}
    for equation in system.equations:
        if equation.quantity.name not in on_the_way:
            continue
        names = dict.fromkeys(entry_name(e) for e in all_entries(equation.expression))
        for name in names:
            found.setdefault(name, []).append(equation)
    return found
