"""Names in print: books' notations, names of a user's own, and names that would do harm."""

import re
from dataclasses import replace

import pytest

from symnn import Network, System, derive, hessian
from symnn.equations import Quantity, Role
from symnn.errors import SpecError, UnknownNameError
from symnn.look import Style
from symnn.names import GREEK, own_names, word
from symnn.notations import NOTATIONS, SYMNN
from symnn.reading import Order
from symnn.rendering import FORMATS, page_of
from symnn.rendering.latex_notation import LatexNotation
from symnn.rendering.unicode_notation import UnicodeNotation
from symnn.spelling import in_ascii, in_latex, in_mathml, in_unicode
from tests import readback as read_back

NET = derive(Network("2-3:tanh-2:tanh-1:sigmoid", loss="bce"))


def printed(format_="unicode", form="auto", derivation=NET, **options):
    return re.sub(" +", " ", FORMATS[format_](page_of(derivation, form, **options)))


# What stands in the books that the rows name, in symnn's layout: samples in rows.
AS_WRITTEN = {
    "symnn": ("z¹ = x W¹ᵀ + b¹", "a¹ = tanh z¹", "δ³ = ∂L/∂z³ ="),
    "nielsen": (
        "z² = x w²ᵀ + b²",
        "a² = tanh z²",
        "a⁴ = σ(z⁴)",
        "δ⁴ = ∂C/∂z⁴ =",
        "∂C/∂w⁴ = δ⁴ᵀ a³",
    ),
    "goodfellow": ("a¹ = x W¹ᵀ + b¹", "h¹ = tanh a¹", "ŷ = σ(a³)", "∂J/∂W³ = δ³ᵀ h²"),
    "bishop": ("a¹ = x W¹ᵀ + w¹₀", "z¹ = tanh a¹", "y = σ(a³)", "δ³ = ∂E/∂a³ =", "= (y − t)/N"),
    "murphy": ("a₁ = x W₁ᵀ + b₁", "z₁ = tanh a₁", "∂ℒ/∂W₃ = δ₃ᵀ z₂"),
    "prince": ("f₀ = x Ω₀ᵀ + β₀", "h₁ = tanh f₀", "f₁ = h₁ Ω₁ᵀ + β₁"),
    "d2l": ("z¹ = x W¹ᵀ + b¹", "h¹ = tanh z¹"),
    "ng": ("z¹ = x W¹ᵀ + b¹", "a¹ = tanh z¹", "∂J/∂W³"),
    "ufldl": ("z² = x W¹ᵀ + b¹", "a² = tanh z²", "z³ = a² W²ᵀ + b²", "∂J/∂W³ = δ⁴ᵀ a³"),
}
IN_LATEX = {
    "nielsen": (r"w^{2}", r"(w^{2})^{T}", r"\frac{\partial C}{\partial w^{4}}"),
    "goodfellow": (r"\boldsymbol{W}^{(1)}", r"\boldsymbol{W}^{(1)\top}", r"\log \hat{y}_{n}"),
    "bishop": (r"\mathbf{W}^{(1)\mathrm{T}}", r"\mathbf{w}^{(1)}_{0}"),
    "murphy": (r"\mathbf{W}_{1}", r"\mathbf{W}_{1}^{\mathsf{T}}", r"\mathcal{L}"),
    "prince": (r"\boldsymbol{\Omega}_{0}", r"\boldsymbol{\beta}_{0}"),
    "ng": (r"W^{[1]}", r"W^{[1]T}"),
}


def test_every_notation_has_a_case_and_a_source():
    assert AS_WRITTEN.keys() == NOTATIONS.keys()
    assert all(row.name == name for name, row in NOTATIONS.items())
    assert [row.name for row in NOTATIONS.values() if row is not SYMNN and not row.source] == []


@pytest.mark.parametrize(("notation", "texts"), AS_WRITTEN.items(), ids=AS_WRITTEN)
def test_a_notation_is_that_of_its_book(notation, texts):
    page = printed(notation=notation)
    assert [text for text in texts if text not in page] == []


@pytest.mark.parametrize(("notation", "texts"), IN_LATEX.items(), ids=IN_LATEX)
def test_a_notation_in_latex_is_that_of_its_book(notation, texts):
    page = printed("latex", notation=notation)
    assert [text for text in texts if text not in page] == []


