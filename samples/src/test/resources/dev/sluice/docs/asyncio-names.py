# Prints what asyncio has, as docs/from-asyncio.md is to name it.
import asyncio
import asyncio.streams
import asyncio.subprocess
import subprocess
import sys


def public(thing, but=()):
    return {name for name in dir(thing) if not name.startswith("_") and name not in dir(but)}


names = {name for name in asyncio.__all__ if not name.startswith("_")}
names |= set(asyncio.streams.__all__) | set(asyncio.subprocess.__all__)


def members(prefix, thing, but=()):
    names.update(prefix + "." + name for name in public(thing, but))


async def main():
    served = asyncio.get_running_loop().create_future()
    server = await asyncio.start_server(lambda reader, writer: served.set_result((reader, writer)), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    members("server", server)
    members("reader", reader)
    members("writer", writer)
    members("transport", asyncio.Transport)
    members("transport", asyncio.SubprocessTransport)
    members("loop", asyncio.AbstractEventLoop)
    members("error", asyncio.IncompleteReadError(b"", 1), Exception())
    members("error", asyncio.LimitOverrunError("", 1), Exception())
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "", stdin=subprocess.PIPE)
    members("process", process)
    await process.communicate()
    for end in (await served)[1], writer:
        end.close()
        await end.wait_closed()
    server.close()
    names.update("asyncio.subprocess." + name for name in ("PIPE", "STDOUT", "DEVNULL"))


asyncio.run(main())
print(*sorted(names), sep="\n")
