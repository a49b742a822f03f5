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
_FOUND_BY_TYPES_ONLY = "multiple of 0.1"
_LONGEST = 200  # characters of a text that may quote the peer


def explain(folder: str, name: str, payload: msgspec.Raw, suspicion: str) -> PayloadRefused:
    """The error to answer with; `folder` holds the schemas within `ocpp`, `name` is the schema's file name."""
    try:
        found = next(_validator(folder, name).iter_errors(msgspec.json.decode(payload)), None)
    except RecursionError:  # in the decoder, or where the schema's message quotes the value
        return PayloadRefused(ErrorCode.FORMATION_VIOLATION, "nested too deeply")
    except (msgspec.MsgspecError, UnicodeError) as error:
        return PayloadRefused(ErrorCode.FORMATION_VIOLATION, str(error)[:_LONGEST])
    if found is not None:
        place = "".join(f"[{step!r}]" for step in found.absolute_path)
        return PayloadRefused(_CODES[found.validator], f"{name}{place}: {found.message[:_LONGEST]}")
    by_value = _FOUND_BY_TYPES_ONLY in suspicion
    code = ErrorCode.PROPERTY_CONSTRAINT_VIOLATION if by_value else ErrorCode.TYPE_CONSTRAINT_VIOLATION
    return PayloadRefused(code, suspicion[:_LONGEST])


@cache
def _validator(folder: str, name: str) -> Any:
    path = files("ocpp").joinpath(folder, "schemas", f"{name}.json")
    return jsonschema.Draft4Validator(json.loads(path.read_text("utf-8-sig"), object_hook=_less_multiples))


def _less_multiples(node: dict[str, Any]) -> dict[str, Any]:
    """The schema's multipleOf divides floats: it refuses 0.3 and fails on integers too large for a float."""
    return {keyword: value for keyword, value in node.items() if keyword != "multipleOf"}
