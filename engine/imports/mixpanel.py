"""Mixpanel's raw export: a JSON object a line, `event` and `properties`; also its export of profiles.

`distinct_id` is as Mixpanel resolved it: that of a visitor if it begins with `$device:` or is the device's, that of a
user otherwise, and then `$device_id` is the same person's visitor. The seconds of `time` count from 1970 in UTC; in
projects that were made before 2023 on the wall clock of the project, which is asked for.
"""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from dsl.values import JsonValue
from engine.imports.formats import Format, Reader
from engine.imports.records import Record, reader
from engine.imports.rows import Message, Unreadable
from engine.imports.vendor import Digests, Origin, context_of, identifier, instant, members, page_of, without

_DEVICE: Final = "$device:"
_PAIR: Final = 2
_READ: Final = frozenset(
    {"time", "distinct_id", "$insert_id", "$device_id", "$user_id", "mp_lib", "$current_url", "$referrer"}
    | {"current_url_path", "current_page_title", "$session_id", "token", "ip"}
    | {"mp_processing_time_ms", "$mp_api_endpoint", "$mp_api_timestamp_ms", "mp_sent_by_lib_version"}
    | {"$distinct_id_before_identity", "$had_persisted_distinct_id", "$import", "$is_reshuffled", "$mp_replay_id"}
)
"""Properties that are read into something else, or say how Mixpanel itself delivered the event."""


def begin(zone: ZoneInfo) -> Reader:
    """The reader of one import."""
    digests = Digests()

    def convert(record: Record) -> tuple[Message, ...]:
        if "$properties" in record:
            return (_profile(record, zone),)
        properties = members(record, "properties")
        if not properties:
            raise Unreadable("is no event of Mixpanel's: `properties` is missing")
        return (_message(_origin(record, properties, zone, digests), record.get("event"), properties),)

    return reader(convert)


def _origin(record: Record, properties: Record, zone: ZoneInfo, digests: Digests) -> Origin:
    distinct, device = identifier(properties.get("distinct_id")), identifier(properties.get("$device_id"))
    distinct = distinct or identifier(properties.get("$user_id"))
    visitor = device
    if distinct is not None and (distinct.startswith(_DEVICE) or distinct == device):
        visitor = device or distinct.removeprefix(_DEVICE)
        distinct = None
    # Mixpanel itself takes two events for one if these four are equal; the id alone is not unique.
    named = {"event": record.get("event"), **{name: properties.get(name) for name in ("time", "distinct_id")}}
    inserted = properties.get("$insert_id")
    message_id = Digests().of({**named, "id": inserted}) if inserted else digests.of(record)
    context = context_of(
        properties.get("mp_lib"),
        vendor="mixpanel",
        page=page_of(
            properties.get("$current_url"),
            path=properties.get("current_url_path"),
            title=properties.get("current_page_title"),
            referrer=properties.get("$referrer"),
        ),
        session=properties.get("$session_id"),
    )
    return Origin(f"mixpanel-{message_id}", distinct, visitor, instant(properties.get("time"), "time", zone), context)


def _message(origin: Origin, name: JsonValue, properties: Record) -> Message:
    own = without(properties, _READ)
    match name:
        case "$identify":
            user = identifier(properties.get("$identified_id")) or origin.user_id
            visitor = identifier(properties.get("$anon_id")) or origin.anonymous_id
            if user is None:
                raise Unreadable("names no user: `$identified_id` is missing")
            return origin.message("identify", userId=user, anonymousId=visitor and visitor.removeprefix(_DEVICE))
        case "$create_alias":
            return _joined(origin, [origin.user_id or origin.anonymous_id, properties.get("alias")], "alias")
        case "$merge":
            return _joined(origin, properties.get("$distinct_ids"), "$distinct_ids")
        case "$mp_web_page_view":
            page = origin.context.get("page")
            return origin.message("page", properties={**own, **(page if isinstance(page, dict) else {})})
        case _:
            return origin.track(name, own)


def _joined(origin: Origin, pair: JsonValue, member: str) -> Message:
    """The former id and the one that it is known by from then on, as an alias."""
    ids = [identifier(each) for each in pair] if isinstance(pair, list) else []
    if len(ids) != _PAIR or None in ids:
        raise Unreadable(f"names no two ids: see `{member}`")
    # The visitor's is the one to be joined, wherever it stands.
    former, user = sorted((each or "" for each in ids), key=lambda each: not each.startswith(_DEVICE))
    return origin.message("alias", userId=user, anonymousId=None, previousId=former.removeprefix(_DEVICE))


def _profile(record: Record, zone: ZoneInfo) -> Message:
    """A profile as of its `$last_seen`: the traits of a user."""
    properties = members(record, "$properties")
    distinct = identifier(record.get("$distinct_id"))
    seen = properties.get("$last_seen")
    is_visitor = distinct is not None and distinct.startswith(_DEVICE)
    origin = Origin(
        f"mixpanel-profile-{Digests().of({'id': distinct, 'seen': seen, 'is': properties})}",
        None if is_visitor else distinct,
        distinct.removeprefix(_DEVICE) if is_visitor and distinct is not None else None,
        instant(seen, "$last_seen", zone),
        context_of(None, vendor="mixpanel"),
    )
    traits = {name.removeprefix("$"): value for name, value in properties.items() if name != "$last_seen"}
    return origin.message("identify", traits=traits)


FORMAT: Final = Format(
    name="mixpanel",
    title="Mixpanel",
    source="https://docs.mixpanel.com/reference/raw-event-export",
    files="The raw event export: a JSON object a line. The export of profiles is read too, as traits.",
    example="mixpanel-events.jsonl --zone US/Pacific",
    begin=begin,
    zone="The project's time zone, if it was made before 2023: its times are those of its wall clock.",
)
