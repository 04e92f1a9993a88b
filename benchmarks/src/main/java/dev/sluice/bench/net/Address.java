package dev.sluice.bench.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** Where a server listens, as it says it: a port of the loopback interface, or a path. */
final class Address {
    private Address() {}

    static SocketAddress parse(String text) {
        return text.chars().allMatch(Character::isDigit)
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(text))
                : UnixDomainSocketAddress.of(text);
    }
}
