"""What `symnn derive` is asked for: the gradients, or one of the derivatives beside them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symnn.derivation import Derivation
    from symnn.equations import System
    from symnn.network import Network


def derivation_asked_for(
    model: "Network | System",
    names: Sequence[str],
    *,
    of: str | None,
    hessian: bool,
    gauss_newton: bool,
) -> "Derivation":
    """The gradients by these names; with `of` a Jacobian; or a second derivative of the loss.

    With `gauss_newton`, `of` is the output that the loss is of.

    Raises `SymnnError` where the options do not go together, or the names are too many or too few.
    """
    from symnn.derivation import derive
    from symnn.errors import SymnnError

    asked = [
        option
        for option, is_asked in (
            ("--of", of is not None),
            ("--hessian", hessian),
            ("--gauss-newton", gauss_newton),
        )
        if is_asked
    ]
    if not asked:
        return derive(model, names or None)
    if len(asked) > 1 and asked != ["--of", "--gauss-newton"]:
        raise SymnnError(f"{' and '.join(asked)} do not go together; ask for one of them")
    is_jacobian = asked == ["--of"]
    if not 1 <= len(names) <= (1 if is_jacobian else 2):
        many = "one name" if is_jacobian else "one name, or a pair"
        example = f"--of {of}" if is_jacobian else asked[-1]
        raise SymnnError(f"{asked[-1]} takes {many}, as in {example} --wrt W1")
    if gauss_newton:
        from symnn.curvature import gauss_newton as matrix

        return matrix(model, names[0], names[-1], output=of)
    return _derivative(model, names, of=of)


def _derivative(model: "Network | System", names: Sequence[str], *, of: str | None) -> "Derivation":
    from symnn.jacobians import hessian, jacobian

    return hessian(model, *names) if of is None else jacobian(model, of, names[0])
