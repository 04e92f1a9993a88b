"""Echoes with asyncio's streams: echo_server.py asyncio|uvloop. Ends with its standard input."""

import asyncio
import os
import sys
import threading

ABSENT = 3


async def echo(reader, writer):
    while data := await reader.read(64 * 1024):
        writer.write(data)
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    print("at", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def end_with_input():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()
if sys.argv[1] == "uvloop":
    try:
        import uvloop
    except ImportError as absent:
        print(absent, file=sys.stderr)
        sys.exit(ABSENT)
    uvloop.run(main())
else:
    asyncio.run(main())
