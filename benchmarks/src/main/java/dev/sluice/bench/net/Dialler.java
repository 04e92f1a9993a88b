package dev.sluice.bench.net;

import java.io.IOException;

/** Makes connections to one kind of server. */
interface Dialler {
    Link connect(String address) throws IOException;
}
