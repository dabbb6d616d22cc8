"""How a client shows who it is, and how it knows the server."""

import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc

Metadata = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Tls:
    """Speak TLS, and trust the authorities in the PEM file `ca`, or those that gRPC knows.

    `certificate` and `key` are PEM files that show to the server who the client is (mTLS).
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def credentials(self) -> grpc.ChannelCredentials:
        """Credentials of a channel; OSError when a file cannot be read, ValueError when it holds something else.

        gRPC would take any bytes, and say later that the server cannot be reached.
        """
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together; give both or neither")
        self._check_files()
        ca, key, certificate = (
            None if path is None else path.read_bytes() for path in (self.ca, self.key, self.certificate)
        )
        return grpc.ssl_channel_credentials(ca, key, certificate)

    def _check_files(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            if self.ca is not None:
                context.load_verify_locations(self.ca)
        except ssl.SSLError:
            raise ValueError(f"{self.ca} holds no certificate of an authority in PEM") from None
        try:
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key, password="")
        except ssl.SSLError as error:
            fault = f"{self.certificate} and {self.key} are no certificate and its key in PEM, unencrypted"
            raise ValueError(f"{fault}: {error.reason or error}") from None


def authorization(address: str, token: str | None, tls: Tls | None) -> Metadata:
    """What to send with every call; ValueError when a token could be read on its way, or is none."""
    if token is None:
        return ()
    if not token.isascii() or not token.isprintable() or " " in token or not token:
        raise ValueError("the token holds other characters than a token does; pass it without spaces and line ends")
    if tls is None and not _is_local(address):
        raise ValueError(f"a token is not sent to {address} in plaintext; pass tls")
    return (("authorization", f"Bearer {token}"),)


def _is_local(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    if address.startswith("unix:") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
