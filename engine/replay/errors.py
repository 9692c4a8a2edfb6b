"""Why a recording, or a part of one, is refused."""

from __future__ import annotations

from engine.errors import WaypostError


class ReplayOff(WaypostError):
    """The project records nothing: stop, and drop what was recorded."""

    code = "replay_off"

    def __init__(self) -> None:
        super().__init__("this project records no sessions; an admin switches it on under Settings, Privacy")


class ReplayGone(WaypostError):
    """The recording was deleted, is over its time, or its user was erased: nothing more of it is kept."""

    code = "replay_gone"

    def __init__(self) -> None:
        super().__init__("this recording was deleted, and nothing more of it is kept: stop recording")


class ReplayTooLarge(WaypostError):
    """A part, or the whole recording, is larger than is kept: the recording ends here."""

    code = "replay_too_large"


class ReplayDayFull(WaypostError):
    """The project has let in as much of recordings as it wants to today; `Retry-After` says when it goes on."""

    code = "replay_day_full"

    def __init__(self, megabytes: int, retry_after: int) -> None:
        super().__init__(f"this project takes {megabytes:,} MB of recordings a day, and has them: send it again later")
        self.retry_after = retry_after
        """Seconds until the next day begins."""


class ReplayTooEarly(WaypostError):
    """Nothing is known of the user yet: their events come first; `Retry-After` says when to send it again."""

    code = "replay_too_early"

    def __init__(self) -> None:
        super().__init__("nothing is known of this user yet: send their events first, then this again")
        self.retry_after = 5


class ReplayOfAnother(WaypostError):
    """A part names another user than the recording that it belongs to: the recording ends, another one may begin."""

    code = "replay_of_another"

    def __init__(self) -> None:
        super().__init__("this part is of another user than its recording: end it, and begin another recording")


class BadReplay(WaypostError):
    """What came is not a part of a recording."""

    code = "bad_replay"


class NoSuchReplay(WaypostError):
    """The project has no such recording."""

    code = "no_such_replay"

    def __init__(self, recording: str) -> None:
        super().__init__(f"there is no recording `{recording[:80]}`: it may have been deleted, or be over its time")