# As the books write one sample: Nielsen's BP1 to BP4, Goodfellow's algorithms 6.3 and 6.4.
IN_COLUMNS = {
    "nielsen": (
        "z² = w² x + b²",
        "δ³ = (w⁴ᵀ δ⁴) ⊙ (1 − a³ ⊙ a³)",
        "∂C/∂w³ = δ³ a²ᵀ",
        "∂C/∂b³ = δ³",
    ),
    "goodfellow": ("a² = W² h¹ + b²", "∂J/∂W² = δ² h¹ᵀ"),
    "bishop": ("a² = W² z¹ + w²₀", "δ³ = y − t"),
}


@pytest.mark.parametrize(("notation", "texts"), IN_COLUMNS.items(), ids=IN_COLUMNS)
def test_a_book_with_columns_has_its_lines_of_one_sample(notation, texts):
    page = page_of(NET, notation=notation)
    (own,) = (s for s in page.sections if s.heading == "For one sample, vectors as columns")
    only = replace(page, sections=(own,))
    shown = re.sub(" +", " ", FORMATS["unicode"](only))
    assert [text for text in texts if text not in shown] == []
    lines = [*read_back.lines(only, UnicodeNotation), *read_back.lines(only, LatexNotation)]
    assert len(lines) == 2 * len(own.rows) == 30
    assert read_back.misread(NET, lines, notation=notation) == []


def test_an_index_has_another_letter_where_a_quantity_is_called_so():
    # Bishop's t is the target: the place in a sequence is s.
    model = Network("1x3-conv1d(1,2)-flatten-1")
    shown = FORMATS["unicode"](page_of(derive(model), notation="bishop"))
    assert "a¹ₙₛ = Σᵣ W¹ᵣ·x[n, r + s − 1] + w¹₀" in shown
    assert "(yₙ − tₙ)²" in shown
    assert (
        read_back.misread(
            model, read_back.printed(model, ["index"], notation="bishop"), notation="bishop"
        )
        == []
    )


def test_columns_are_there_for_dense_nets_of_books_that_have_them():
    title = "For one sample, vectors as columns"
    assert title not in printed()
    assert title not in printed(notation="d2l")
    assert title not in printed(notation="nielsen", form="index")
    conv = derive(Network("1x4-conv1d(1,2)-flatten-1"))
    assert title not in printed(notation="nielsen", derivation=conv)


@pytest.mark.parametrize("notation", [name for name in NOTATIONS if name != "symnn"])
def test_the_source_of_the_names_is_printed_with_them(notation):
    assert f"Names as in {NOTATIONS[notation].source}" in printed(notation=notation)
    assert "Names as in" not in printed()


def test_the_number_of_a_layer_and_an_index_do_not_run_together():
    assert "∂ℒ/∂w₁[2,1]" in printed(notation="murphy")
    assert r"\partial w_{1,21}" in printed("latex", notation="murphy")


def test_a_power_of_a_name_with_a_number_above_has_brackets():
    derivation = derive(Network("1-1:tanh-1:tanh"))
    assert "(a³)²" in printed(notation="nielsen", form="index", derivation=derivation)


def test_equations_of_a_users_own_keep_their_names_in_every_notation():
    derivation = derive(
        System.parse("input x[n:N]; parameter a, z; loss = sum(n, (a*x[n] - z)**2)")
    )
    for notation in NOTATIONS:
        assert "(a·xₙ − z)" in printed(notation=notation, derivation=derivation)


def test_a_name_of_ones_own_stands_for_one_quantity_everywhere():
    page = printed(names={"W1": "A", "y": "t", "L": "J_cal"})
    assert "z¹ = x Aᵀ + b¹" in page
    assert "∂J_cal/∂A" not in page
    assert "∂J/∂A" in page
    assert "W¹" not in page
    assert "W²" in page


def test_a_name_of_ones_own_comes_before_that_of_a_book():
    page = printed(notation="nielsen", names={"W1": "theta"})
    assert "z² = x θᵀ + b²" in page
    assert "z³ = a² w³ᵀ + b³" in page


