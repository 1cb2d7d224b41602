"""Names told apart by what follows their labels: `w¹ⱼ₀` is a bias, and `w¹ⱼᵢ` a weight."""

from symnn.parsing.tree import Name, Node, Number
from symnn.reader.lexicon import Lexicon
from symnn.reader.nodes import Labelled, Labels, rebuilt


def told_apart(node: Node, lexicon: Lexicon) -> Node:
    """The node with the name that is meant wherever labels end in what another name has there."""
    if isinstance(node, Labelled) and isinstance(node.of, Name):
        for after, name in lexicon.followed.get(node.of.name, {}).items():
            if _texts(node.labels)[-len(after) :] == after:
                kept = node.labels[: -len(after)]
                meant = Name(node.of.place, name)
                return Labelled(node.place, meant, kept) if kept else meant
    return rebuilt(node, lambda part: told_apart(part, lexicon))


def _texts(labels: Labels) -> tuple[str, ...]:
    """Labels that stand together, one by one; of others the numbers."""
    if isinstance(labels, str):
        return tuple(labels)
    return tuple(part.text if isinstance(part, Number) else "" for part in labels)
