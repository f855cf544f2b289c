"""A certificate authority of the demo's own: the simulated Microsoft must speak TLS, as msal takes nothing else."""

import ssl
from pathlib import Path

import trustme


def loopback_context(ca_file: Path) -> ssl.SSLContext:
    """A server's TLS context for localhost, 127.0.0.1 and ::1, under a new authority.

    ca_file: where the authority's certificate is written (PEM); whoever is to trust the server is pointed there.
    """
    authority = trustme.CA(organization_name="Gateway demo")
    ca_file.parent.mkdir(parents=True, exist_ok=True)
    ca_file.write_bytes(authority.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
    return context
