"""A certificate authority and a server certificate for 127.0.0.1, as PEM files in the given folder."""

from __future__ import annotations

import argparse
from pathlib import Path

import trustme

from benchmarks.programs.wire import HOST


def main() -> None:
    """Write ca.pem, server.pem and server.key."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    authority = trustme.CA()
    server = authority.issue_cert(HOST)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    server.private_key_pem.write_to_path(str(folder / "server.key"))
    for number, blob in enumerate(server.cert_chain_pems):
        blob.write_to_path(str(folder / "server.pem"), append=number > 0)


if __name__ == "__main__":
    main()
