"""The JSON Schema of a shape: what the OpenAPI document says of it, as one document that stands by itself."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma
import orjson
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from api.schemas.fields import describe_objects

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_ELSEWHERE: Final = "#/components/schemas/"
_HERE: Final = "#/$defs/"
_ROOT: Final = "_root"


def json_schema(shape: type[ma.Schema]) -> dict[str, Any]:
    """The schema of a shape; the shapes within it are under `$defs`."""
    plugin = MarshmallowPlugin()
    spec = APISpec("", "", "3.1.0", plugins=[plugin])
    assert plugin.converter is not None  # noqa: S101  (set once the document is begun)
    plugin.converter.add_attribute_function(describe_objects)  # type: ignore[no-untyped-call]
    spec.components.schema(_ROOT, schema=shape)
    # Through JSON, so that what is no JSON yet, such as a default that is an enum's, becomes it.
    parts: dict[str, Any] = orjson.loads(orjson.dumps(spec.to_dict()["components"]["schemas"]))
    root = _pointed(parts.pop(_ROOT))
    within = {name: _pointed(part) for name, part in sorted(parts.items())}
    return {"$schema": DIALECT, **root, **({"$defs": within} if within else {})}


def _pointed(part: Any) -> Any:
    """The same with references that hold within the document."""
    if isinstance(part, dict):
        return {
            name: value.replace(_ELSEWHERE, _HERE) if name == "$ref" and isinstance(value, str) else _pointed(value)
            for name, value in part.items()
        }
    return [_pointed(each) for each in part] if isinstance(part, list) else part
