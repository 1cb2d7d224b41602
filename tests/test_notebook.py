"""Values in a notebook: mathematics in HTML and in LaTeX, and plain text beside."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from symnn import Network, System, derive, hessian, jacobian
from symnn.rendering import FORMATS, page_of

NETWORK = Network("2-3:tanh-1:sigmoid", loss="bce")
DERIVATION = derive(NETWORK)
VALUES = {
    "a network": (NETWORK, r"a^{(1)} &= \tanh z^{(1)}"),
    "a system": (NETWORK.system, r"a^{(1)}_{nj} &= \tanh z^{(1)}_{nj}"),
    "equations": (
        System.parse("input x; target y; parameter rate\nloss = (rate*x - y)**2"),
        r"\mathit{rate}",
    ),
    "a derivation": (DERIVATION, r"\frac{\partial L}{\partial W^{(2)}}"),
    "a step": (DERIVATION.steps[0], r"\frac{\partial L}{\partial z^{(2)}_{n}} &="),
    "an equation": (DERIVATION.adjoints[-1], r"\delta^{(1)}_{nj} &="),
}
# Elements that HTML itself may leave open.
VOID = {"meta", "br"}


class Balance(HTMLParser):
    """Finds elements that are not closed where they should be, and what a page may not have."""

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.tags = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name.startswith("on") or "://" in (value or "") or name in ("src", "style"):
                self.faults.append(f"{tag} {name}")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"/{tag}")


def balance(text):
    found = Balance()
    found.feed(text)
    found.close()
    found.faults += found.open
    return found


@pytest.mark.parametrize(("value", "formula"), VALUES.values(), ids=VALUES)
def test_a_value_shows_itself_as_mathematics(value, formula):
    bundle = value._repr_mimebundle_()
    assert bundle["text/plain"] == repr(value)
    assert bundle["text/latex"] == value._repr_latex_()
    assert bundle["text/html"] == value._repr_html_()
    assert formula in bundle["text/latex"]
    assert bundle["text/latex"].startswith("$$\n\\begin{aligned}")
    assert "<math " in bundle["text/html"]
    assert balance(bundle["text/html"]).faults == []


def test_only_what_is_asked_for_is_made():
    assert list(NETWORK._repr_mimebundle_(include=["text/latex"])) == ["text/plain", "text/latex"]
    assert list(NETWORK._repr_mimebundle_(exclude=["text/html"])) == ["text/plain", "text/latex"]


def test_a_piece_of_html_styles_nothing_but_itself():
    style = re.search(r"<style>\n(.*?)</style>", NETWORK._repr_html_(), re.S)[1]
    assert [line for line in style.splitlines() if not line.startswith(".symnn ")] == []


# The page as a whole, as the format `html` makes it ---------------------------------------------


@pytest.fixture(scope="module")
def page():
    return balance(FORMATS["html"](page_of(DERIVATION, with_steps=True, check="Checked: all")))


def test_a_page_is_well_formed_and_asks_for_nothing(page):
    assert page.faults == []
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "font"} == set()


def test_a_page_says_its_language_its_parts_and_its_formulas_to_a_screen_reader(page):
    tags = dict(page.tags)
    assert tags["html"] == {"lang": "en"}
    ids = {a["id"] for tag, a in page.tags if tag == "h2"}
    assert [tag for tag, _ in page.tags].count("h1") == 1
    sections = [a for tag, a in page.tags if tag == "section"]
    assert {a["aria-labelledby"] for a in sections if "aria-label" not in a} == ids
    assert all(a["tabindex"] == "0" for tag, a in page.tags if a.get("class") == "formulas")
    texts = [a["alttext"] for tag, a in page.tags if tag == "math" and "display" in a]
    assert any("δ² = ∂L/∂z² = ∂L/∂ŷ ⊙ σ′(z²) = (ŷ − y)/N" in text for text in texts)


def test_a_page_is_light_and_dark():
    text = FORMATS["html"](page_of(DERIVATION))
    assert "color-scheme: light dark" in text
    assert "@media (prefers-color-scheme: dark)" in text


CORE = {
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "msub", "msup"),
    *("msubsup", "munder", "mover", "mtable", "mtr", "mtd"),
}


def test_formulas_are_made_of_mathml_core_alone(page):
    inside = {tag for tag, _ in page.tags if tag.startswith("m") and tag not in ("meta", "main")}
    assert inside <= CORE


def stray(math):
    """The text of a formula that stands in no token, and so is not shown."""
    tokens = ("mi", "mn", "mo", "mtext")
    inside = [node.text for node in math.iter() if node.tag not in tokens]
    return "".join(filter(None, [*inside, *(node.tail for node in math.iter())])).split()


WINDOWS = derive(Network("1x4x4-maxpool2d(2)-flatten-1"))


@pytest.mark.parametrize("model", [DERIVATION, WINDOWS], ids=["dense", "windows"])
def test_whatever_a_formula_says_stands_in_a_token_that_is_shown(model):
    texts = re.findall("<math.*?</math>", FORMATS["html"](page_of(model)), re.DOTALL)
    assert texts
    assert [stray(ElementTree.fromstring(text)) for text in texts] == [[]] * len(texts)


def test_text_outside_of_a_token_is_seen():
    assert stray(ElementTree.fromstring("<math>floor(<mi>r</mi>) </math>")) == ["floor()"]


def test_the_greatest_of_one_is_that_one():
    page = page_of(derive(Network("1x4-maxpool1d(1)-flatten-1")))
    assert "a¹ₙₜ = xₙₜ\n" in FORMATS["unicode"](page)


def test_indices_longer_than_a_letter_have_a_comma_between_them_and_a_range_if_no_axis_tells_it():
    printed = {
        name: FORMATS[name](page_of(WINDOWS)) for name in ("unicode", "text", "latex", "html")
    }
    assert (
        "max[1 ≤ r ≤ 4](x[n, 2h + ⌊(r − 1)/2⌋ − 1, 2w + (r − 1) mod 2 − 1])" in printed["unicode"]
    )
    assert "max(1 <= r <= 4, x[n, 2*h + floor((r - 1)/2) - 1, " in printed["text"]
    assert r"\max_{1 \le r \le 4}" in printed["latex"]
    assert "<mi>n</mi><mo>,</mo><mn>2</mn><mo>\u2062</mo><mi>h</mi>" in printed["html"]


@pytest.mark.parametrize(
    "text", ["<p>", "<p></div></p>", "<p onclick='x'></p>", "<img src='http://x'></img>"]
)
def test_a_page_that_is_malformed_is_seen(text):
    assert balance(text).faults


@pytest.mark.parametrize("name", ["jacobian", "hessian"])
def test_a_derivative_by_two_names_shows_itself(name):
    model = "parameter w[i]; p[n] = sum(i, w[i]*x[n,i])**2; loss = mean(n, p[n])"
    system = System.parse(f"input x[n:N, i:D]; {model}")
    found = jacobian(system, "p", "w") if name == "jacobian" else hessian(system, "w")
    assert "w" in found.equation._repr_latex_().split("&=")[0]
    assert "<math" in found.equation._repr_html_()
