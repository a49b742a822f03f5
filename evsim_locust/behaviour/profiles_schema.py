"""The JSON Schema of a file of profiles, made from the types that read it.

`profiles.schema.json` is this document, written by `scripts/generate_profile_schema.py`. What a schema cannot say,
that a pair is [from, to] and that `extends` names a profile there is, only the reader checks.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from evsim_locust.behaviour.fields import PROFILE_NAME
from evsim_locust.behaviour.profile import ProfileFields

ProfileName = Annotated[str, Meta(pattern=PROFILE_NAME)]


class ProfileTable(ProfileFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One profile; a number is in the unit that ends its key, a key that is absent has the value of `default`."""

    extends: (
        Annotated[ProfileName, Meta(description="the profile whose values hold for the absent keys")] | UnsetType
    ) = UNSET


def profiles_schema() -> dict[str, Any]:
    """The document, JSON Schema 2020-12."""
    schema = msgspec.json.schema(Annotated[dict[ProfileName, ProfileTable], Meta(min_length=1)])
    hours = schema["$defs"]["ProfileTable"]["properties"]["peak_hours"]
    del hours["uniqueItems"]  # msgspec writes it for a set, but lets an hour come twice
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Station profiles of evsim-locust",
        **schema,
    }
