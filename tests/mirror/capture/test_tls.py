"""TLS on either side of the tee, with certificates made here."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import InvalidStatus

from mirror.capture.tee import open_tee
from mirror.capture.upstream import client_tls, parse_upstream, server_tls
from mirror.errors import CaptureError
from mirror.privacy.rules import EVERYTHING
from mirror.store.format import Side
from mirror.store.recover import read_recording

pytest.importorskip("cryptography")


@dataclass(frozen=True)
class Identity:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""

    certificate: Path
    key: Path


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    made = Identity(folder / "cert.pem", folder / "key.pem")
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    made.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return made


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


@pytest.mark.parametrize(("inside", "outside"), [(True, False), (False, True), (True, True)])
async def test_messages_pass_by_tls_on_either_side(
    identity: Identity, tmp_path: Path, inside: bool, outside: bool
) -> None:
    ours = server_tls(identity.certificate, identity.key)
    trust = client_tls(identity.certificate)
    async with serve(echo, "127.0.0.1", 0, ssl=ours if outside else None) as server:
        port = server.sockets[0].getsockname()[1]
        upstream = f"{'wss' if outside else 'ws'}://127.0.0.1:{port}/v2"
        keeping = {"rules": EVERYTHING, "tls": ours if inside else None, "upstream_tls": trust}
        async with open_tee(upstream, tmp_path, **keeping) as tee:
            assert tee.url.startswith("wss:" if inside else "ws:")
            async with connect(tee.url, ssl=trust if inside else None) as client:
                for message in ("hello", b"\x00" * 300_000):
                    await client.send(message)
                    assert await client.recv() == message
    (path,) = tmp_path.glob("*.mcap")
    recording = read_recording(path)
    assert recording.ended
    assert sum(len(piece.data) for piece in recording.pieces if piece.side is Side.CLIENT) > 0


async def test_a_certificate_that_cannot_be_verified_is_refused_not_trusted(identity: Identity, tmp_path: Path) -> None:
    ours = server_tls(identity.certificate, identity.key)
    async with serve(echo, "127.0.0.1", 0, ssl=ours) as server:
        upstream = f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"
        async with open_tee(upstream, tmp_path) as tee:
            with pytest.raises(InvalidStatus, match="502"):
                await connect(tee.url)
            assert tee.counters.refused == 1


async def test_a_client_that_speaks_plain_to_a_tls_port_harms_nobody(identity: Identity, tmp_path: Path) -> None:
    ours, trust = server_tls(identity.certificate, identity.key), client_tls(identity.certificate)
    async with serve(echo, "127.0.0.1", 0) as server:
        upstream = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"
        async with open_tee(upstream, tmp_path, tls=ours, drain_seconds=600) as tee:  # nothing is left to wait for
            reader, writer = await asyncio.open_connection(tee.host, tee.port)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                await reader.read(-1)  # an alert, or nothing
            writer.close()
            async with connect(tee.url, ssl=trust) as client:
                await client.send("x")
                assert await client.recv() == "x"


def test_bad_files_and_addresses(tmp_path: Path) -> None:
    (tmp_path / "junk").write_text("junk")
    with pytest.raises(CaptureError, match="no certificate and key"):
        server_tls(tmp_path / "junk", tmp_path / "junk")
    with pytest.raises(CaptureError, match="correct --upstream-ca"):
        client_tls(tmp_path / "junk")
    assert client_tls().verify_mode is ssl.CERT_REQUIRED
    assert parse_upstream("wss://h/v2").port == 443
    assert parse_upstream("https://h/v2").url_at("::1", 9, secure=False) == "http://[::1]:9/v2"
