"""Pictures: an activation with its slope, the loss along a weight and over two, a fit, a training.

Each kind is a function that returns matplotlib's `Axes`, and takes those to draw on as `ax`. What
is drawn is computed by the code that trains; the slope that is shown is the derivative that symnn
derives. A picture has a text alternative, `alt_text(ax)`, made of the numbers that it shows.

Needs matplotlib: `pip install 'symnn[plot]'`. Nothing here touches `matplotlib.pyplot`.

>>> import symnn
>>> ax = symnn.plot.activation("relu")
>>> symnn.plot.alt_text(ax).split(". ")[0]
'ReLU from u = −5 to 5: is 0 up to u = 0, then rises to 5 at u = 5'
"""

from importlib.util import find_spec

from symnn.errors import MissingPackageError

if find_spec("matplotlib") is None:
    raise MissingPackageError("a picture needs matplotlib: pip install 'symnn[plot]'")

from symnn.plot.fits import fit
from symnn.plot.formulas import activation
from symnn.plot.landscapes import knob
from symnn.plot.paths import surface
from symnn.plot.pictures import Picture, alt_text, save
from symnn.plot.predictions import loss
from symnn.plot.progress import curves
from symnn.plot.units import graph

__all__ = [
    "Picture",
    "activation",
    "alt_text",
    "curves",
    "fit",
    "graph",
    "knob",
    "loss",
    "save",
    "surface",
]
