"""The shapes that we promise on the wire: marshmallow schemas, and nothing but shapes.

Never derived from tables. Under `/api/v1/` a member that we do not know is an error; in Segment's format it is ignored.
"""
