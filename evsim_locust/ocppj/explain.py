"""Why a payload was refused: the official JSON schema tells what the fast typed decoder only suspects.

Runs only after a refusal, so its cost (about 0.1 ms) does not matter.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
import msgspec

from evsim_locust.ocppj.errors import ErrorCode, PayloadRefused

# JSON Schema keyword -> OCPP-J 1.6 section 4.2.3, table 7. What is missing or unknown breaks the PDU's structure.
_CODES = {
    "required": ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
    "minItems": ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
    "additionalProperties": ErrorCode.FORMATION_VIOLATION,
    "type": ErrorCode.TYPE_CONSTRAINT_VIOLATION,
    "maxLength": ErrorCode.TYPE_CONSTRAINT_VIOLATION,
    "enum": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
}
_FOUND_BY_TYPES_ONLY = "multiple of 0.1"  # the schema's multipleOf works on floats and refuses 0.3


def explain(folder: str, name: str, payload: msgspec.Raw, suspicion: str) -> PayloadRefused:
    """The error to answer with; `folder` holds the schemas within `ocpp`, `name` is the schema's file name."""
    try:
        value = msgspec.json.decode(payload)
    except msgspec.MsgspecError as error:
        return PayloadRefused(ErrorCode.FORMATION_VIOLATION, str(error))
    except RecursionError:
        return PayloadRefused(ErrorCode.FORMATION_VIOLATION, "nested too deeply")
    found = next((e for e in _validator(folder, name).iter_errors(value) if e.validator != "multipleOf"), None)
    if found is not None and found.validator in _CODES:
        place = "".join(f"[{step!r}]" for step in found.absolute_path)
        return PayloadRefused(_CODES[found.validator], f"{name}{place}: {found.message[:200]}")
    if _FOUND_BY_TYPES_ONLY in suspicion:
        return PayloadRefused(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, suspicion)
    return PayloadRefused(ErrorCode.TYPE_CONSTRAINT_VIOLATION, suspicion)


@cache
def _validator(folder: str, name: str) -> Any:
    path = files("ocpp").joinpath(folder, "schemas", f"{name}.json")
    return jsonschema.Draft4Validator(json.loads(path.read_text("utf-8-sig")))
