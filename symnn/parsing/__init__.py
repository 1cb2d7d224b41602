"""Equations as a user types them, read into a system: a parser of our own, which evaluates nothing."""
