"""Published derivatives: a model as typed, what a publication says of it, and where it does.

A case is data. Its `published` derivative is typed from the source's statement as an expression of
NumPy in the values of the model's own inputs and parameters; nothing of the package is in it.
"""
