"""What can be wrong with a frame or a payload, in OCPP-J's own words (OCPP-J 1.6, section 4.2.3)."""

from __future__ import annotations

from enum import StrEnum


class ErrorCode(StrEnum):
    """The error codes of a CALLERROR; `Occurence` is the specification's own spelling."""

    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    INTERNAL_ERROR = "InternalError"
    PROTOCOL_ERROR = "ProtocolError"
    SECURITY_ERROR = "SecurityError"
    FORMATION_VIOLATION = "FormationViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    OCCURENCE_CONSTRAINT_VIOLATION = "OccurenceConstraintViolation"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"
    GENERIC_ERROR = "GenericError"


# Seen in back ends that mix versions: 2.0.1's codes and the spelling of dictionaries.
_ALSO_KNOWN = frozenset(
    {"OccurrenceConstraintViolation", "FormatViolation", "MessageTypeNotSupported", "RpcFrameworkError"}
)
_KNOWN = frozenset(ErrorCode) | _ALSO_KNOWN
UNKNOWN_CODE = "UnknownErrorCode"


def bounded_code(code: str) -> str:
    """The code itself when it is one we know, else `UnknownErrorCode`: a peer must not invent statistics rows."""
    return code if code in _KNOWN else UNKNOWN_CODE


class OcppjError(Exception):
    """The root of this room's errors."""


class FrameRefused(OcppjError):
    """A text that is not an OCPP-J frame; all that could be read of it is kept.

    `message_type` is the integer that stood first, `unique_id` the string that stood second, None when there is none.
    """

    def __init__(self, detail: str, message_type: int | None = None, unique_id: str | None = None) -> None:
        super().__init__(detail)
        self.detail, self.message_type, self.unique_id = detail, message_type, unique_id


class PayloadRefused(OcppjError):
    """A payload that breaks its schema, or an action nobody knows; `code` is the OCPP error code to answer with."""

    def __init__(self, code: ErrorCode, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail
