"""RemoteStartTransaction, RemoteStopTransaction and UnlockConnector (OCPP 1.6, sections 5.11, 5.12, 5.18)."""

from __future__ import annotations

from functools import partial

from msgspec import UNSET

from evsim_locust.ocppj.v16 import messages as v16
from evsim_locust.station import authorization, charging
from evsim_locust.station.connector import Connector
from evsim_locust.station.core import Core
from evsim_locust.station.replies import Reply


def start(core: Core, request: v16.RemoteStartTransaction) -> Reply:
    """Accepted when a connector is free; AuthorizeRemoteTxRequests decides whether the tag is asked for first."""
    connector = _connector_for(core, request)
    if connector is None or core.leaving:
        return Reply(v16.RemoteStartTransactionResponse(status="Rejected"))
    ask = core.configuration.boolean("AuthorizeRemoteTxRequests")
    begin = authorization.ask if ask else authorization.accept_unasked
    answer = v16.RemoteStartTransactionResponse(status="Accepted")
    return Reply(answer, partial(begin, core, connector, request.id_tag))


def stop(core: Core, request: v16.RemoteStopTransaction) -> Reply:
    """Accepted when such a transaction runs."""
    for connector in core.own_connectors:
        transaction = connector.transaction
        if transaction is not None and transaction.transaction_id == request.transaction_id:
            return Reply(
                v16.RemoteStopTransactionResponse(status="Accepted"), partial(charging.stop, core, connector, "Remote")
            )
    return Reply(v16.RemoteStopTransactionResponse(status="Rejected"))


def unlock(core: Core, request: v16.UnlockConnector) -> Reply:
    """The cable is released; a transaction ends first, reason UnlockCommand."""
    if not 0 < request.connector_id < len(core.connectors):
        return Reply(v16.UnlockConnectorResponse(status="NotSupported"))
    connector = core.connectors[request.connector_id]
    then = partial(charging.stop, core, connector, "UnlockCommand") if connector.transaction is not None else None
    return Reply(v16.UnlockConnectorResponse(status="Unlocked"), then)


def _connector_for(core: Core, request: v16.RemoteStartTransaction) -> Connector | None:
    """The connector asked for, or the first free one, a plugged one before the others."""
    wanted = request.connector_id
    if wanted is UNSET:
        free = [connector for connector in core.own_connectors if connector.free]
        return next((connector for connector in free if connector.plugged), free[0] if free else None)
    if not 0 < wanted < len(core.connectors):
        return None
    return core.connectors[wanted] if core.connectors[wanted].free else None