def test_every_format_has_the_names():
    for format_ in FORMATS:
        page = printed(format_, names={"W1": "Q", "yhat": "f"}, notation="bishop")
        assert "Q" in page, format_
        assert "yhat" not in page, format_


REFUSED = {
    "a percent sign": ("a%b", "a name in print is a letter"),
    "a command": (r"\input{/etc/passwd}", "a name in print is a letter"),
    "a dollar": ("a$b", "a name in print is a letter"),
    "an element": ("<script>", "a name in print is a letter"),
    "a brace": ("a}", "a name in print is a letter"),
    "a line": ("a\nb", "a name in print is a letter"),
    "a digit first": ("1a", "a name in print is a letter"),
    "other letters": ("é", "a name in print is a letter"),
    "too long": ("a" * 33, "32 at most"),
    "the name of another": ("b", "W1 and b1 would both be written b"),
}


@pytest.mark.parametrize(("symbol", "message"), REFUSED.values(), ids=REFUSED)
def test_a_name_that_would_do_harm_is_refused(symbol, message):
    with pytest.raises(SpecError, match=message):
        page_of(derive(Network("1-1")), names={"W1": symbol})


def test_what_is_not_there_is_refused():
    with pytest.raises(UnknownNameError, match="no quantity named 'W7'"):
        page_of(NET, names={"W7": "A"})
    with pytest.raises(UnknownNameError, match="no notation named 'bishp'; did you mean 'bishop'"):
        page_of(NET, notation="bishp")


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["W1"], "'W1' gives no name; write it as W1=A"),
        (["=A"], "'=A' gives no name"),
        (["W1=A", "W1=B"], "W1 is named twice, 'A' and 'B'"),
    ],
)
def test_names_that_are_mistyped_are_refused(texts, message):
    with pytest.raises(SpecError, match=message):
        own_names(texts)


SPELLED = {
    "x": ("x", "x", "x"),
    "yhat": ("yhat", "ŷ", r"\hat{y}"),
    "v_hat": ("v_hat", "v̂", r"\hat{v}"),
    "beta1": ("beta1", "β₁", r"\beta_1"),
    "lambda": ("lambda", "λ", r"\lambda"),
    "Omega": ("Omega", "Ω", r"\Omega"),
    "L_cal": ("L", "ℒ", r"\mathcal{L}"),
    "rate": ("rate", "rate", r"\mathit{rate}"),
    "learning_rate": ("learning_rate", "learning_rate", r"\mathit{learning\_rate}"),
    "theta_hat": ("theta_hat", "θ\u0302", r"\hat{\theta}"),
}


@pytest.mark.parametrize(("symbol", "texts"), SPELLED.items(), ids=SPELLED)
def test_a_symbol_is_spelled_in_each_format(symbol, texts):
    base, below = in_latex(symbol)
    latex = f"{base}_{below}" if below else base
    assert (in_ascii(symbol), in_unicode(symbol), latex) == texts
    assert re.fullmatch(r"<mi>[^<]+</mi>|<mover .*</mover>", in_mathml(symbol)[0])


# Names of one model, and how LaTeX has the first two, with and without indices.
IN_ONE_WORD = {
    "a letter and a letter": ("Wq bk x y", r"W_{q,kj}", r"b_{k,j}"),
    "a letter and two": ("Wxh b x y", r"W_{xh,kj}", r"b_{j}"),
    "a word": ("Rate bias x y", r"\mathit{Rate}_{kj}", r"\mathit{bias}_{j}"),
    "beside the letter": ("Wq W x y", r"\mathit{Wq}_{kj}", r"W_{j}"),
    "beside the letter in lower case": ("Wq w x y", r"\mathit{Wq}_{kj}", r"w_{j}"),
    "beside the same with a sign below": ("Wq W_q x y", r"W_{q,kj}", r"\mathit{W\_q}_{j}"),
}


