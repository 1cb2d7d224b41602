"""Layers as they are typed in a spec: `conv2d(8,3,stride=2)` becomes `Conv2d(8, 3, stride=2)`.

A value is read by what it looks like, and never evaluated.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, replace
from typing import Any

from symnn.errors import SpecError, unknown_name
from symnn.language import LayerSpec, parse_layers, value_of
from symnn.layers.kind import Layer, value_text


def layer_of(spec: LayerSpec, table: Mapping[str, type[Layer]]) -> Layer:
    """The layer of the table that a part of a spec names, with its arguments.

    Raises `SpecError` for an argument that the layer does not have, or that it needs.
    """
    if spec.name not in table:
        raise unknown_name("layer", spec.name, table)
    kind = table[spec.name]
    if kind.holds_layers:
        return _with_activation(kind(*_inner(spec, table)), spec)
    options = {f.name: f for f in fields(kind) if f.name != "activation"}  # type: ignore[arg-type]
    if len(spec.arguments) > len(options):
        raise SpecError(
            f"{spec.name} has {len(spec.arguments)} arguments; it takes {_signature(options)}"
        )
    texts = dict(zip(options, spec.arguments, strict=False))
    for name, text in spec.options:
        if name not in options:
            raise unknown_name(f"option of {spec.name}", name, options)
        if name in texts:
            raise SpecError(f"{spec.name} is given {name} twice; give it once")
        texts[name] = text
    missing = [name for name, f in options.items() if name not in texts and _is_needed(f)]
    if missing:
        raise SpecError(f"{spec.name} needs its {missing[0]}, as in {kind.example}")
    layer = kind(**{name: value_of(text) for name, text in texts.items()})
    return _with_activation(layer, spec)


def _inner(spec: LayerSpec, table: Mapping[str, type[Layer]]) -> list[Layer]:
    """The layers that a layer holds, as typed between its brackets."""
    if len(spec.arguments) != 1 or spec.options:
        raise SpecError(f"{spec.name} holds layers joined by '-', as in {table[spec.name].example}")
    return [layer_of(part, table) for part in parse_layers(spec.arguments[0])]


def _with_activation(layer: Layer, spec: LayerSpec) -> Layer:
    if spec.activation is None:
        return layer
    if not hasattr(layer, "activation"):
        raise SpecError(f"{spec.name} has no activation; name it after a layer that has one")
    return replace(layer, activation=spec.activation)  # type: ignore[type-var]


def _is_needed(f: "Field[Any]") -> bool:
    return f.default is MISSING and f.default_factory is MISSING


def _signature(options: Mapping[str, "Field[Any]"]) -> str:
    """What a layer takes: `channels, kernel, stride=1`."""
    shown = [n if _is_needed(f) else f"{n}={value_text(f.default)}" for n, f in options.items()]
    return ", ".join(shown) or "none"
