"""The typed door to flask-smorest: a blueprint that reads JSON through `api.parsing` and keeps view types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import flask
import flask_smorest
import marshmallow as ma

from api.parsing import OrjsonParser

View = TypeVar("View", bound=Callable[..., Any])
Schema = ma.Schema | type[ma.Schema]


class Documents(Protocol):
    """What keeps the parts of an OpenAPI document that are not made yet."""

    def later(self, part: Callable[[], None]) -> None:
        """Make this part before the document is first read."""
        ...


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # the library has no types
    """A group of addresses with their documentation."""

    ARGUMENTS_PARSER = OrjsonParser()

    if TYPE_CHECKING:

        def __init__(self, name: str, import_name: str, *, url_prefix: str = "", description: str = "") -> None: ...

        def route(self, rule: str, *, methods: Sequence[str] = ("GET",)) -> Callable[[View], View]: ...

        def arguments(
            self, schema: Schema, *, location: str = "json", description: str | None = None
        ) -> Callable[[View], View]: ...

        def response(
            self,
            status_code: int,
            schema: Schema | None = None,
            *,
            content_type: str | None = None,
            description: str | None = None,
        ) -> Callable[[View], View]: ...

        @staticmethod
        def doc(**kwargs: Any) -> Callable[[View], View]: ...

        def before_request(self, f: Callable[[], None]) -> Callable[[], None]: ...

        def register(self, app: flask.Flask, options: Mapping[str, Any]) -> None: ...

    def register_views_in_doc(self, api: Documents, app: flask.Flask, spec: Any, **named: Any) -> None:
        """Leave it until somebody asks for the document: most starts and most tests never do."""
        api.later(partial(super().register_views_in_doc, api, app, spec, **named))

    def also_as(self, *media: str) -> Callable[[View], View]:
        """Document that an address answers in other media types too, as its `format` asks."""

        def documented(view: View) -> View:
            for each in media:
                alternative = self.alt_response(
                    200, schema={"type": "string"}, content_type=each.partition(";")[0], success=True
                )
                view = alternative(view)
            return view

        return documented
