"""Printed mathematics read back: the lines that symnn prints, and those that people write so."""
