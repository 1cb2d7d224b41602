"""The documentation site: `./check docs` builds it into build/site, and any warning is an error."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

# A notebook's kernel is a process of its own.
os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])

from symnn.version import __version__  # noqa: E402

project = "symnn"
author = "the authors of symnn"
project_copyright = "MIT licence"
version = release = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "symnn.sphinx",
    "symnn_site.build",
]
exclude_patterns = ["symnn_site", "_generated", "**.ipynb_checkpoints"]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb", ".rst": "restructuredtext"}
# In docstrings `x` is code, as it is in Markdown.
default_role = "literal"
autodoc_typehints = "none"
autodoc_member_order = "bysource"

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
# A notebook is stored without outputs; what it shows is what it gives now.
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True

# Quotes and dashes of commands stay as they are typed.
smartquotes = False

# MathML: a browser draws it without a script, and without a network.
html_math_renderer = "mathml"
html_theme = "furo"
html_title = "symnn"
html_static_path = ["_static"]
html_css_files = ["symnn.css"]
html_copy_source = False
html_show_sphinx = False
