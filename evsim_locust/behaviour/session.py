"""The drivers of one connector, one after the other: arrive, plug in, swipe, charge while the policy allows, leave."""

from __future__ import annotations

from collections.abc import Generator

from evsim_locust.behaviour.policing import Policing
from evsim_locust.behaviour.script import NEVER, ConnectorEvent, Script, Wait
from evsim_locust.behaviour.stage import Stage
from evsim_locust.station.commands import (
    Battery,
    Connect,
    Disconnect,
    Meter,
    PlugIn,
    PlugOut,
    ResumeEVSE,
    StopCharging,
    SuspendEVSE,
    Swipe,
)
from evsim_locust.station.events import AuthorizationEnded, MeterSampled, TransactionStarted, TransactionStopped

_IN_SESSION = (MeterSampled, TransactionStopped)
_WALK_S = (2.0, 8.0)  # from the car to the reader and back
_SHORTEST_IDLE_S = 1.0  # who finds the connector taken is not back in the same instant, whatever the profile says
_PATIENCE_S = 90.0  # real seconds at the reader, longer than the CALLs that decide take to time out
_CAPACITY_WH = (50_000.0, 100_000.0)
_ARRIVES_WITH = (0.05, 0.95)  # of the room that the energy cap leaves in the battery

Steps = Generator[Wait, ConnectorEvent | None, None]
Answer = Generator[Wait, ConnectorEvent | None, bool]


def sessions(stage: Stage, connector_id: int) -> Script:
    """Drivers for ever; one whom the central system sent (RemoteStartTransaction) comes out of turn."""
    visit = _Visit(stage, connector_id)
    while True:
        called = yield from _idle(stage)
        if not called and stage.station.registered:
            yield from _perhaps_offline(stage)
            called = yield from visit.until_allowed()
        if called:
            yield from visit.called()
        elif stage.station.registered:
            yield from visit.arrive()


def _idle(stage: Stage) -> Answer:
    """The pause between two sessions; whether the central system ended it with an authorized tag."""
    idle_s = max(_SHORTEST_IDLE_S, stage.draws.uniform(*stage.profile.idle_s))
    return (yield from _called_before(stage.after(idle_s)))


def _called_before(until: float) -> Answer:
    """Wait until then, or for an authorized tag; one that was refused changes nothing."""
    while (fact := (yield Wait(until, (AuthorizationEnded,)))) is not None:
        if isinstance(fact, AuthorizationEnded) and fact.status == "Accepted":
            return True
    return False


