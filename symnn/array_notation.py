"""The walk of a printer over the nodes of array algebra: products of matrices, sums over axes."""

from sympy import Expr, Pow
from sympy.printing.precedence import PRECEDENCE

from symnn.array_nodes import MatrixProduct, SumOver
from symnn.naming import Naming


class ArrayNotation(Naming):
    """How whole arrays are written; `notation` adds what they share with indexed expressions."""

    def part(self, expr: Expr, level: int) -> str:
        """The text of a part, in brackets where it binds less than `level`."""
        raise NotImplementedError

    def _print_MatrixProduct(self, expr: Expr) -> str:
        return self.matrix_product(*map(self._factor, expr.args))

    def _factor(self, expr: Expr) -> str:
        """A factor of a product of matrices; `1/√v A` would not say what is below the line."""
        if isinstance(expr, MatrixProduct):
            return str(self._print(expr))
        text = self.part(expr, PRECEDENCE["Mul"] + 1)
        is_fraction = isinstance(expr, Pow) and expr.exp.is_negative
        return self.brackets(text) if is_fraction and not self.stacks_fractions else text

    def _print_Transposed(self, expr: Expr) -> str:
        text = self.part(expr.args[0], PRECEDENCE["Atom"])
        q = self.style.quantities.get(self._quantity_name(expr.args[0]))
        is_quotient = q is not None and q.is_quotient
        return self.transposed(self.brackets(text) if is_quotient else text)

    def _print_Diagonal(self, expr: Expr) -> str:
        return self.call(self.word("diag"), str(self._print(expr.args[0])))

    def _print_Expanded(self, expr: Expr) -> str:
        array = expr.args[0]
        if isinstance(array, SumOver):
            return self.call(self.word("rowsum"), str(self._print(array.args[0])))
        return str(self._print(array))

    def _print_Spread(self, expr: Expr) -> str:
        return str(self._print(expr.args[0]))

    def _print_SumOver(self, expr: SumOver) -> str:
        array, n = expr.args[0], self.letter("n")
        q = self.style.quantities.get(self._quantity_name(array))
        if q is None:
            text = self.brackets(str(self._print(array)))
            return self.summation([n], self.row(text, n))
        return self.summation([n], self._named(q, q.name, [n], scalar=False))

    def _print_Softmax(self, expr: Expr) -> str:
        return self._applied(self.word("softmax"), expr.args[0])

    def _print_LogSumExp(self, expr: Expr) -> str:
        return self._applied(self.word("logsumexp"), expr.args[0])
