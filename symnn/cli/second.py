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
    if len(asked) > 1:
        raise SymnnError(f"{' and '.join(asked)} do not go together; ask for one of them")
    if not 1 <= len(names) <= (1 if of else 2):
        many = "one name" if of else "one name, or a pair"
        example = f"--of {of}" if of else asked[0]
        raise SymnnError(f"{asked[0]} takes {many}, as in {example} --wrt W1")
    return _derivative(model, names, of=of, hessian=hessian)


def _derivative(
    model: "Network | System", names: Sequence[str], *, of: str | None, hessian: bool
) -> "Derivation":
    from symnn.curvature import gauss_newton
    from symnn.jacobians import hessian as second_derivative
    from symnn.jacobians import jacobian

    if of is not None:
        return jacobian(model, of, names[0])
    if hessian:
        return second_derivative(model, *names)
    return gauss_newton(model, *names)
