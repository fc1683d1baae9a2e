"""Models of what a server says: attrs classes that are read as fast as msgspec reads at all.

    @model
    class User:
        id: int
        scan_storage: str | None = wire("scanStorage", None)

msgspec reads into attrs classes too, but knows no wire names there, and is slower by half, by far more where fields are
left out. So what `model` makes is a `msgspec.Struct` of the same fields that describes itself as attrs classes do. To
`attrs.fields`, `evolve`, `asdict` and cattrs it is one: frozen, with slots, and compared, hashed, shown, copied and
pickled like one. To type checkers it is `attrs.frozen`. Two things it is not: there are no weak references to it, and
the garbage collector does not look into it, which makes reading a page faster by a fifth. Nothing that is read holds
itself, so nothing is left for the collector to find.

What is only sent stays an `attrs.frozen` class: it has validators and converters, which a model has not.
"""

from typing import TYPE_CHECKING, Any, Generic

import attrs
import msgspec

from print_async.codec import wire_name

if TYPE_CHECKING:
    from attrs import frozen as model

__all__ = ["model"]

_LEFT_BEHIND = {
    *("__dict__", "__weakref__", "__annotations__", "__annotate_func__", "__annotations_cache__"),
    *("__attrs_init__", "__attrs_props__", "__setattr__", "__delattr__", "__match_args__"),
}

if not TYPE_CHECKING:

    def model(cls: type) -> type:
        """Make a model of a class with annotated fields.

        Raises:
            TypeError: A field has more to it than a default and a wire name, or the class a base or a post-init.
        """
        if not {*cls.__bases__} <= {object, Generic} or hasattr(cls, "__attrs_post_init__"):
            raise TypeError(f"{cls.__name__}: a model has no base and no __attrs_post_init__; use attrs.frozen")
        described = attrs.frozen(cls, slots=False, init=False, repr=False, eq=False)
        fields = attrs.fields(described)
        return msgspec.defstruct(
            cls.__name__,
            [(field.name, field.type, _default(cls, field)) for field in fields],
            bases=(msgspec.Struct, *(base for base in cls.__bases__ if base is not object)),
            module=cls.__module__,
            namespace={name: part for name, part in vars(described).items() if name not in _LEFT_BEHIND},
            rename={field.name: wire_name(field) for field in fields},
            frozen=True,
            gc=False,
        )


def _default(cls: type, field: "attrs.Attribute[Any]") -> Any:
    default: Any = field.default
    made = isinstance(default, attrs.Factory)  # type: ignore[arg-type]  # a class, whatever its stub says
    as_it_comes = field.init and field.repr and field.eq and field.alias == field.name and not field.kw_only
    if not as_it_comes or field.validator or field.converter or (made and default.takes_self):
        raise TypeError(f"{cls.__name__}.{field.name}: a field of a model has a default, and no more; use attrs.frozen")
    if made:
        return msgspec.field(default_factory=default.factory)
    return msgspec.NODEFAULT if default is attrs.NOTHING else default
