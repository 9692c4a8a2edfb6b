"""The one place where a request's JSON is read: orjson for the text, marshmallow for the form.

Decides what is JSON and how faults in it are told; the forms are in `api.schemas`. The standard library's parser is
never used: it takes `NaN` and half characters, and dies of deep nesting.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn
from urllib.parse import parse_qs

import marshmallow as ma
import orjson
from flask import Request
from webargs.flaskparser import FlaskParser

from api.problems import BadRequest, FieldError, InvalidFields, MalformedJson, TooDeep
from dsl.values import JsonValue


def read_json(body: bytes) -> JsonValue:
    """The value of a body. Raises MalformedJson."""
    if not body.strip():
        raise MalformedJson("the body is empty; send a JSON object")
    try:
        value: JsonValue = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedJson(
            f"the body is not JSON: {error.msg}, at line {error.lineno}, column {error.colno}"
        ) from None
    return value


def refuse_deep(value: JsonValue) -> None:
    """Raise TooDeep for what could be read but not written again: more than 254 levels."""
    try:
        orjson.dumps(value)
    except TypeError:
        raise TooDeep("the body is nested more than 250 levels deep; make it flatter") from None


class OrjsonParser(FlaskParser):
    """Reads arguments for flask-smorest: any content type is taken as JSON, faults become our problems."""

    def __init__(self) -> None:
        super().__init__()
        # What a schema says of members that it does not know holds for queries too.
        self.DEFAULT_UNKNOWN_BY_LOCATION = dict.fromkeys(self.DEFAULT_UNKNOWN_BY_LOCATION)

    def _raw_load_json(self, req: Request) -> JsonValue:
        value = read_object(req)
        refuse_deep(value)
        return value

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,  # noqa: ARG002  (webargs' own signature)
        schema: ma.Schema,  # noqa: ARG002
        *,
        error_status_code: int | None,  # noqa: ARG002
        error_headers: Any,  # noqa: ARG002
    ) -> NoReturn:
        """Tell every field that does not fit."""
        messages = error.messages
        # webargs wraps the faults in the place where they were found: {"json": {…}}, {"query": {…}}.
        if isinstance(messages, dict) and len(messages) == 1 and next(iter(messages)) in {"json", "query", "path"}:
            messages = next(iter(messages.values()))
        raise InvalidFields(tuple(field_errors(messages)))


def field_errors(messages: Any, path: str = "") -> Iterator[FieldError]:
    """Marshmallow's nested messages as a flat list with paths."""
    match messages:
        case dict():
            for key, inner in messages.items():
                yield from field_errors(inner, _joined(path, key))
        case list():
            for inner in messages:
                yield from field_errors(inner, path)
        case _:
            yield FieldError("" if path == "_schema" else path.removesuffix("._schema"), _lowered(str(messages)))


def _joined(path: str, key: object) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    # Keys come from the request: shortened, so that an answer is never as long as what was sent.
    name = str(key)[:80]
    return f"{path}.{name}" if path else name


def _lowered(message: str) -> str:
    return (message[:1].lower() + message[1:]).rstrip(".")


def read_object(req: Request) -> dict[str, JsonValue]:
    """The body of a request as a JSON object. Raises MalformedJson, InvalidFields."""
    value = read_json(req.get_data())
    if not isinstance(value, dict):
        raise InvalidFields((FieldError("", "must be a JSON object"),))
    return value


def form_fields(req: Request) -> dict[str, str]:
    """The fields of a form, the first of each name. Raises BadRequest for what is none."""
    try:
        read = parse_qs(req.get_data().decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise BadRequest("a form is expected") from None
    return {name: values[0] for name, values in read.items()}


def load(schema: ma.Schema, value: dict[str, JsonValue]) -> dict[str, Any]:
    """The value in the form of a schema. Raises InvalidFields."""
    try:
        loaded: dict[str, Any] = schema.load(value)
    except ma.ValidationError as error:
        raise InvalidFields(tuple(field_errors(error.messages))) from None
    return loaded
