"""The other side of the interoperability tests: streams of asyncio that do one thing with one connection.

    peer.py connect ADDRESS BEHAVIOUR [WHEN VERSION AUTHORITY CHAIN KEY]
    peer.py serve ADDRESS BEHAVIOUR [WHEN VERSION AUTHORITY CHAIN KEY]

An ADDRESS with a slash is the path of a Unix socket, any other is host:port; a server chooses the port if it is 0. The first
line of the output is the address of the server, the last one what the behaviour came to. A line on stdin is the tests' signal
to go on where a behaviour waits for one, and the end of stdin ends the process: a peer must not outlive who started it.

TLS is spoken from the start if WHEN is "tls", and when the behaviour says so if it is "starttls": in that VERSION of ssl.TLSVersion only,
by a client that trusts AUTHORITY and a server that shows CHAIN, which are files in PEM. The TLS of asyncio has no half-close.
"""

import asyncio
import contextlib
import hashlib
import os
import socket
import ssl
import struct
import sys
import threading

EXCHANGED = 8 * 1024 * 1024
LINES = 200


def pattern(size, seed):
    """Bytes in blocks of a prime length; each block begins with its number, so that none can take the place of another."""
    value, block = seed, bytearray()
    for _ in range(65521):
        value = (value * 1103515245 + 12345) & 0x7FFFFFFF
        block.append(value >> 16 & 0xFF)
    parts = (number.to_bytes(4, "big") + block for number in range(size // len(block) + 1))
    return b"".join(parts)[:size]


def line(number):
    return f"line {number}: naïve \U0001f40d\n".encode()


async def echo_lines(reader, writer, signal):
    count = 0
    while received := await reader.readline():
        writer.write(received)
        await writer.drain()
        count += 1
    return f"echoed {count} lines"


async def ask_and_leave(reader, writer, signal):
    for number in range(LINES):
        writer.write(line(number))
        await writer.drain()
        received = await reader.readline()
        if received != line(number):
            return f"line {number} came back as {received!r}"
    return f"{LINES} lines came back"


async def ask_lines(reader, writer, signal):
    came_to = await ask_and_leave(reader, writer, signal)
    writer.write_eof()
    return f"{came_to}, then {await reader.read()!r}"


async def trickle(reader, writer, signal):
    for byte in b"".join(line(number) for number in range(20)):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0)
    writer.write_eof()
    return f"sent, then {await reader.read()!r}"


async def exchange(reader, writer, signal):
    receiving = asyncio.create_task(reader.read())
    writer.write(pattern(EXCHANGED, 1))
    await writer.drain()
    writer.write_eof()
    received = await receiving
    return f"{len(received)} bytes, sha256 {hashlib.sha256(received).hexdigest()}"


async def exchange_and_leave(reader, writer, signal):
    receiving = asyncio.create_task(reader.readexactly(EXCHANGED))
    writer.write(pattern(EXCHANGED, 1))
    await writer.drain()
    return f"sha256 {hashlib.sha256(await receiving).hexdigest()}"


async def watch_the_end(reader, writer, signal):
    writer.write(b"watching\n")
    received = await reader.read()
    try:
        # The reader has no word for the difference.
        writer.get_extra_info("ssl_object").read(1)
    except ssl.SSLZeroReturnError:
        return f"received {received!r}, then close_notify"
    except ssl.SSLWantReadError:
        return f"received {received!r}, then no more"


async def ask_for_tls(reader, writer, signal):
    writer.write(b"STARTTLS\n")
    answer = await reader.readline()
    await writer.start_tls(tls_context("connect"), server_hostname="localhost")
    return f"was told {answer!r}, then {await ask_and_leave(reader, writer, signal)}"


async def offer_tls(reader, writer, signal):
    question = await reader.readline()
    writer.write(b"go ahead\n")
    await writer.start_tls(tls_context("serve"))
    return f"was asked {question!r}, then {await echo_lines(reader, writer, signal)}"


async def answer_at_end(reader, writer, signal):
    question = await reader.read()
    writer.write(b"the answer to " + question)
    await writer.drain()
    return f"was asked {question!r}"


async def ask_and_end(reader, writer, signal):
    writer.write(b"a question")
    writer.write_eof()
    return f"was told {await reader.read()!r}"


async def reset(reader, writer, signal):
    await reader.readline()
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    return "has reset"


async def never_read(reader, writer, signal):
    writer.transport.pause_reading()
    await signal.wait()
    writer.transport.resume_reading()
    try:
        while await reader.read(65536):
            pass
    except ConnectionResetError:
        return "saw a reset"
    return "saw the end"


async def hello_client(reader, writer, signal):
    writer.write(b"Hello World!")
    await writer.drain()
    first = await reader.read(100)
    second = await reader.read(100)
    return f"received {first!r}, then {second!r}, from {writer.get_extra_info('peername')!r}"


async def hello_server(reader, writer, signal):
    received = await reader.read(100)
    writer.write(received)
    await writer.drain()
    return f"received {received!r}"


async def header_server(reader, writer, signal):
    request = await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.0 200 OK\r\nServer: caf\xe9\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    return f"was sent {request!r}"


async def header_client(reader, writer, signal):
    writer.write(b"HEAD / HTTP/1.0\r\nHost: localhost\r\n\r\n")
    lines = []
    while received := await reader.readline():
        lines.append(received.decode("latin-1"))
    return f"received {lines!a}"


def tls_context(role):
    version, authority, chain, key = sys.argv[5:]
    if role == "connect":
        context = ssl.create_default_context(cafile=authority)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    return context


def watch_stdin(loop, signal):
    for _ in sys.stdin:
        loop.call_soon_threadsafe(signal.set)
    os._exit(3)


async def main(role, address, behaviour):
    signal = asyncio.Event()
    threading.Thread(target=watch_stdin, args=(asyncio.get_running_loop(), signal), daemon=True).start()
    result = asyncio.get_running_loop().create_future()

    async def run(reader, writer):
        try:
            came_to = await behaviour(reader, writer, signal)
            writer.close()
            # What went wrong with the connection the behaviour has seen already.
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            result.set_result(came_to)
        except BaseException as failure:
            result.set_exception(failure)

    tls = {}
    if sys.argv[4:5] == ["tls"]:
        tls["ssl"] = tls_context(role)
        if role == "connect":
            tls["server_hostname"] = "localhost"
    if "/" in address:
        if role == "connect":
            await run(*await asyncio.open_unix_connection(address, **tls))
        else:
            await asyncio.start_unix_server(run, address, **tls)
            print(address, flush=True)
    else:
        host, port = address.rsplit(":", 1)
        if role == "connect":
            await run(*await asyncio.open_connection(host, port, **tls))
        else:
            server = await asyncio.start_server(run, host, port, **tls)
            print("%s:%d" % server.sockets[0].getsockname(), flush=True)
    print(await result, flush=True)
    os._exit(0)


asyncio.run(main(sys.argv[1], sys.argv[2], globals()[sys.argv[3]]))
