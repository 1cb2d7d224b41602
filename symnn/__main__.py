"""`python -m symnn`."""

from symnn.cli import main

main()
