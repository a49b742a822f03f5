"""Who may charge: a tag at the reader or a remote start, the cache, and Authorize (OCPP 1.6, sections 4.1, 3.4)."""

from __future__ import annotations

from enum import Enum

from evsim_locust.ocppj.events import CallEnded
from evsim_locust.ocppj.v16.messages import Authorize
from evsim_locust.station import availability, charging, reporting
from evsim_locust.station.cache import parent_of
from evsim_locust.station.commands import CommandRefused
from evsim_locust.station.connector import Authorization, Connector
from evsim_locust.station.connector_table import Input
from evsim_locust.station.core import Core, Timer
from evsim_locust.station.events import AuthorizationEnded

_LONGEST_TAG = 20  # IdToken (section 7.28)


class Purpose(Enum):
    """What an Authorize was sent for."""

    START = "start a transaction"
    STOP = "stop one with another tag of the same group"


class Question:
    """The token of an Authorize on its way."""

    __slots__ = ("connector", "id_tag", "purpose")

    def __init__(self, connector: Connector, id_tag: str, purpose: Purpose) -> None:
        self.connector, self.id_tag, self.purpose = connector, id_tag, purpose


def swipe(core: Core, connector: Connector, id_tag: str) -> None:
    """A tag at the reader: starts, stops or takes back; raises `CommandRefused` when it can do none of these."""
    if len(id_tag) > _LONGEST_TAG:
        raise CommandRefused(f"an id tag has at most {_LONGEST_TAG} characters")
    if connector.transaction is not None:
        _swipe_to_stop(core, connector, id_tag)
    elif connector.authorization is not None:
        if connector.authorization.id_tag != id_tag:
            raise CommandRefused(f"connector {connector.id} waits for the cable of {connector.authorization.id_tag}")
        give_up(core, connector.id)
    elif not connector.free or core.leaving:
        raise CommandRefused(f"connector {connector.id} is {_why_not(core, connector)}")
    else:
        ask(core, connector, id_tag)


def ask(core: Core, connector: Connector, id_tag: str) -> None:
    """Find out whether the tag may charge: from the cache, from the central system, or offline from the rules."""
    pre_authorized = core.configuration.boolean("LocalPreAuthorize") and _cached(core, id_tag)
    if pre_authorized:
        _accept(core, connector, id_tag, core.cache.parent_of(id_tag))
    elif core.ready:
        connector.authorizing = True
        core.call(Authorize(id_tag=id_tag), Question(connector, id_tag, Purpose.START))
    else:
        _decide_offline(core, connector, id_tag)


def accept_unasked(core: Core, connector: Connector, id_tag: str) -> None:
    """A remote start without Authorize (AuthorizeRemoteTxRequests false)."""
    _accept(core, connector, id_tag, core.cache.parent_of(id_tag))


def answered(core: Core, question: Question, ended: CallEnded) -> None:
    """An Authorize came to its end."""
    connector, id_tag = question.connector, question.id_tag
    info = ended.answer.id_tag_info if ended.error is None else None
    if info is not None:
        core.learn(id_tag, info)
    status = info.status if info is not None else ended.error or ""
    parent_id_tag = None if info is None else parent_of(info)
    if question.purpose is Purpose.STOP:
        _answered_to_stop(core, connector, id_tag, parent_id_tag, status)
        return
    connector.authorizing = False
    if status == "Accepted" and connector.free and not core.leaving:
        _accept(core, connector, id_tag, parent_id_tag)
    else:
        _refuse(core, connector, id_tag, status)
        availability.apply_scheduled(core, connector)


def give_up(core: Core, connector_id: int) -> None:
    """ConnectionTimeOut, or the tag was taken back: nobody is authorized any more."""
    connector = core.connectors[connector_id]
    connector.authorization = None
    core.clear_timer(Timer.CONNECTION, connector_id)
    if not connector.plugged:
        reporting.step(core, connector, Input.GIVE_UP)
    availability.apply_scheduled(core, connector)


def _accept(core: Core, connector: Connector, id_tag: str, parent_id_tag: str | None) -> None:
    core.log(f"Authorization successful - {id_tag}")
    core.emit(AuthorizationEnded(connector.id, id_tag, "Accepted"))
    reporting.step(core, connector, Input.AUTHORIZE)
    if connector.plugged:
        charging.start(core, connector, id_tag, parent_id_tag)
        return
    connector.authorization = Authorization(id_tag, parent_id_tag)
    timeout_s = core.configuration.integer("ConnectionTimeOut")
    if timeout_s:
        core.set_timer(Timer.CONNECTION, timeout_s, connector.id)


def _refuse(core: Core, connector: Connector, id_tag: str, status: str) -> None:
    core.log(f"Authorization failed - {id_tag} ({status})")
    core.emit(AuthorizationEnded(connector.id, id_tag, status))


def _decide_offline(core: Core, connector: Connector, id_tag: str) -> None:
    """OCPP 1.6, section 3.5: known tags by LocalAuthorizeOffline, unknown ones by AllowOfflineTxForUnknownId."""
    known = core.configuration.boolean("AuthorizationCacheEnabled") and core.cache.knows(id_tag)
    rule = "LocalAuthorizeOffline" if known else "AllowOfflineTxForUnknownId"
    if core.configuration.boolean(rule) and (_cached(core, id_tag) or not known):
        _accept(core, connector, id_tag, core.cache.parent_of(id_tag))
    else:
        _refuse(core, connector, id_tag, "Offline")


def _cached(core: Core, id_tag: str) -> bool:
    enabled = core.configuration.boolean("AuthorizationCacheEnabled")
    return enabled and core.cache.accepts(id_tag, core.now + core.wall_offset)


def _swipe_to_stop(core: Core, connector: Connector, id_tag: str) -> None:
    transaction = connector.transaction
    assert transaction is not None
    if transaction.is_of(id_tag, core.cache.parent_of(id_tag) if _cached(core, id_tag) else None):
        charging.stop(core, connector, "Local", id_tag)
    elif not core.ready:
        raise CommandRefused(f"offline, and {id_tag} did not start the transaction")
    else:
        core.call(Authorize(id_tag=id_tag), Question(connector, id_tag, Purpose.STOP))


def _answered_to_stop(core: Core, connector: Connector, id_tag: str, parent_id_tag: str | None, status: str) -> None:
    transaction = connector.transaction
    if status == "Accepted" and transaction is not None and transaction.is_of(id_tag, parent_id_tag):
        charging.stop(core, connector, "Local", id_tag)
    else:
        _refuse(core, connector, id_tag, "not of the same group" if status == "Accepted" else status)


def _why_not(core: Core, connector: Connector) -> str:
    if core.leaving:
        return "about to restart" if core.resetting else "shutting down"
    return "asking for another tag" if connector.authorizing else connector.shown[0]
