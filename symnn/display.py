"""How values show themselves in a notebook: as mathematics."""

from collections.abc import Container


class Displayed:
    """What Jupyter asks of a value: its formulas as HTML with MathML, and as LaTeX."""

    def _repr_latex_(self) -> str:
        from symnn.rendering.notebook import as_latex

        return as_latex(self)

    def _repr_html_(self) -> str:
        from symnn.rendering.notebook import as_html

        return as_html(self)

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        kinds = {"text/html": self._repr_html_, "text/latex": self._repr_latex_}
        wanted = {
            kind: made
            for kind, made in kinds.items()
            if (include is None or kind in include) and (exclude is None or kind not in exclude)
        }
        return {"text/plain": repr(self), **{kind: made() for kind, made in wanted.items()}}
