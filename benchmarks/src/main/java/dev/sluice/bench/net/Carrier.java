package dev.sluice.bench.net;

/** What bytes travel over. */
public enum Carrier {
    TCP,
    UNIX,
    TLS
}
