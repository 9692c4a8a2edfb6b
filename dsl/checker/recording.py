"""What is recorded: that a `record` names somebody or some place, and what it names is there."""

from __future__ import annotations

from dsl.checker.literals import check_share
from dsl.checker.report import Report
from dsl.codes import guides, warnings
from dsl.nodes import Record, Sample


def check_record(report: Report, record: Record) -> None:
    """Its steps and its segments are known, its share can be, and it is not of everybody everywhere."""
    if record.at is None and record.audience is None and report.is_whole(record):
        message = "this says neither where nor of whom"
        help_ = "name steps, people, or both, such as `record at checkout.pay for new_users`"
        report.add(guides.RECORDS_EVERYBODY.at(report.word_of(record, "record"), message, help=help_))
    for place in record.places:
        if not report.steps(place, word="at", stage_too=True) and report.is_stage(place):
            message = f"`{place.place.text}` has no steps, so nobody is ever at it"
            report.add(warnings.RECORDS_NOTHING.at(place.span, message, help="name a step, or a stage that has some"))
    report.said_twice(record.places)
    for name in record.segments:
        report.segment(name)
    report.said_twice(record.segments)
    if record.sample is not None:
        _check_sample(report, record.sample)


def _check_sample(report: Report, sample: Sample) -> None:
    is_share = check_share(report, sample.percent, sample.span, what="the `sample`")
    if is_share and sample.percent == 0:
        message = "0 % are recorded: nobody"
        report.add(warnings.RECORDS_NOTHING.at(sample.span, message, help="leave the whole `record` out"))
