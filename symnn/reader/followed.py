"""What names alone can tell apart.

`w¹ⱼ₀` is a bias where `w¹ⱼᵢ` is a weight; `max(u, v)` is of two values where `max(n, v)` runs over
the index n.
"""

from symnn.parsing.tree import Argument, Call, Name, Node, Number
from symnn.reader.lexicon import OF_VALUES, Lexicon
from symnn.reader.nodes import Labelled, Labels, Reduced, rebuilt


def told_apart(node: Node, lexicon: Lexicon) -> Node:
    """The node with every name, and every word over letters or values, as it is meant."""
    if isinstance(node, Labelled) and isinstance(node.of, Name):
        for after, name in lexicon.followed.get(node.of.name, {}).items():
            if _texts(node.labels, lexicon)[-len(after) :] == after:
                kept = node.labels[: -len(after)]
                meant = Name(node.of.place, name)
                return Labelled(node.place, meant, kept) if kept else meant
    if isinstance(node, Reduced) and _is_of_values(node, lexicon):
        values = (*(Name(node.place, letter) for letter in node.letters), node.body)
        node = Call(node.place, node.word, tuple(map(Argument, values)))
    return rebuilt(node, lambda part: told_apart(part, lexicon))


def _is_of_values(node: Reduced, lexicon: Lexicon) -> bool:
    return node.word in OF_VALUES and any(a in lexicon.quantities for a in node.letters)


def _texts(labels: Labels, lexicon: Lexicon) -> tuple[str, ...]:
    """Labels that stand together, one by one unless they are one number; of others the numbers."""
    if isinstance(labels, str):
        return tuple(labels) if lexicon.style.packs(labels) else (labels,)
    return tuple(part.text if isinstance(part, Number) else "" for part in labels)
