package dev.sluice.bench.net;

/** What a thread of the client does, again and again. */
enum Talk {
    /** Writes 64 KiB; bytes are counted. */
    SEND(Service.RECEIVE),
    /** Reads; bytes are counted. */
    RECEIVE(Service.SEND),
    /** Connects, sends one message, awaits its echo, closes. */
    REQUEST(Service.ECHO),
    /** Connects, shakes hands if that is to be done, ends its output, awaits the server's end, closes. */
    GREETING(Service.RECEIVE);

    final Service service;

    Talk(Service service) {
        this.service = service;
    }
}
