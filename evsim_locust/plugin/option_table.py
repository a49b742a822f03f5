"""Every option as a row: its name, default, what it takes and what it means. Parser, form, checks and docs read it."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Shape(Enum):
    """How an option is given."""

    VALUE = "one value"
    FLAG = "present or absent"
    LIST = "may be repeated"


class Option(Struct, frozen=True):
    """`default` is text, as it would be typed; `in_form` shows it in Locust's start form; `secret` keeps it out of
    everything that is shown or sent; `fixed` is read once, when Locust starts, and cannot be changed by a form."""

    name: str
    default: str
    metavar: str
    help: str
    group: str = "stations"
    shape: Shape = Shape.VALUE
    in_form: bool = False
    secret: bool = False
    fixed: bool = False

    @property
    def flag(self) -> str:
        """As on the command line."""
        return f"--{self.name}"

    @property
    def dest(self) -> str:
        """As an attribute of Locust's options."""
        return self.name.replace("-", "_")

    @property
    def env_var(self) -> str:
        """As in the environment."""
        return f"EVSIM_{self.dest.upper()}"


OPTIONS = (
    Option(
        "station-profile",
        "default",
        "NAME[:WEIGHT],...",
        "Behaviour profiles and their shares, such as default:6,busy:3",
        in_form=True,
    ),
    Option(
        "profiles-file",
        "",
        "FILE",
        "TOML or YAML file with profiles of your own, on top of the shipped ones",
        fixed=True,
    ),
    Option("station-prefix", "PY-SIM-", "TEXT", "Station ids begin with this"),
    Option("station-start", "1", "N", "Number of the first station"),
    Option("station-digits", "4", "N", "Station numbers have at least this many digits"),
    Option("stations-file", "", "FILE", "CSV file with a row for each station: id, password, profile ...", fixed=True),
    Option("connectors", "1", "N", "Connectors per station"),
    Option("vendor", "EVSim", "TEXT", "chargePointVendor, at most 20 characters"),
    Option("model", "PY-SIM", "TEXT", "chargePointModel, at most 20 characters"),
    Option("firmware-version", "1.0.0", "TEXT", "firmwareVersion, at most 50 characters"),
    Option(
        "station-config", "", "KEY=VALUE", "Initial value of a configuration key; may be repeated", shape=Shape.LIST
    ),
    Option("phase", "spread", "spread|lockstep", "Heartbeats and meter samples spread over their period, or in step"),
    Option("price", "20", "NUMBER", "Energy price per kWh", group="environment", in_form=True),
    Option("price-schedule", "", "FILE", "CSV file of prices by hour or by ISO time", group="environment", fixed=True),
    Option("currency", "₹", "TEXT", "Sign before prices", group="environment"),
    Option("timezone", "", "NAME", "IANA time zone of the peak hours (default: local time)", group="environment"),
    Option(
        "peak-hours",
        "",
        "8-17|18,19,20|none",
        "Peak hours instead of the profiles', such as 8-17 or 18,19,20 or none",
        group="environment",
        in_form=True,
    ),
    Option(
        "time-scale",
        "1",
        "NUMBER",
        "Sessions, samples and energy pass this many times faster",
        group="environment",
        in_form=True,
    ),
    Option(
        "seed",
        "",
        "N",
        "Same seed, same draws for the same station id (default: drawn and logged)",
        group="environment",
    ),
    Option(
        "security-profile",
        "",
        "0..3",
        "OCPP security profile: 0 none, 1 password, 2 password and TLS, 3 certificate (default: from what is given)",
        group="connection",
    ),
    Option(
        "basic-auth-key",
        "",
        "TEXT",
        "Password of all stations, for security profiles 1 and 2",
        group="connection",
        secret=True,
        fixed=True,
    ),
    Option(
        "station-tls-ca",
        "",
        "FILE",
        "Certificates that the stations trust, PEM (default: the system's)",
        group="connection",
    ),
    Option(
        "station-tls-cert",
        "",
        "FILE",
        "The stations' client certificate, PEM, for security profile 3",
        group="connection",
    ),
    Option("station-tls-key", "", "FILE", "Its private key, PEM", group="connection"),
    Option(
        "source-addresses", "", "A,B,...", "Local addresses to connect from, 10,000 stations each", group="connection"
    ),
    Option("call-timeout", "30", "SECONDS", "How long an answer to a CALL may take", group="connection"),
    Option(
        "reconnect",
        "exponential",
        "exponential|fixed|ocpp201",
        "How the wait between connection attempts grows",
        group="connection",
    ),
    Option("reconnect-min", "1", "SECONDS", "Shortest wait", group="connection"),
    Option("reconnect-max", "60", "SECONDS", "Longest wait", group="connection"),
    Option(
        "reconnect-range",
        "",
        "SECONDS",
        "ocpp201: random part of the wait (default: the shortest wait)",
        group="connection",
    ),
    Option("reconnect-repeats", "", "N", "ocpp201: how often the wait is doubled (default: 5)", group="connection"),
    Option(
        "boot-on-reconnect",
        "",
        "",
        "Send BootNotification after every connection, not only the first",
        group="connection",
        shape=Shape.FLAG,
    ),
    Option(
        "ping-interval",
        "0",
        "SECONDS",
        "WebSocket ping interval, 0: none (initial WebSocketPingInterval)",
        group="connection",
    ),
    Option(
        "history",
        "",
        "PATH|URL|none",
        "Where the run is written down: a SQLite file or a database's URL (default: simulator.db)",
        group="run",
        secret=True,  # a URL may hold a password
        fixed=True,
    ),
    Option("history-retention", "7d", "7d|12h|30m|none", "How long the history is kept", group="run", fixed=True),
    Option(
        "metrics-port",
        "",
        "PORT",
        "Prometheus metrics, 0: none (default: 9100, if it is free)",
        group="run",
        fixed=True,
    ),
    Option("control-port", "", "PORT", "REST API when headless (default: none)", group="run", fixed=True),
    Option(
        "control-token",
        "",
        "TEXT",
        "Token that requests must bring (Authorization: Bearer)",
        group="run",
        secret=True,
        fixed=True,
    ),
    Option(
        "allow-host",
        "",
        "NAME",
        "Another host name by which the web UI and the REST API may be asked; may be repeated",
        group="run",
        shape=Shape.LIST,
        fixed=True,
    ),
    Option(
        "allow-origin",
        "",
        "ORIGIN",
        "Another origin whose pages may use the REST API, such as https://ops.example; may be repeated",
        group="run",
        shape=Shape.LIST,
        fixed=True,
    ),
    Option(
        "allow-target",
        "",
        "HOST[:PORT]",
        "Another CSMS that may be set in the web UI, besides loopback and --host, or * for any; may be repeated",
        group="run",
        shape=Shape.LIST,
        fixed=True,
    ),
    Option(
        "unsafe-remote",
        "",
        "",
        "Listen beyond loopback without login and token",
        group="run",
        shape=Shape.FLAG,
        fixed=True,
    ),
    Option(
        "drain-timeout",
        "10",
        "SECONDS",
        "How long stations may take to stop their transactions at the end",
        group="run",
    ),
)
