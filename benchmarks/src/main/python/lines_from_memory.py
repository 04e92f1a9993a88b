"""Reads lines of 80 bytes that are in memory: lines_from_memory.py text|bytes.

Says "ready"; of each line of its input, a number of milliseconds, it reads for so long, and says "end" with the nanoseconds and the lines.
"""

import asyncio
import sys
import time

LINE = b"abcdefghijklmnopqrstuvwxyz" * 3 + b"a\n"
LINES = 800
CHUNK = LINE * LINES


async def read_bytes(reader):
    for _ in range(LINES):
        await reader.readline()


async def read_text(reader):
    for _ in range(LINES):
        (await reader.readline()).decode()


async def measure(read, seconds):
    reader = asyncio.StreamReader()
    lines = 0
    start = time.monotonic_ns()
    end = start + seconds * 1e9
    while time.monotonic_ns() < end:
        reader.feed_data(CHUNK)
        await read(reader)
        lines += LINES
    print("end", time.monotonic_ns() - start, lines, flush=True)


read = read_text if sys.argv[1] == "text" else read_bytes
print("ready", flush=True)
for order in sys.stdin:
    asyncio.run(measure(read, int(order) / 1000))
