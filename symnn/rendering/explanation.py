"""A derivation told step by step: for each step the rule in words, and the line that it gives.

What is told is read off the step itself, from what it takes away and what it puts in; no sentence
stands beside a step that has not made it. Each part begins with the chain rule and goes on from the
line before.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from sympy import Expr, Function, KroneckerDelta

from symnn.equations import Partial, Prime, Rule, Step, all_entries, entry_name
from symnn.errors import unknown_name
from symnn.functions import U
from symnn.rendering.formulas import Formulas
from symnn.rendering.page import Formula, Section
from symnn.shown import without_units

DETAILS = ("result", "links", "full")


def explanation(formulas: Formulas, detail: str = "full") -> list[Section]:
    """The parts of the derivation, in the order in which they are computed, sentence by sentence.

    `detail` is one of `DETAILS`: each result alone; the chain rule and the result; or every step.
    Raises `UnknownNameError` for another.
    """
    if detail not in DETAILS:
        raise unknown_name("detail", detail, DETAILS)
    steps = [s for s in formulas.derivation.steps if formulas.is_seen(s)]
    parts = [list(group) for _, group in groupby(steps, key=lambda s: s.target)]
    return [
        section
        for number, part in enumerate(parts, 1)
        for section in _part(formulas, part, f"Step {number} of {len(parts)}", detail)
    ]


def _part(
    formulas: Formulas, steps: Sequence[Step], heading: str, detail: str
) -> Iterator[Section]:
    """One derivative, from the chain rule to its shortest form."""
    first, last = steps[0], steps[-1]

    def line(step: Step) -> tuple[Formula, ...]:
        return (formulas.step(Step(step.target, step.rule, first.before, step.after)),)

    if detail == "result":
        yield Section(heading, (line(last),))
        return
    told = steps if detail == "full" else (first,)
    for step in told:
        rows = (*_derivatives_used(formulas, step), line(step))
        lead = _told(formulas, step) + (_called(formulas, last) if step is last else "")
        yield Section(heading if step is first else "", rows, lead=lead)
    if told[-1] is not last:
        lead = "Work out each link, and put them together." + _called(formulas, last)
        yield Section("", (line(last),), lead=lead)


def _called(formulas: Formulas, step: Step) -> str:
    """The name that the derivative has from now on, if it has one of its own."""
    has_name = formulas.quantities[step.target].is_delta
    return f" From here on this is called {{{step.target}}}." if has_name else ""


def _derivatives_used(formulas: Formulas, step: Step) -> Iterator[tuple[Formula, ...]]:
    """The derivative of each function that the step works out: tanh′(u) = 1 − (tanh u)²."""
    for function in _functions_worked_out(step):
        prime = Prime(function, U)
        style = formulas.one_sample_style
        yield (Formula(((prime, style), (prime.worked_out(), style))),)


def _functions_worked_out(step: Step) -> list[Expr]:
    """The functions whose f′ the step puts in."""
    before, after = ({p.args[0] for p in e.atoms(Prime)} for e in (step.before, step.after))
    return sorted(before - after, key=str)


def _told(formulas: Formulas, step: Step) -> str:
    """The sentence of a step."""
    return _SENTENCES[step.rule](formulas, step)


def _chain(formulas: Formulas, step: Step) -> str:
    by = formulas.quantities[step.target].of
    links = step.after.atoms(Partial)
    through = sorted(
        {entry_name(p.args[0]) for p in links if entry_name(p.args[1]) == by} - {_loss(formulas)}
    )
    if not through:
        return f"How does {{{_loss(formulas)}}} change with {{{by}}}?"
    names = " and ".join(f"{{{name}}}" for name in through)
    only = "only through" if len(through) == 1 else "through"
    added = "multiply the links, and sum" if len(through) == 1 else "each path is one term; sum"
    return (
        f"Chain rule: {{{by}}} acts on {{{_loss(formulas)}}} {only} {names}, so {added} "
        "over every entry on the way."
    )


def _loss(formulas: Formulas) -> str:
    return str(formulas.derivation.system.loss.name)


def _function(formulas: Formulas, step: Step) -> str:
    del formulas
    if _functions_worked_out(step):
        return "Put in the derivative of the function, as SymPy works it out."
    if without_units(step.after).has(KroneckerDelta):
        return (
            "Work out each link. An entry depends on itself alone: the bracket is 1 where the "
            "indices agree, and 0 elsewhere."
        )
    return "Work out each link."


def _contract(formulas: Formulas, step: Step) -> str:
    del formulas, step
    return "In each sum over a bracket only one term is left, the one where the indices agree."


def _output(formulas: Formulas, step: Step) -> str:
    names = _new_names(formulas, step.before, step.after)
    if not names:
        return "Write it in terms of what the forward pass has computed."
    known = " and ".join(f"{{{name}}}" for name in names)
    return f"The forward pass has already computed {known}, so use it here."


def _new_names(formulas: Formulas, before: Expr, after: Expr) -> list[str]:
    """What stands in the line after for a function, or for a part, of the line before."""
    gone = {type(f) for f in before.atoms(Function) - after.atoms(Function)}
    known = {entry_name(e) for e in all_entries(before)}
    found = dict.fromkeys(entry_name(e) for e in all_entries(after))
    defined = {e.quantity.name: type(e.expression) for e in formulas.derivation.system.equations}
    return [name for name in found if name not in known or defined.get(name) in gone]


def _substitute(formulas: Formulas, step: Step) -> str:
    del formulas
    gone = sorted(step.before.atoms(Partial) - step.after.atoms(Partial), key=str)
    names = dict.fromkeys(entry_name(p.args[1]) for p in gone)
    known = " and ".join(f"{{{name}}}" for name in names)
    return f"Put in how the loss changes with {known}." if known else "Put in what is known."


def _collect(formulas: Formulas, step: Step) -> str:
    del formulas
    because = f", since {step.because}" if step.because else ""
    return f"Take out common factors and cancel{because}."


_SENTENCES: Mapping[Rule, Callable[[Formulas, Step], str]] = {
    Rule.CHAIN: _chain,
    Rule.FUNCTION: _function,
    Rule.CONTRACT: _contract,
    Rule.OUTPUT: _output,
    Rule.SUBSTITUTE: _substitute,
    Rule.COLLECT: _collect,
}
