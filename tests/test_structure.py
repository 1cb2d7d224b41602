"""How the package is built: what imports what, when, and that no text is ever run.

That a module imports from lower levels alone is tested with docs/design.md, in `test_docs`.
"""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import symnn

ROOT = Path(symnn.__file__).parent
MODULES = {
    ".".join(["symnn", *path.relative_to(ROOT).with_suffix("").parts]).removesuffix(
        ".__init__"
    ): path
    for path in sorted(ROOT.rglob("*.py"))
}
NO_NUMPY = "deriving and printing need no NumPy, and should not wait for it"
# The imports inside functions outside of symnn.cli, each with its reason.
DEFERRED = {
    ("symnn.derivation", "symnn.compilation"): NO_NUMPY,
    ("symnn.derivation", "symnn.worked"): NO_NUMPY,
    ("symnn.first_step", "symnn.optimizers"): NO_NUMPY,
    ("symnn.jacobians", "symnn.compilation"): NO_NUMPY,
    ("symnn.network", "symnn.initialization"): NO_NUMPY,
    ("symnn.display", "symnn.rendering.notebook"): "values know no format; a notebook asks for it",
    ("symnn.stability.estimates", "symnn.stability.forms"): "a form is judged by those in it",
    ("symnn.equations", "symnn.parsing"): "System.parse: the parser stands on the vocabulary",
}
# What turns a text into what runs, and where alone it may stand.
DANGEROUS = {
    "eval": (),
    "sympify": (),
    "parse_expr": (),
    "parse_latex": (),
    "exec": ("symnn.compilation.numpy_backend",),
}
# The same for what is harmless while it is not called: SymPy's S.Half, re.compile.
DANGEROUS_CALLS = {
    "S": (),
    "compile": ("symnn.compilation.numpy_backend",),
}
# Deriving, printing and the command line's help must not wait for these.
LIGHT = {
    "symnn": ("sympy", "numpy"),
    "symnn.cli": ("sympy", "numpy"),
    "symnn.derivation": ("numpy",),
    "symnn.rendering": ("numpy",),
    "symnn.gradcheck": ("numpy",),
}

each_module = pytest.mark.parametrize("name", MODULES)
# Commands import what they need when they run, so that --help waits for none of it.
each_module_but_commands = pytest.mark.parametrize(
    "name", [name for name in MODULES if not name.startswith("symnn.cli")]
)


def tree(name):
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def imported(node):
    """The modules of an import statement."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def is_for_types(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports_at_the_top(body):
    return {name for node in body if not is_for_types(node) for name in imported(node)}


def imports_inside(body):
    """The modules that functions import when they run."""
    functions = [
        node
        for part in body
        for node in ast.walk(part)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return {name for f in functions for node in ast.walk(f) for name in imported(node)}


def calls(body):
    """The names of all that is called, without what stands before a point."""
    found = [node.func for part in body for node in ast.walk(part) if isinstance(node, ast.Call)]
    named = {f.id for f in found if isinstance(f, ast.Name)}
    return named | {f.attr for f in found if isinstance(f, ast.Attribute)}


def plain_calls(body):
    """The names of all that is called by its name alone."""
    found = [node.func for part in body for node in ast.walk(part) if isinstance(node, ast.Call)]
    return {f.id for f in found if isinstance(f, ast.Name)}


def mentions(body):
    """Every name that a module uses or imports."""
    names = {n.id for part in body for n in ast.walk(part) if isinstance(n, ast.Name)}
    imports = [n for part in body for n in ast.walk(part) if isinstance(n, ast.ImportFrom)]
    return names | {alias.name for node in imports for alias in node.names}


def needs():
    """Which modules of the package each one imports when it is loaded."""
    graph = {name: imports_at_the_top(tree(name).body) & set(MODULES) for name in MODULES}
    # A package's own modules come before it, and importing it imports them.
    return {name: found - {name} for name, found in graph.items()}


def test_no_module_imports_itself_round_a_corner():
    order = [*TopologicalSorter(needs()).static_order()]
    assert order.index("symnn.equations") < order.index("symnn.derivation")


def test_a_circle_of_imports_is_seen():
    circle = {**needs(), "symnn.errors": {"symnn.derivation"}}
    with pytest.raises(CycleError):
        TopologicalSorter(circle).prepare()


@each_module_but_commands
def test_imports_stand_at_the_top(name):
    inside = {(name, module) for module in imports_inside(tree(name).body)}
    assert inside == {entry for entry in DEFERRED if entry[0] == name}


@each_module
def test_no_import_takes_all(name):
    nodes = [n for n in ast.walk(tree(name)) if isinstance(n, ast.ImportFrom)]
    assert not any(alias.name == "*" for node in nodes for alias in node.names)


@each_module
def test_choices_are_those_whose_conditions_keep_their_sums(name):
    nodes = [n for n in ast.walk(tree(name)) if isinstance(n, ast.ImportFrom)]
    taken = {alias.name for n in nodes if n.module == "sympy" for alias in n.names}
    assert "Piecewise" not in taken


@each_module
def test_no_text_is_run(name):
    body = tree(name).body
    used, called = mentions(body) | calls(body), plain_calls(body)
    assert used & set(DANGEROUS) <= allowed_in(name, DANGEROUS)
    assert called & set(DANGEROUS_CALLS) <= allowed_in(name, DANGEROUS_CALLS)


def allowed_in(name, table):
    return {function for function, modules in table.items() if name in modules}


SPOILT = {
    "eval": "def f(t):\n    return eval(t)\n",
    "sympify": "import sympy\nx = sympy.sympify('1')\n",
    "parse_expr": "from sympy.parsing.sympy_parser import parse_expr\n",
    "exec": "exec('1')\n",
    "S": "from sympy import S\nx = S('1')\n",
}


@pytest.mark.parametrize(("function", "text"), SPOILT.items(), ids=SPOILT)
def test_a_text_that_is_run_is_seen(function, text):
    body = ast.parse(text).body
    assert function in mentions(body) | calls(body)


def test_an_import_inside_a_function_is_seen():
    body = ast.parse("def f():\n    if True:\n        from symnn.network import Network\n").body
    assert imports_inside(body) == {"symnn.network"}
    assert imports_at_the_top(body) == set()


def test_an_import_for_types_alone_does_not_count():
    body = ast.parse("if TYPE_CHECKING:\n    import numpy\nimport math\n").body
    assert imports_at_the_top(body) == {"math"}


def loaded_by(module, *wanted):
    """Which of the wanted packages a fresh Python has loaded after importing a module."""
    code = f"import sys, {module}\nprint(*(n for n in {wanted!r} if n in sys.modules))"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize(("module", "unwanted"), LIGHT.items(), ids=LIGHT)
def test_what_is_light_to_import_stays_light(module, unwanted):
    assert loaded_by(module, *unwanted) == []


def test_a_heavy_import_is_seen():
    assert loaded_by("symnn.compilation", "numpy", "sympy") == ["numpy", "sympy"]