class _Visit:
    """One connector's drivers; what one visit needs is drawn when it begins."""

    def __init__(self, stage: Stage, connector_id: int) -> None:
        self._stage, self._id = stage, connector_id
        self._policing = Policing(stage)
        self._power_w = 0.0
        self._withheld = False  # whether this script suspended the transaction, on the policy's word
        self._leaves_at = self._look_at = NEVER
        self._samples_left: int | None = None

    # ---- arriving

    def until_allowed(self) -> Answer:
        """Wait until the policy lets a session begin; whether the central system began one meanwhile."""
        stage = self._stage
        while (refusal := self._policing.may_start()) is not None:
            stage.log(f"{refusal} — waiting")
            if (yield from _called_before(stage.after(stage.profile.policy_retry_s))):
                return True
        return False

    def arrive(self) -> Steps:
        """A driver plugs in, holds a tag to the reader, and stays."""
        stage = self._stage
        if not stage.connector(self._id).free or not stage.act(PlugIn(self._id, self._battery())):
            return
        yield Wait(stage.after(stage.draws.uniform(*_WALK_S)))
        id_tag = stage.draws.choice(stage.profile.id_tags)
        # The central system may have authorized this car from afar by now: a tag at the reader would stop it again.
        if self._taken() or stage.act(Swipe(id_tag, self._id)):
            yield from self._charge()
        yield from self._leave()

    def called(self) -> Steps:
        """The central system authorized a tag for this connector: its driver plugs in."""
        stage = self._stage
        yield Wait(stage.after(stage.draws.uniform(*_WALK_S)))
        if not stage.connector(self._id).plugged:
            stage.act(PlugIn(self._id, self._battery()))
        yield from self._charge()
        yield from self._leave()

    def _taken(self) -> bool:
        connector = self._stage.connector(self._id)
        return connector.transaction is not None or connector.authorizing

    def _charge(self) -> Steps:
        """Wait for a transaction that may have energy, and stay if there is one in the end."""
        stage = self._stage
        until = stage.now + _PATIENCE_S
        while (id_tag := stage.charging_tag(self._id)) is None:
            fact = yield Wait(until, (AuthorizationEnded, TransactionStarted, TransactionStopped))
            refused = isinstance(fact, AuthorizationEnded) and fact.status != "Accepted"
            if fact is None or refused or isinstance(fact, TransactionStopped):
                return
        yield from self._stay(id_tag)

    # ---- charging

    def _stay(self, id_tag: str) -> Steps:
        """Charge until the driver leaves, the policy stops it or somebody else does."""
        stage, profile = self._stage, self._stage.profile
        stage.log(f"Charging started (price: {stage.price_text()}, id_tag: {id_tag})")
        self._power_w = stage.draws.uniform(*profile.sample_energy_wh) * 3600.0 / stage.sample_s
        self._withheld = False
        self._leaves_at = stage.after(stage.draws.uniform(*profile.dwell_min) * 60.0)
        low_high = profile.samples_per_session
        self._samples_left = stage.draws.integer(*low_high) if low_high is not None else None
        self._look_at, delivered_wh = stage.now, 0
        while self._decide(delivered_wh):
            if stage.now >= self._look_at:
                self._look_at = self._next_look(delivered_wh)
            fact = yield Wait(min(self._leaves_at, self._look_at), _IN_SESSION)
            if isinstance(fact, TransactionStopped):
                return
            if self._must_leave(sampled=fact is not None):
                stage.act(Swipe(id_tag, self._id))
                return
            delivered_wh = fact.energy_wh if isinstance(fact, MeterSampled) else stage.delivered_wh(self._id)

    def _must_leave(self, sampled: bool) -> bool:
        """Whether the driver's time is up, or the samples that a session of this profile may have."""
        if sampled and self._samples_left is not None:
            self._samples_left -= 1
        return self._stage.now >= self._leaves_at or self._samples_left == 0

    def _decide(self, delivered_wh: int) -> bool:
        """Ask the policy; whether the session goes on."""
        stage = self._stage
        stop_reason, may_wait, factor = self._policing.may_continue(delivered_wh)
        if stop_reason is None:
            if self._withheld:
                self._withheld = False
                stage.act(ResumeEVSE(self._id))
            self._draw(self._power_w * factor)
        elif may_wait and stage.profile.on_wait == "suspend":
            if stage.connector(self._id).state == "Charging":
                stage.log(f"{stop_reason} — waiting")
                self._withheld = stage.act(SuspendEVSE(self._id))
        else:
            stage.log(f"{stop_reason} — stopping")
            stage.act(StopCharging(self._id))
            return False
        return True

    def _draw(self, power_w: float) -> None:
        if self._stage.connector(self._id).draw_w != power_w:
            self._stage.act(Meter(self._id, power_w=power_w))
            self._look_at = self._stage.now

    def _next_look(self, delivered_wh: int) -> float:
        """When to ask the policy again if no sample comes before: at the energy cap, at the latest at its retry."""
        stage = self._stage
        retry_at = stage.after(stage.profile.policy_retry_s)
        power_w = stage.connector(self._id).meter.power_w
        left_wh = stage.cap_wh - delivered_wh
        return min(retry_at, stage.after(left_wh * 3600.0 / power_w)) if power_w > 0.0 else retry_at

    # ---- leaving

    def _leave(self) -> Steps:
        stage = self._stage
        yield Wait(stage.after(stage.draws.uniform(*_WALK_S)))
        if stage.connector(self._id).plugged:
            stage.act(PlugOut(self._id))

    def _battery(self) -> Battery:
        """A battery with room for the energy cap, so that it is the cap or the driver that ends a session."""
        draws = self._stage.draws
        capacity_wh = draws.uniform(*_CAPACITY_WH)
        room_wh = max(0.0, capacity_wh - self._stage.cap_wh)
        return Battery(capacity_wh, room_wh * draws.uniform(*_ARRIVES_WITH))


def _perhaps_offline(stage: Stage) -> Steps:
    """Before a session the station may lose its connection for a while (the profile's offline_probability)."""
    profile = stage.profile
    if profile.offline_probability and stage.draws.chance(profile.offline_probability) and stage.act(Disconnect()):
        yield Wait(stage.after(profile.offline_s))
        stage.act(Connect())