@pytest.mark.parametrize(("names", "matrix", "vector"), IN_ONE_WORD.values(), ids=IN_ONE_WORD)
def test_a_name_of_several_letters_is_no_product(names, matrix, vector):
    a, b, x, y = names.split()
    system = System.parse(
        f"input {x}[n:N,k:2]; target {y}[n:N]; parameter {a}[k:2,j:2], {b}[j:2]\n"
        f"loss = sum(n, (sum(k, j, {x}[n,k]*{a}[k,j]*{b}[j]) - {y}[n])**2)"
    )
    page = printed("latex", form="index", derivation=derive(system))
    assert [text for text in (matrix, vector) if text not in page] == []
    lines = read_back.printed(system, ["index"], ["latex", "text"])
    assert read_back.misread(system, lines) == []


def test_a_transposed_name_has_its_signs_in_one_place():
    page = printed("latex", "matrix", derive(Network("2-2-1")), names={"W2": "Wq"})
    assert r"W_{q}^{\top}" in page
    notation = LatexNotation(Style(Order({})))
    assert notation.transposed(r"W^{(1)}_{q}") == r"W^{(1)\top}_{q}"


def test_two_numbers_below_are_not_one_where_an_index_may_have_two_digits():
    derivation = derive(Network("1-3-1"))
    assert r"w^{(1)}_{10}" in printed("latex", "scalar", derivation, notation="bishop")
    wide = derive(Network("1-10"))
    page = printed("latex", "scalar", wide, notation="bishop")
    assert r"w_{10} \, x + w_{10,0}" in page
    assert r"w_{1} \, x + w_{1,0}" in page
    assert "w₁·x + w[1,0]" in printed("unicode", "scalar", wide, notation="bishop")
    lines = read_back.printed(wide, ["scalar"], notation="bishop")
    assert read_back.misread(wide, lines, notation="bishop") == []


def test_greek_letters_are_those_that_latex_has():
    assert {"omicron", "Alpha", "Beta"}.isdisjoint(GREEK)
    assert word("delta").base in GREEK


@pytest.mark.parametrize("format_", FORMATS)
def test_names_of_equations_with_underscores_are_harmless(format_):
    text = "input x[n:N]; parameter w_a_b, I; loss = sum(n, (w_a_b*x[n] - I)**2)"
    page = printed(format_, derivation=derive(System.parse(text)))
    assert "w_a_b" in page.replace(r"\\_", "_").replace(r"\_", "_")


def test_two_quantities_of_one_name_are_seen():
    from symnn.names import names_of

    one, other = (Quantity(n, (), Role.INPUT, (), "q") for n in ("q1", "q2"))
    with pytest.raises(SpecError, match="q1 and q2 would both be written q"):
        names_of([one, other], "ng")


@pytest.mark.parametrize("spec", ["2-3-layernorm-1", "1-2:swish-1"])
def test_a_notation_yields_its_sign_to_a_quantity_that_has_it(spec):
    # In prince, a bias is β; here β is what the layer, or the activation, learns.
    page = FORMATS["unicode"](page_of(derive(Network(spec)), notation="prince"))
    assert "∂L/∂β" in page
    assert "∂L/∂b" in page


@pytest.mark.parametrize("spec", ["2x3-attention-last-1", "3-layernorm-1"])
def test_a_derivative_takes_no_name_from_what_it_is_of(spec):
    page = page_of(derive(Network(spec)), names={"x": "u"})
    assert "∂L/∂" in FORMATS["unicode"](page)


def test_a_number_with_a_digit_is_no_square():
    text = "parameter sigma2, λ1, w1[i:2], q2; loss = sigma2**2*λ1 + sum(i, w1[i]) + q2"
    derivation = derive(System.parse(text))
    assert "σ₂²" in printed("unicode", derivation=derivation)
    latex = printed("latex", derivation=derivation)
    assert r"\lambda_{1} \, \sigma_{2}^{2} + q_{2}" in latex
    assert "lam1*sigma2**2" in printed("text", derivation=derivation)


def test_a_quantity_may_be_asked_for_as_print_writes_it():
    net = Network("1-1")
    assert [*derive(net, ["w"]).gradients] == ["W1"]
    assert hessian(net, "w", "b").equation == hessian(net, "W1", "b1").equation
    assert "∂L/∂m = 2(ŷ − y)·x" in printed(derivation=derive(net), names={"w": "m"})


def test_a_name_in_code_goes_before_one_in_print():
    system = System.parse("input x; parameter w, W; loss = (w*x + W)**2")
    assert [*derive(system, ["w"]).gradients] == ["w"]
