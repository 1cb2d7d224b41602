"""Options in groups: what several commands share is declared once, as a frozen dataclass."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from typing import Any, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command as Typer is to see it: with the fields of each group in the group's place.

    A group is a parameter whose type is a dataclass; its fields are declared as parameters are.
    The command itself is called with the group.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Size:
    ...     width: int = 2
    ...     height: int = 3
    >>> @grouped
    ... def area(name: str, size: Size, unit: str = "m") -> None:
    ...     print(name, size.width * size.height, unit)
    >>> str(inspect.signature(area))
    "(*, name: str, width: int = 2, height: int = 3, unit: str = 'm')"
    >>> area(name="room", width=4, height=5, unit="ft")
    room 20 ft
    """
    declared = _declared(command)
    groups: dict[str, Any] = {p.name: p.annotation for p in declared if is_dataclass(p.annotation)}
    spread = [f for p in declared for f in (_fields(p) if p.name in groups else [p])]

    @wraps(command)
    def called(**given: object) -> None:
        made = {
            name: kind(**{f.name: given.pop(f.name) for f in fields(kind)})
            for name, kind in groups.items()
        }
        command(**given, **made)

    called.__annotations__ = {p.name: p.annotation for p in spread}
    vars(called)["__signature__"] = inspect.Signature(spread)
    return called


def _declared(command: Callable[..., None]) -> list[inspect.Parameter]:
    hints = get_type_hints(command, include_extras=True)
    parameters = inspect.signature(command).parameters.values()
    return [p.replace(kind=p.KEYWORD_ONLY, annotation=hints[p.name]) for p in parameters]


def _fields(group: inspect.Parameter) -> list[inspect.Parameter]:
    """The fields of a group, as parameters."""
    hints: dict[str, Any] = get_type_hints(group.annotation, include_extras=True)
    return [
        group.replace(
            name=f.name,
            annotation=hints[f.name],
            default=inspect.Parameter.empty if f.default is MISSING else f.default,
        )
        for f in fields(group.annotation)
    ]
