"""The values a profile is made of, each with its limits; the limits are checked by msgspec and published in the schema.

Every number has an upper limit, which also keeps infinity out.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

# A profile's name is part of `NAME:WEIGHT,...`, of a metric's label and of a URL. In both patterns the lookahead
# refuses a final newline, which `$` alone would let pass.
PROFILE_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}(?!\n)$"

Amount = Annotated[float, Meta(ge=0, le=1e9)]
PositiveAmount = Annotated[float, Meta(gt=0, le=1e9)]
Probability = Annotated[float, Meta(ge=0, le=1)]
Load = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Priority = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Hour = Annotated[int, Meta(ge=0, le=23)]
# OCPP 1.6, IdToken: CiString20Type.
IdTag = Annotated[str, Meta(pattern=r"^[!-~]([ -~]{0,18}[!-~])?(?!\n)$", description="1 to 20 printable characters")]

AmountRange = tuple[Amount, Amount]
CountRange = tuple[Count, Count]
