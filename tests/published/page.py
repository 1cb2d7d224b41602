"""All cases by kind, and the page of the documentation that lists them."""

from tests.published import (
    cookbook,
    curvature,
    learning,
    likelihoods,
    networks,
    regression,
    scalars,
    sequences,
)
from tests.published.works import WORKS

KINDS = {
    "Functions of one number, and short formulas": scalars.CASES,
    "Vectors, matrices and traces": cookbook.CASES,
    "Regression, classification and likelihoods": regression.CASES,
    "Counts, shares and labels": likelihoods.CASES,
    "Networks and their parts": networks.CASES,
    "Embeddings, energies and rewards": learning.CASES,
    "Convolutions, recurrences, attention and chains": sequences.CASES,
    "Jacobians and Hessians": curvature.CASES,
}
ALL = tuple(case for cases in KINDS.values() for case in cases)
HEAD = f"""# Published derivatives

{len(ALL)} derivatives as publications state them. Each model is typed as below, derived and
compiled by symnn; `tests/test_published.py` compares the numbers with the published formula, typed
from its source with NumPy, to 1e-9 at random points. The formulas are in `tests/published/`.

What has no finite formula in indices, such as the inverse or the determinant of a matrix of any
size, is typed for a size: 2 by 2 or 3 by 3.
"""


def page():
    """The page as Markdown."""
    kinds = "\n".join(f"## {kind}\n\n{_listed(cases)}" for kind, cases in KINDS.items())
    works = "\n".join(f"- {key}: {WORKS[key]}." for key in sorted(WORKS))
    return f"{HEAD}\n{kinds}\n## Sources\n\n{works}\n"


def _listed(cases):
    return "".join(
        f"- `{case.says}`<br>\n  {case.work}, {case.place}<br>\n  `{_typed(case)}`\n"
        for case in cases
    )


def _typed(case):
    """The model on one line."""
    return "; ".join(line.strip() for line in case.model.strip().split("\n"))
