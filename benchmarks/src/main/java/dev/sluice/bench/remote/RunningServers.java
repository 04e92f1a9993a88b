package dev.sluice.bench.remote;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Servers that stay up while they are measured in turn. */
public final class RunningServers implements AutoCloseable {
    private final Map<String, Running> servers = new LinkedHashMap<>();

    private record Running(Child process, String address) {}

    /** Starts a server, which says {@code at} and where it listens. */
    public interface Start {
        Child server(String name) throws IOException;
    }

    /** Those that this machine can't run are left out, and named. */
    public RunningServers(List<String> names, Start start) throws IOException {
        try {
            startAll(names, start);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void startAll(List<String> names, Start start) throws IOException {
        for (String name : names) {
            Child server = start.server(name);
            try {
                servers.put(name, new Running(server, server.expect("at")));
            } catch (UnsupportedOperationException absent) {
                server.close();
                System.err.println("left out: " + absent.getMessage());
            }
        }
        if (servers.isEmpty()) {
            throw new IOException("none of these servers runs on this machine: " + names);
        }
    }

    public List<String> names() {
        return List.copyOf(servers.keySet());
    }

    /** Gives the client an order that begins with the address of the server, and waits until it is done. */
    public Usage measure(String name, Child client, String order) throws IOException {
        Running server = servers.get(name);
        client.send(server.address + " " + order);
        client.expect("begin");
        long serverCpu = server.process.cpuNanos();
        long clientCpu = client.cpuNanos();
        List<String> end = List.of(client.expect("end").split(" "));
        return new Usage(end, server.process.cpuNanos() - serverCpu, client.cpuNanos() - clientCpu);
    }

    @Override
    public void close() throws IOException {
        for (Running server : servers.values()) {
            server.process.close();
        }
    }
}
