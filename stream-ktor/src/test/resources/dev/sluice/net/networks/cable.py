"""A network that ends where it begins: what this machine sends to the far address comes back to it as from there.

    cable.py DEVICE

makes the TUN device in the network namespace that it runs in, and gives back every packet with the two addresses exchanged, which changes no
checksum. So a server at the near address and a client of the far one talk over a real route, with all that happens on one:

    loss SHARE          of the packets that are lost
    duplicate SHARE     of those that come twice
    delay LEAST MOST    milliseconds, other ones for each packet: they overtake each other
    rate BYTES QUEUE    a second, and how many may wait; what finds no room is lost (0: as fast as may be)
    carrier 0 | 1       the cable is pulled, or plugged in again
    counts              since the last time

Each line of the input is answered by one. The device is gone with this process, which ends with its input.
"""

import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
TUNSETCARRIER = 0x400454E2
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000

COUNTS = ("packets", "bytes", "longest", "lost", "duplicated", "overtaken", "overflowed")


def exchanged(packet):
    if packet[0] >> 4 == 4:
        return packet[:12] + packet[16:20] + packet[12:16] + packet[20:]
    return packet[:8] + packet[24:40] + packet[8:24] + packet[40:]


class Cable:
    def __init__(self, device):
        self.file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.file, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
        self.random = random.Random(7)
        self.loss = self.duplicate = self.least = self.most = self.rate = self.queue = 0.0
        self.free = time.monotonic()
        self.under_way = []
        self.number = self.latest = 0
        self.count = dict.fromkeys(COUNTS, 0)

    def obey(self, words):
        order, values = words[0], [float(word) for word in words[1:]]
        if order == "loss":
            self.loss = values[0]
        elif order == "duplicate":
            self.duplicate = values[0]
        elif order == "delay":
            self.least, self.most = values[0] / 1000, values[1] / 1000
        elif order == "rate":
            self.rate, self.queue = values
        elif order == "carrier":
            fcntl.ioctl(self.file, TUNSETCARRIER, struct.pack("i", int(values[0])))
        elif order == "counts":
            told = " ".join(f"{name}={value}" for name, value in self.count.items())
            self.count = dict.fromkeys(COUNTS, 0)
            return told
        else:
            return f"unknown: {order}"
        return "done"

    def take(self):
        """Everything that has been sent."""
        while True:
            try:
                packet = os.read(self.file, 65536)
            except BlockingIOError:
                return
            except OSError:
                # The device is down.
                return
            self.send(packet)

    def send(self, packet):
        self.count["packets"] += 1
        self.count["bytes"] += len(packet)
        self.count["longest"] = max(self.count["longest"], len(packet))
        if self.random.random() < self.loss:
            self.count["lost"] += 1
            return
        self.carry(packet)
        if self.random.random() < self.duplicate:
            self.count["duplicated"] += 1
            self.carry(packet)

    def carry(self, packet):
        begin = time.monotonic()
        if self.rate:
            begin = max(begin, self.free)
            if (begin - time.monotonic()) * self.rate > self.queue:
                self.count["overflowed"] += 1
                return
            begin += len(packet) / self.rate
            self.free = begin
        self.number += 1
        due = begin + self.random.uniform(self.least, self.most)
        heapq.heappush(self.under_way, (due, self.number, exchanged(packet)))

    def deliver(self):
        while self.under_way and self.under_way[0][0] <= time.monotonic():
            _, number, packet = heapq.heappop(self.under_way)
            self.count["overtaken"] += number < self.latest
            self.latest = max(self.latest, number)
            try:
                os.write(self.file, packet)
            except OSError:
                self.count["lost"] += 1

    def run(self, orders):
        print("there", flush=True)
        while True:
            wait = max(0.0, self.under_way[0][0] - time.monotonic()) if self.under_way else None
            ready, _, _ = select.select([self.file, orders], [], [], wait)
            if orders in ready:
                line = orders.readline()
                if not line:
                    return
                print(self.obey(line.decode().split()), flush=True)
            if self.file in ready:
                self.take()
            self.deliver()


# Unbuffered, so that select knows of every line.
Cable(sys.argv[1]).run(os.fdopen(0, "rb", buffering=0))
