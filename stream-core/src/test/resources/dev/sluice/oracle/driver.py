"""Runs sequences of reads on asyncio's own StreamReader and answers what became of each turn.

A line on stdin is a sequence, a line on stdout the answer to it:

    limit=3 feed:ab line feed:c+cancel      a reader with limit 3, then three turns of the event loop
    ok/ab/open waits/ab/open ...            for each turn: outcomes / bytes left in the buffer / at_eof

In a turn there are one or more steps, joined by '+', between which nobody else runs. Its outcomes are one for
each step, and one more for the operation that was waiting when the turn began, if there was one:

    ok  waits  end  bytes:ab\n  IncompleteReadError:ab:5  LimitOverrunError:4  ValueError  RuntimeError ...

Bytes are written as in Python's own literals, all but letters and digits escaped.
"""

import asyncio
import sys


ESCAPES = [chr(b) if chr(b).isascii() and chr(b).isalnum() else f"\\x{b:02x}" for b in range(256)]
ESCAPES[10], ESCAPES[13] = "\\n", "\\r"


def escape(data):
    return "".join([ESCAPES[b] for b in data])


def unescape(text):
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def separators(text):
    found = [unescape(one) for one in text.split(",")]
    return found[0] if len(found) == 1 else tuple(found)


OPERATIONS = {
    "read": lambda reader, n: reader.read(int(n)),
    "into": lambda reader, n: reader.read(int(n)),
    "exactly": lambda reader, n: reader.readexactly(int(n)),
    "line": lambda reader: reader.readline(),
    "text": lambda reader: reader.readline(),
    "next": lambda reader: reader.__anext__(),
    "until": lambda reader, *text: reader.readuntil(*map(separators, text)),
}


async def outcome(operation):
    """What an operation comes to, with all that its error tells."""
    try:
        result = await operation
        return "bytes:" + escape(result) if type(result) is bytes else f"not bytes but {type(result)}"
    except StopAsyncIteration:
        return "end"
    except asyncio.IncompleteReadError as e:
        return f"IncompleteReadError:{escape(e.partial)}:{e.expected}"
    except asyncio.LimitOverrunError as e:
        return f"LimitOverrunError:{e.consumed}"
    except ValueError as e:
        # readline() turns an overrun into this and drops the line.
        overrun = e.__context__
        return "ValueError" if overrun is None else f"ValueError:{overrun.consumed}"
    except (Exception, asyncio.CancelledError) as e:
        return type(e).__name__


class Sequence:
    def __init__(self, limit):
        self.reader = asyncio.StreamReader(limit)
        self.waiting = None

    async def turn(self, steps):
        waiting = self.waiting
        outcomes = [await self.step(step) for step in steps.split("+")]
        if waiting:
            await self.run_until_idle()
            outcomes.append(self.state_of(waiting))
        if self.waiting and self.waiting.done():
            self.waiting = None
        # The buffer has no public view that consumes nothing.
        left = escape(self.reader._buffer)
        return "+".join(outcomes) + "/" + left + ("/ended" if self.reader.at_eof() else "/open")

    async def step(self, step):
        name, *argument = step.split(":")
        if name == "cancel":
            if self.waiting:
                self.waiting.cancel()
            return "ok"
        if name == "feed" or name == "eof":
            try:
                self.reader.feed_data(unescape(*argument)) if argument else self.reader.feed_eof()
                return "ok"
            except AssertionError:
                return "AssertionError"
        task = asyncio.create_task(outcome(OPERATIONS[name](self.reader, *argument)))
        await self.run_until_idle()
        if not self.waiting:
            self.waiting = task
        return self.state_of(task)

    @staticmethod
    def state_of(task):
        return task.result() if task.done() else "waits"

    @staticmethod
    async def run_until_idle():
        # What a step makes ready runs in the next pass of the loop, and makes nothing else ready. One more, to be sure.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def leave(self):
        if self.waiting:
            self.waiting.cancel()
            await self.run_until_idle()


async def main():
    # Nothing else is in this loop, so a blocking read disturbs nobody.
    for line in sys.stdin:
        limit, *turns = line.split()
        sequence = Sequence(int(limit.removeprefix("limit=")))
        print(*[await sequence.turn(turn) for turn in turns], flush=True)
        await sequence.leave()


asyncio.run(main())
