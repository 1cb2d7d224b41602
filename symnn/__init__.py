"""symnn."""
