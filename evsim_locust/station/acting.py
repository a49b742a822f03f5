"""What the world's commands do, as a table: command -> function. Impossible ones raise `CommandRefused`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from evsim_locust.ocppj.v16 import messages as v16
from evsim_locust.station import (
    authorization,
    availability,
    charging,
    commands,
    configuring,
    registration,
    reporting,
    shutting_down,
)
from evsim_locust.station.commands import CommandRefused, ValueRefused
from evsim_locust.station.connector import Connector
from evsim_locust.station.connector_table import Input
from evsim_locust.station.core import Core
from evsim_locust.station.transaction import Phase
from evsim_locust.station.words import Status

_LONGEST_VENDOR_ID, _LONGEST_MESSAGE_ID = 255, 50  # DataTransfer.req (section 6.15)


def _own(core: Core, connector_id: int) -> Connector:
    if not 0 < connector_id < len(core.connectors):
        raise ValueRefused(f"there is no connector {connector_id}")
    return core.connectors[connector_id]


def plug_in(core: Core, command: commands.PlugIn) -> None:
    """The cable goes in; an accepted tag that waits for it starts a transaction."""
    connector = _own(core, command.connector_id)
    if connector.plugged:
        raise CommandRefused(f"a cable is in connector {connector.id} already")
    if command.battery is not None and not 0.0 <= command.battery.charge_wh <= command.battery.capacity_wh > 0.0:
        raise CommandRefused("a battery holds 0 Wh or more, and no more than its capacity, which is above 0")
    connector.plugged, connector.battery = True, command.battery
    if connector.transaction is not None:  # it was kept when the cable came out (StopTransactionOnEVSideDisconnect)
        if connector.state == "SuspendedEV":
            reporting.step(core, connector, Input.RESUME)
        return
    reporting.step(core, connector, Input.PLUG_IN)
    waiting = connector.authorization
    if waiting is not None and not connector.errors and not core.leaving:
        charging.start(core, connector, waiting.id_tag, waiting.parent_id_tag)


def plug_out(core: Core, command: commands.PlugOut) -> None:
    """The cable comes out; during a transaction StopTransactionOnEVSideDisconnect decides (section 9.1.24)."""
    connector = _own(core, command.connector_id)
    if not connector.plugged:
        raise CommandRefused(f"no cable is in connector {connector.id}")
    connector.plugged, connector.battery, connector.draw_w = False, None, 0.0
    if connector.transaction is not None:
        if not core.configuration.boolean("StopTransactionOnEVSideDisconnect"):
            if connector.state == "Charging":
                reporting.step(core, connector, Input.SUSPEND_EV)
            return
        charging.stop(core, connector, "EVDisconnected")
    reporting.step(core, connector, Input.PLUG_OUT)
    availability.apply_scheduled(core, connector)


def swipe(core: Core, command: commands.Swipe) -> None:
    """A tag at the reader."""
    authorization.swipe(core, _own(core, command.connector_id), command.id_tag)


def stop_charging(core: Core, command: commands.StopCharging) -> None:
    """The station ends the transaction on its own."""
    charging.stop(core, _charging(core, command.connector_id), "Other")


def meter(core: Core, command: commands.Meter) -> None:
    """Set register and power; the power holds while the connector is charging."""
    connector = _own(core, command.connector_id)
    if command.power_w is not None and not 0.0 <= command.power_w < float("inf"):
        raise CommandRefused(f"power must be a finite number of watts, 0 or more, not {command.power_w}")
    if command.energy_wh is not None:
        try:
            connector.meter.set_register(command.energy_wh, core.now)
        except ValueError as error:
            raise CommandRefused(str(error)) from None
    if command.power_w is not None:
        connector.draw_w = command.power_w
        connector.update_power(core.now)


def sample_meter(core: Core, command: commands.SampleMeter) -> None:
    """A sample out of turn; the next periodic one comes an interval later."""
    charging.sample(core, _charging(core, command.connector_id).id)


def raise_fault(core: Core, command: commands.RaiseFault) -> None:
    """An error appears, on top of those that are there."""
    connector = _any(core, command.connector_id)
    if command.error_code == "NoError":
        raise CommandRefused("NoError is no fault; clear the fault instead")
    if command.error_code not in connector.errors:
        connector.errors = (*connector.errors, command.error_code)
        reporting.show(core, connector)


def clear_fault(core: Core, command: commands.ClearFault) -> None:
    """All errors are gone; what lies beneath shows again."""
    connector = _any(core, command.connector_id)
    connector.errors = ()
    reporting.show(core, connector)


def transfer_data(core: Core, command: commands.TransferData) -> None:
    """Send a DataTransfer."""
    if not core.ready:
        raise CommandRefused("not connected and accepted")
    message_id, data = command.message_id, command.data
    if len(command.vendor_id) > _LONGEST_VENDOR_ID or len(message_id or "") > _LONGEST_MESSAGE_ID:
        raise CommandRefused(
            f"vendor and message id have at most {_LONGEST_VENDOR_ID} and {_LONGEST_MESSAGE_ID} characters"
        )
    core.call(
        v16.DataTransfer(
            vendor_id=command.vendor_id,
            message_id=UNSET if message_id is None else message_id,
            data=UNSET if data is None else data,
        )
    )


def disconnect(core: Core, _command: commands.Disconnect) -> None:
    """Stay offline until `Connect`."""
    if core.shutting_down:
        raise CommandRefused("shutting down")
    core.offline_wish = True


def connect(core: Core, _command: commands.Connect) -> None:
    """Want a connection again."""
    if core.offline_wish:
        core.offline_wish = False
        registration.catch_up(core)


def suspend_ev(core: Core, command: commands.SuspendEV) -> None:
    """The vehicle stops drawing; section 4.9: while the station withholds energy, that is what shows."""
    connector = _in(core, command.connector_id, "Charging")
    reporting.step(core, connector, Input.SUSPEND_EV)


def suspend_evse(core: Core, command: commands.SuspendEVSE) -> None:
    """The station withholds energy."""
    connector = _in(core, command.connector_id, "Charging", "SuspendedEV")
    reporting.step(core, connector, Input.SUSPEND_EVSE)


def resume_ev(core: Core, command: commands.ResumeEV) -> None:
    """The vehicle draws again."""
    connector = _in(core, command.connector_id, "SuspendedEV")
    if not connector.plugged:
        raise CommandRefused(f"no cable is in connector {connector.id}")
    reporting.step(core, connector, Input.RESUME)


def resume_evse(core: Core, command: commands.ResumeEVSE) -> None:
    """The station offers energy again."""
    connector = _in(core, command.connector_id, "SuspendedEVSE")
    if connector.transaction is not None and connector.transaction.phase is Phase.DEAUTHORIZED:
        raise CommandRefused("the central system refused the tag")
    reporting.step(core, connector, Input.RESUME if connector.plugged else Input.SUSPEND_EV)


def _configure(core: Core, command: commands.Configure) -> None:
    configuring.configure(core, command.key, command.value)


def _shut_down(core: Core, command: commands.ShutDown) -> None:
    shutting_down.begin(core, command.within_s)


def _charging(core: Core, connector_id: int) -> Connector:
    connector = _own(core, connector_id)
    if connector.transaction is None:
        raise CommandRefused(f"no transaction runs on connector {connector_id}")
    return connector


def _in(core: Core, connector_id: int, *states: Status) -> Connector:
    connector = _charging(core, connector_id)
    if connector.state not in states:
        raise CommandRefused(f"connector {connector.id} is {connector.state}")
    return connector


def _any(core: Core, connector_id: int) -> Connector:
    return core.connectors[0] if connector_id == 0 else _own(core, connector_id)


COMMANDS: dict[type, Callable[[Core, Any], None]] = {
    commands.ClearFault: clear_fault,
    commands.Configure: _configure,
    commands.Connect: connect,
    commands.Disconnect: disconnect,
    commands.Meter: meter,
    commands.PlugIn: plug_in,
    commands.PlugOut: plug_out,
    commands.RaiseFault: raise_fault,
    commands.ResumeEV: resume_ev,
    commands.ResumeEVSE: resume_evse,
    commands.SampleMeter: sample_meter,
    commands.ShutDown: _shut_down,
    commands.StopCharging: stop_charging,
    commands.SuspendEV: suspend_ev,
    commands.SuspendEVSE: suspend_evse,
    commands.Swipe: swipe,
    commands.TransferData: transfer_data,
}
