"""Where the server listens, and with what certificate."""

import asyncio
import ipaddress
import logging
import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc

from pixret.service._config import ServiceConfig
from pixret.service._errors import ServiceError

_LOG = logging.getLogger("pixret.service")
_Stamps = tuple[tuple[int, int, int], ...]


def split_address(listen: str) -> tuple[str, int]:
    """Host and port of HOST:PORT; ServiceError when it is none."""
    host, separator, port = listen.rpartition(":")
    if not separator or not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise ServiceError(f"cannot listen on {listen!r}: an address reads HOST:PORT, as in 127.0.0.1:50051")
    return host, int(port)


async def bind(server: grpc.aio.Server, host: str, port: int, config: ServiceConfig) -> int:
    """Bind, with TLS if the config has a certificate; the port. ServiceError when that cannot be or is not safe."""
    check_exposure(host, config)
    credentials = Certificates(config).credentials() if config.tls_certificate is not None else None
    await asyncio.to_thread(_try_to_bind, host, port)
    try:
        address = f"{host}:{port}"
        bound = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    except RuntimeError as error:
        raise ServiceError(f"cannot listen on {host}:{port}: {error}") from None
    if bound == 0:
        raise ServiceError(f"cannot listen on {host}:{port}")
    return bound


def check_exposure(host: str, config: ServiceConfig) -> None:
    """Raise ServiceError when other machines could reach the server and it lacks a defence that was not waived."""
    if _is_loopback(host):
        return
    if config.tls_certificate is None and not config.insecure_plaintext:
        raise ServiceError(
            f"{host} can be reached from other machines, and without TLS they send in plaintext: give tls_certificate "
            "and tls_key, listen on 127.0.0.1, or say insecure_plaintext where something else encrypts"
        )
    if config.token_file is None and not config.insecure_anonymous:
        raise ServiceError(
            f"{host} can be reached from other machines, and without tokens everyone there may do everything: give "
            "token_file (pixret token new writes one), listen on 127.0.0.1, or say insecure_anonymous"
        )


def check_metrics_exposure(config: ServiceConfig) -> None:
    """Raise ServiceError when metrics would go to other machines, which they do in plaintext, and nobody said so."""
    host, _ = split_address(config.metrics_listen or "")
    if not _is_loopback(host) and not config.insecure_plaintext:
        raise ServiceError(
            f"metrics_listen {config.metrics_listen} can be reached from other machines, and metrics go in plaintext: "
            "listen on 127.0.0.1, or say insecure_plaintext"
        )


def check_traces_exposure(config: ServiceConfig) -> None:
    """Raise ServiceError when traces would go to another machine in plaintext, and nobody said so."""
    url = urlsplit(config.traces or "")
    if url.scheme == "http" and not _is_loopback(url.hostname or "") and not config.insecure_plaintext:
        raise ServiceError(
            f"traces {config.traces} go to another machine in plaintext: give an https:// URL or that of a collector "
            "on 127.0.0.1, or say insecure_plaintext"
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Certificates:
    """The server's certificate as the files have it at every new connection.

    What is read must fit together; files that do not, as while they are being replaced, leave the former in place.
    """

    def __init__(self, config: ServiceConfig) -> None:
        self._files = [path for path in (config.tls_certificate, config.tls_key, config.tls_client_ca) if path]
        self._requires_client = config.tls_client_ca is not None
        self._stamps: _Stamps = ()

    def credentials(self) -> grpc.ServerCredentials:
        """Credentials that are read anew when a file changes; ServiceError when they cannot be read now."""
        try:
            self._stamps = self._stamp()
            first = self._read()
        except (OSError, ValueError) as error:
            raise ServiceError(f"cannot use the certificate: {_words(error, self._files)}") from None
        renew: Any = self._renew  # whose None for no change the stubs do not know
        return grpc.dynamic_ssl_server_credentials(first, renew, self._requires_client)

    def _renew(self) -> grpc.ServerCertificateConfiguration | None:
        """What a new connection gets when a file has changed; None when none has. Called by gRPC's threads."""
        try:
            stamps = self._stamp()
            if stamps == self._stamps:
                return None
            renewed = self._read()
        except (OSError, ValueError) as error:
            _LOG.warning("the former certificate stays in use: %s", _words(error, self._files))
            return None
        self._stamps = stamps
        _LOG.info("the certificate was read anew from %s", self._files[0])
        return renewed

    def _stamp(self) -> _Stamps:
        return tuple((stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in map(Path.stat, self._files))

    def _read(self) -> grpc.ServerCertificateConfiguration:
        certificate, key, *authorities = self._files
        chain, secret, *roots = (path.read_bytes() for path in self._files)
        # gRPC would take any bytes and let every handshake fail.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key, password="")
        for authority in authorities:
            context.load_verify_locations(authority)
        return grpc.ssl_server_certificate_configuration([(secret, chain)], *roots)


def _words(error: Exception, files: list[Path]) -> str:
    """A fault in words; OpenSSL does not say of which file it speaks."""
    if isinstance(error, ssl.SSLError):
        named = ", ".join(map(str, files))
        return f"{error.reason or error} in one of {named}; they hold PEM, and the key is that of the certificate"
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)


def _try_to_bind(host: str, port: int) -> None:
    """Bind and let go again: gRPC itself would not say in words what is wrong, and writes to stderr."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found[:1]:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        message = error.strerror or str(error)
        raise ServiceError(f"cannot listen on {host}:{port}: {message}; choose another address") from None
