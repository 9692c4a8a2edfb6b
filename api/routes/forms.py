"""Rules as forms: a guide as rows with fields and back into its text, and rules to begin with."""

from __future__ import annotations

from typing import Any

from api.auth import caller, needs
from api.blueprint import Blueprint
from api.limits import RULES_LIMIT, allow_body
from api.problems import FieldError, InvalidFields
from api.schemas import forms as shapes
from api.schemas.form_menu import MenuSchema
from api.serving import serving
from dsl import forms
from dsl.navigate import Refused, renamed_guide
from dsl.project import RuleProject
from engine.errors import UnknownGuide
from engine.permissions import Scope

blueprint = Blueprint("forms", __name__, url_prefix="/api/v1/rules", description="Rules as forms")


@blueprint.before_request
def _admit() -> None:
    allow_body(2 * RULES_LIMIT)


@blueprint.route("/form")
@needs(Scope.RULES_READ)
@blueprint.response(200, MenuSchema)
def menu() -> dict[str, Any]:
    """Every row that a form may have, with its fields: the language, as a form draws it."""
    return forms.menu()


@blueprint.route("/form", methods=("POST",))
@needs(Scope.RULES_READ)
@blueprint.arguments(shapes.GuideAskedSchema)
@blueprint.response(200, shapes.FormSchema)
def form(asked: dict[str, Any]) -> dict[str, Any]:
    """A guide as a form, with what the checker says at each row, and the names that its fields choose from."""
    project, file, name = _checked(asked["files"]), asked["file"], asked["guide"]
    try:
        reading = forms.read_form(asked["files"].get(file, ""), name, file=file)
    except forms.NoSuchGuide:
        raise UnknownGuide(name, tuple(project.guides)) from None
    except forms.Unreadable as unreadable:
        return {"document": None, "choices": forms.choices(project, None), "diagnostics": unreadable.found}
    return {
        "document": forms.told(reading, project.diagnostics, file),
        "choices": forms.choices(project, reading.guide),
        "diagnostics": (),
    }


@blueprint.route("/form/apply", methods=("POST",))
@needs(Scope.RULES_READ)
@blueprint.arguments(shapes.FormChangedSchema)
@blueprint.response(200, shapes.FormTextSchema)
def apply(asked: dict[str, Any]) -> dict[str, str]:
    """The text of a file with a guide as its changed form says. Only what changed is written; nothing is kept.

    What cannot be written is told in `errors`, each at its member of the document.
    """
    try:
        return {"text": forms.applied(asked["text"], asked["guide"], asked["document"])}
    except forms.NoSuchGuide:
        raise UnknownGuide(asked["guide"], ()) from None
    except forms.Unreadable as unreadable:
        raise InvalidFields(tuple(FieldError("text", each.message) for each in unreadable.found)) from None
    except forms.Faulty as faulty:
        raise _at_fields(faulty, "document.") from None


@blueprint.route("/form/rename", methods=("POST",))
@needs(Scope.RULES_READ)
@blueprint.arguments(shapes.GuideRenameSchema)
@blueprint.response(200, shapes.GuideRenamedSchema)
def rename(asked: dict[str, Any]) -> dict[str, Any]:
    """A guide under another name, in every file that speaks of it. Nothing is kept.

    People, caps, holdouts and figures are kept by name: a guide that was published begins anew under another one.
    """
    project = _checked(asked["files"])
    if asked["guide"] not in project.guides:
        raise UnknownGuide(asked["guide"], tuple(project.guides))
    name = asked["name"].strip().strip("`")
    files = renamed_guide(project, asked["guide"], name)
    if isinstance(files, Refused):
        raise InvalidFields((FieldError("name", files.message),))
    return {"guide": name, "files": files}


@blueprint.route("/starts", methods=("POST",))
@needs(Scope.RULES_READ)
@blueprint.arguments(shapes.StartsAskedSchema)
@blueprint.response(200, shapes.StartsSchema)
def starts(asked: dict[str, Any]) -> dict[str, Any]:
    """Rules to begin with, what each needs, and the names that they may be given in this project."""
    project = _checked(asked["files"])
    listed = [
        {
            "name": each.name,
            "label": each.label,
            "story": each.story,
            "asks": each.asks,
            "needs": each.needs(project),
        }
        for each in forms.offered(project)
    ]
    return {"data": listed, "choices": forms.choices(project, None)}


@blueprint.route("/starts/begin", methods=("POST",))
@needs(Scope.RULES_READ)
@blueprint.arguments(shapes.BeginSchema)
@blueprint.response(200, shapes.BegunSchema)
def begin(asked: dict[str, Any]) -> dict[str, str]:
    """The text of a new guide, made of a rule to begin with and some names. Nothing is kept."""
    start = forms.starts().get(asked["start"])
    if start is None:
        raise InvalidFields((FieldError("start", f"choose one of: {', '.join(forms.starts())}"),))
    try:
        name, text = forms.begun(start, asked["values"], _checked(asked["files"]), now=serving().clock())
    except forms.Faulty as faulty:
        raise _at_fields(faulty) from None
    return {"guide": name, "text": text}


def _checked(files: dict[str, str]) -> RuleProject:
    return serving().service.publications.check(caller().project_id, files)


def _at_fields(faulty: forms.Faulty, below: str = "") -> InvalidFields:
    return InvalidFields(tuple(FieldError(f"{below}{each.path}", each.message) for each in faulty.faults))
