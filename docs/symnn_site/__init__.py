"""What makes the site out of the pages: blocks are run, and tables are written out, at each build.

Nothing that can be generated is kept. A block that does not give what stands below it is a warning
with its file and line, and `./check docs` makes it an error.
"""
