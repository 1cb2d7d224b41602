"""Pages read back: every printed line as a claim about the model that it was printed of."""

from symnn.claims.checking import Checker
from symnn.claims.claim import Claim
from symnn.claims.reading import Book
from symnn.derivation import Derivation, derive
from symnn.errors import SpecError
from symnn.parsing.source import Fault
from symnn.rendering import page_of
from symnn.rendering.latex_notation import LatexNotation
from symnn.rendering.macros import MacroNotation
from symnn.rendering.text_notation import TextNotation
from symnn.rendering.unicode_notation import UnicodeNotation

NOTATIONS = {"text": TextNotation, "unicode": UnicodeNotation, "latex": LatexNotation}
EVERY_NOTATION = {**NOTATIONS, "macros": MacroNotation}
FORMS = ("matrix", "index", "scalar")


def lines(page, notation):
    """Each formula of a page as a line of text; one side alone says nothing."""
    for section in page.sections:
        for formula in (f for row in section.rows for f in row):
            texts = [notation(style).math(e) for e, style in formula.sides]
            sides = [t for t, before in zip(texts, ["", *texts], strict=False) if t != before]
            if len(sides) > 1:
                yield " = ".join(sides) + "".join(told(part, notation) for part in formula.parts)


def told(part, notation):
    """A part with a name of its own, as it is told below the formula that has it."""
    where = r" \text{where } " if issubclass(notation, LatexNotation) else " where "
    line = where + " = ".join(notation(style).math(e) for e, style in part.sides)
    return "".join([line, *(told(inner, notation) for inner in part.parts)])


def printed(model, forms=FORMS, notations=tuple(NOTATIONS), **options):
    """Every line that is printed of a model, or of a derivation of it, once."""
    derivation = model if isinstance(model, Derivation) else derive(model)
    found = {}
    for form in forms:
        try:
            page = page_of(derivation, form, **options)
        except SpecError:
            # The scalar form of what has no numbers, or too many.
            continue
        for name in notations:
            found |= dict.fromkeys(lines(page, EVERY_NOTATION[name]))
    return list(found)


def misread(model, texts, **called):
    """The lines that cannot be read, or that are read as something that is not so.

    `called` is what `page_of` is told of names: a notation, a user's own.
    """
    claims = [Claim(text) for text in texts]
    checker = Checker(Book(model, claims, **called), points=2)
    return [claim.text for claim in claims if not is_right(checker, claim)]


def is_right(checker, claim):
    try:
        return checker.is_right(claim)
    except Fault:
        return False
