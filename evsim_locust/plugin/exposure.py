"""What may not be open to others: addresses to listen on, targets, classes. Checks of options, nothing is opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any

from evsim_locust.plugin.reading import OptionRefused
from evsim_locust.transport.target import BaseUrl, parse_base_url

SECRET = "EVSIM_CLUSTER_SECRET"
_USER_SETTINGS = frozenset({"user_class_name", "host", "weight", "fixed_count", "tasks"})  # what Locust's UI sends


def check_exposure(
    web_host: str | None,
    master_bind_host: str,
    distributed: bool,
    web_login: bool,
    token: str,
    cluster_secret: str,
    leases_carry_passwords: bool,
    unsafe_remote: bool,
) -> list[str]:
    """Warnings; raises `OptionRefused` for a door that others could open, unless `unsafe_remote` says they may.

    `web_host` is None without a web application; empty, like `*`, is every interface. `distributed`: this is a master.
    """
    opened = []
    if web_host is not None and not is_loopback(web_host) and not (web_login or token):
        opened.append(("--web-host", web_host, "--web-login or --control-token"))
    master_is_open = distributed and not is_loopback(master_bind_host)
    if master_is_open and not cluster_secret:
        opened.append(("--master-bind-host", master_bind_host, f"{SECRET} in the environment of master and workers"))
    if opened and not unsafe_remote:
        raise OptionRefused(_refusal(*opened[0]))
    warnings = [_warning(*door) for door in opened]
    if master_is_open and leases_carry_passwords:
        warnings.append(
            "--master-bind-host: the stations' passwords travel to the workers unencrypted: use a private network"
        )
    return warnings


def check_target(host: str, started_host: str, allow_targets: Iterable[str]) -> None:
    """Raises `OptionRefused` for a target that whoever has the web UI may not set the stations upon.

    They may choose any on loopback, the one that was started with, and those of `allow_targets`: `host`, `host:port`
    or `*`. A start with wss:// allows no ws:// there: passwords would travel in the clear.
    """
    target, started = _base_url(host), _base_url(started_host) if started_host else None
    as_started = started is not None and target[:3] == started[:3]
    if as_started or is_loopback(target.host) or any(_fits(target, allowed) for allowed in allow_targets):
        return
    raise OptionRefused(
        f"--host: {_netloc(target)} is neither loopback nor the --host of the start:"
        f" start Locust with --allow-target {_netloc(target)}"
    )


def check_user_settings(settings: Any, started_host: str, allow_targets: Iterable[str]) -> None:
    """Raises `OptionRefused`: Locust's route /user would set any attribute of a user class, on every worker."""
    if not isinstance(settings, Mapping):
        raise OptionRefused("/user: give a JSON object")
    for key in settings:
        if key not in _USER_SETTINGS:
            raise OptionRefused(f"/user: {str(key)[:40]!r} cannot be set: only {', '.join(sorted(_USER_SETTINGS))}")
    host = settings.get("host")
    if host:
        check_target(str(host), started_host, allow_targets)


def is_loopback(host: str) -> bool:
    """Whether only this machine can be meant; empty is every interface."""
    name = host.strip().lower().removeprefix("[").removesuffix("]")
    if name == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _refusal(option: str, host: str, remedy: str) -> str:
    return (
        f"{option}: {_shown(host)} is open to others and nothing guards it:"
        f" give 127.0.0.1, or {remedy}, or --unsafe-remote"
    )


def _warning(option: str, host: str, remedy: str) -> str:
    return (
        f"{option}: {_shown(host)} is open to others and --unsafe-remote leaves it unguarded:"
        f" whoever reaches it controls the swarm and its target; {remedy} would guard it"
    )


def _shown(host: str) -> str:
    return "every interface" if host.strip() in ("", "*") else repr(host[:60])


def _base_url(url: str) -> BaseUrl:
    try:
        return parse_base_url(url.strip())
    except ValueError as error:
        raise OptionRefused(f"--host: {error}") from None


def _fits(target: BaseUrl, allowed: str) -> bool:
    """A name without a port allows all of its ports."""
    word = allowed.strip().lower()
    return word in ("*", _bracketed(target.host), target.host, _netloc(target))


def _netloc(target: BaseUrl) -> str:
    return f"{_bracketed(target.host)}:{target.port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
