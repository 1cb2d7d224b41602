"""Everything that can be printed renders, in KaTeX, MathJax, TeX and a browser; nothing is cut.

CI installs them all. Locally a test is skipped where its program is missing, and says how to
get it.
"""

import re
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from symnn import ACTIVATIONS, LAYERS, LOSSES
from symnn.notations import NOTATIONS
from symnn.rendering import FORMATS, standalone
from symnn.rendering.latex import aligned
from symnn.rendering.pdf import HOW_TO_INSTALL
from tests import corpus
from tests.programs import HOW, console_of, faults_in, log_of_latex, needs, refused_by


def document_of(fragments):
    """One document of many pages, each of which announces itself in the log."""
    whole = standalone(corpus.page("a line"))
    opening, ending = whole.split(r"\begin{document}")[0], "\\end{document}\n"
    bodies = (
        f"\\typeout{{== {name.replace('_', '-')}}}\n{fragment}\\newpage\n"
        for name, fragment in fragments
    )
    return f"{opening}\\begin{{document}}\n{''.join(bodies)}{ending}"


def formulas_of(page):
    """The formulas of a page as Markdown, on lines of their own and in sentences."""
    marked = FORMATS["markdown"](page)
    on_lines = re.findall(r"^\$\$\n(.*?)\n\$\$$", marked, re.DOTALL | re.MULTILINE)
    return on_lines + re.findall(r"(?<!\$)\$([^$\n]+)\$", marked)


def test_every_row_layer_loss_and_example_is_among_the_pages_and_every_notation():
    names = corpus.names()
    shown = {name for name, _ in names}
    assert {f"activation {row}" for row in ACTIVATIONS} <= shown
    assert {f"loss {row}" for row in LOSSES} <= shown
    assert {f"layer {row}" for row in LAYERS} <= shown
    assert {path.name for path in corpus.EXAMPLES} <= shown
    assert {("two layers", row) for row in NOTATIONS} <= set(names)


@cache
def pages():
    """Every page, and what it is in LaTeX."""
    named = [*corpus.pages(), *corpus.pages_with_numbers()]
    return named, [(name, FORMATS["latex"](page)) for name, page in named]


# An unknown command or environment is refused by the renderers themselves.
FAULTS = {
    "not ASCII": r"[^\x00-\x7f]",
    "as SymPy writes": r"Piecewise|Derivative|Indexed|Dummy|_\d+_|(?<!\\\\)(?<!alignat)\*",
}


def faults(fragment):
    """What should not stand in LaTeX."""
    return [name for name, sign in FAULTS.items() if re.search(sign, fragment)]


def test_every_page_is_in_the_signs_of_its_format_alone():
    named, fragments = pages()
    assert {name: found for name, text in fragments if (found := faults(text))} == {}
    without_steps = [page for _, page in named if not any(s.lead for s in page.sections)]
    assert len(without_steps) > len(named) / 2
    assert all(FORMATS["text"](page).isascii() for page in without_steps)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("σ", "not ASCII"),
        ("a**2", "as SymPy writes"),
    ],
)
def test_a_sign_that_does_not_belong_is_seen(text, fault):
    assert faults(r"\begin{cases} \frac{1}{N}") == []
    assert faults(text) == [fault]


def test_every_formula_renders_in_katex_and_mathjax_and_tex_and_fits_a_page(tmp_path):
    # One test, so that the pages are laid out in one process alone.
    needs("node", "katex", "mathjax", "pdflatex")
    named, fragments = pages()
    formulas = list(dict.fromkeys(f for _, page in named for f in formulas_of(page)))
    assert set(aligned(named[0][1].sections[0])) <= set(formulas)
    assert refused_by("katex", formulas) == []
    assert refused_by("mathjax", formulas) == []
    assert faults_in(log_of_latex(document_of(fragments), tmp_path)) == []


WRONG = (r"\undefinedmacro", r"\frac{1}{2", r"\begin{nothing} a \end{nothing}")


@pytest.mark.parametrize("renderer", ["katex", "mathjax"])
def test_a_formula_that_a_renderer_does_not_know_is_seen(renderer):
    needs("node", renderer)
    found = refused_by(renderer, ["x", *WRONG, "y"])
    assert [formula for formula, _ in found] == list(WRONG)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (r"\[\undefinedmacro\]", "! Undefined control sequence."),
        (r"\[" + " + ".join(["abcdefgh"] * 12) + r"\]", "Overfull"),
    ],
    ids=["an unknown command", "a line too wide"],
)
def test_what_tex_cannot_set_is_seen(body, fault, tmp_path):
    needs("pdflatex")
    fragment = FORMATS["latex"](corpus.page("a line"))
    document = document_of([("a line", fragment)]).replace(r"\newpage", f"\\typeout{{== it}}{body}")
    ((page, line),) = faults_in(log_of_latex(document, tmp_path))
    assert page == "it"
    assert line.startswith(fault)


# A page in a browser ----------------------------------------------------------------------------

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class _Pages(BaseHTTPRequestHandler):
    """Serves what is set as `content`, and nothing that the policy does not allow."""

    content = ""
    asked = ()

    def do_GET(self):
        type(self).asked += (self.path,)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(self.content.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def browsed(tmp_path):
    """A function that gives the console of a page, and what the browser asked the server for."""
    needs("chromium")
    handler = type("Handler", (_Pages,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def console(content):
        handler.content = content
        lines = console_of(f"http://127.0.0.1:{server.server_port}/page", tmp_path / "profile")
        return lines, handler.asked

    yield console
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", ["two layers", "activation gelu"])
def test_the_page_opens_under_a_strict_policy_with_an_empty_console(name, browsed):
    lines, asked = browsed(FORMATS["html"](corpus.page(name, with_steps=True)))
    assert lines == []
    assert asked == ("/page",)


def test_a_page_that_the_policy_forbids_is_seen(browsed):
    lines, _ = browsed("<!DOCTYPE html><title>x</title><script>1</script><img src='a.png'>")
    assert any("Content Security Policy" in line for line in lines)


def test_what_is_needed_says_how_it_is_installed():
    assert HOW["pdflatex"] == HOW_TO_INSTALL
