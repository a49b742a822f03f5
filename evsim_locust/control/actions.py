"""What a station can be told to do by name: a table of actions, their parameters, and the commands they become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, Struct, ValidationError

from evsim_locust.behaviour.fields import IdTag
from evsim_locust.behaviour.suggestion import suggestion
from evsim_locust.control.errors import Refused
from evsim_locust.station import commands
from evsim_locust.station.commands import Command, CommandRefused
from evsim_locust.station.station import Station
from evsim_locust.station.words import ErrorCode

_INT32: Final = 2**31 - 1
_MOST_W: Final = 1e9
_ERROR_CODES: Final = tuple(code for code in get_args(ErrorCode) if code != "NoError")
_SHOWN: Final = 60  # characters of what somebody sent that a refusal repeats
_LONGEST: Final = 200  # characters of what the station says to it


class Parameter(Struct, frozen=True):
    """One row: `kind` is the msgspec type that its values must have, `UNSET` as `default` means it is required."""

    name: str
    kind: Any
    meaning: str
    default: object = None

    def checked(self, value: object) -> object:
        """The value as the station takes it; raises `Refused`."""
        try:
            if isinstance(value, str):
                value.encode()  # JSON can carry half a surrogate pair, which no frame can
            return msgspec.convert(value, self.kind)
        except (ValidationError, UnicodeEncodeError):
            raise Refused(422, f"{self.name} must be {self.meaning}") from None

    def offered(self) -> dict[str, Any]:
        """As a client may read it, in the words of JSON Schema."""
        required = self.default is UNSET
        schema = {"type": "string"} | msgspec.json.schema(self.kind)
        default = None if required else self.default
        return {"name": self.name, **schema, "description": self.meaning, "required": required, "default": default}


class Action(Struct, frozen=True):
    """One row: `make` gives the command from the parameters; at least one of `some_of` must be given."""

    make: Callable[..., Command]
    parameters: tuple[Parameter, ...] = ()
    some_of: tuple[str, ...] = ()


_CONNECTOR = Parameter("connector_id", Annotated[int, Meta(ge=1, le=_INT32)], "a whole number from 1", 1)
_ANY_CONNECTOR = Parameter(
    "connector_id", Annotated[int, Meta(ge=0, le=_INT32)], "a whole number from 0 (the station itself)", 1
)
_ID_TAG = Parameter("id_tag", IdTag, "1 to 20 printable characters", UNSET)
_ENERGY = Parameter(
    "energy_wh", Annotated[float, Meta(ge=0, le=_INT32)], f"the register's absolute value, 0 to {_INT32} Wh"
)
_POWER = Parameter("power_w", Annotated[float, Meta(ge=0, le=_MOST_W)], f"0 to {_MOST_W:.0f} W")
_ERROR_CODE = Parameter("error_code", Literal.__getitem__(_ERROR_CODES), f"one of {', '.join(_ERROR_CODES)}", UNSET)


def _text(name: str, least: int, most: int, default: object) -> Parameter:
    """Limits of CiStrings are OCPP's (ChangeConfiguration 6.7, DataTransfer 6.15)."""
    kind = Annotated[str, Meta(min_length=least, max_length=most)]
    return Parameter(name, kind, f"a text of {least} to {most} characters", default)


ACTIONS: Final[Mapping[str, Action]] = {
    "plug_in": Action(commands.PlugIn, (_CONNECTOR,)),
    "plug_out": Action(commands.PlugOut, (_CONNECTOR,)),
    "swipe": Action(commands.Swipe, (_ID_TAG, _CONNECTOR)),
    "suspend_ev": Action(commands.SuspendEV, (_CONNECTOR,)),
    "resume_ev": Action(commands.ResumeEV, (_CONNECTOR,)),
    "disconnect": Action(commands.Disconnect),
    "connect": Action(commands.Connect),
    "meter": Action(commands.Meter, (_ENERGY, _POWER, _CONNECTOR), some_of=("energy_wh", "power_w")),
    "configure": Action(commands.Configure, (_text("key", 1, 50, UNSET), _text("value", 0, 500, UNSET))),
    "fault": Action(commands.RaiseFault, (_ERROR_CODE, _ANY_CONNECTOR)),
    "clear_fault": Action(commands.ClearFault, (_ANY_CONNECTOR,)),
    "data_transfer": Action(
        commands.TransferData,
        (
            _text("vendor_id", 1, 255, UNSET),
            _text("message_id", 0, 50, None),
            Parameter("data", str, "a text", None),
        ),
    ),
}
_STATUS: Final[Mapping[type[CommandRefused], int]] = {commands.KeyUnknown: 404, commands.ValueRefused: 422}


def offered() -> list[dict[str, Any]]:
    """Every action: its name, and of each parameter name, type and limits, whether it is required, and the default."""
    return [
        {"name": name, "parameters": [parameter.offered() for parameter in action.parameters]}
        for name, action in ACTIONS.items()
    ]


def command_of(action: str, parameters: Mapping[str, Any]) -> Command:
    """The command that an action stands for; raises `Refused`: 404 unknown action, 422 a parameter, which it names."""
    row = ACTIONS.get(action)
    if row is None:
        raise Refused(404, f"no action {action[:_SHOWN]!r}; {suggestion(action[:_SHOWN], ACTIONS, 'actions')}")
    known = {parameter.name: parameter for parameter in row.parameters}
    for name in parameters:
        if name not in known:
            shown = str(name)[:_SHOWN]
            raise Refused(422, f"{action} has no parameter {shown!r}; {suggestion(shown, known, 'parameters')}")
    for parameter in row.parameters:
        if parameter.default is UNSET and parameter.name not in parameters:
            raise Refused(422, f"{action} needs {parameter.name}")
    if row.some_of and not any(name in parameters for name in row.some_of):
        raise Refused(422, f"{action} needs {' or '.join(row.some_of)}")
    return row.make(**{name: known[name].checked(value) for name, value in parameters.items()})


def act(station: Station, action: str, parameters: Mapping[str, Any], now: float) -> None:
    """Do it; whoever drives the station must be woken after. `now` is monotonic seconds.

    Raises `Refused`: 404 unknown action or configuration key, 409 impossible now, 422 a value that never will do.
    """
    command = command_of(action, parameters)
    if station.finished:
        raise Refused(409, "the station has ended")
    try:
        station.command(command, now)
    except CommandRefused as refused:
        raise refusal_of(refused) from None


def refusal_of(refused: CommandRefused) -> Refused:
    """What the station refused, as the API tells it."""
    return Refused(_STATUS.get(type(refused), 409), str(refused)[:_LONGEST])
