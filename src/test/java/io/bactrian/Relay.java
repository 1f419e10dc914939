package io.bactrian;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** A port in front of a server, which a test closes, or lets fall silent, and opens again. */
public final class Relay implements AutoCloseable {
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean silent;
    private volatile Duration latency = Duration.ZERO;
    private volatile ServerSocket server;
    private volatile Thread acceptor;
    private final int port = TestFork.freePort();

    /** @param target the port of the server */
    public Relay(int target) {
        this.target = target;
        this.server = listening(port);
        acceptor = accepting(server);
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    /** Breaks all connections and refuses new ones. */
    public void cut() {
        close();
    }

    /** Keeps all connections and takes new ones, but passes nothing on any more. */
    public void silence() {
        silent = true;
    }

    /** Makes each new connection wait before it reaches the server. */
    public void delay(Duration latency) {
        this.latency = latency;
    }

    /** Lets the server be reached again; connections from before are gone. */
    public void mend() {
        close();
        silent = false;
        server = listening(port);
        acceptor = accepting(server);
    }

    private static ServerSocket listening(int port) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Thread accepting(ServerSocket listening) {
        return Thread.ofVirtual().start(() -> {
            while (!listening.isClosed()) {
                try {
                    connect(listening.accept());
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    private void connect(Socket client) {
        sockets.add(client);
        Thread.ofVirtual().start(() -> {
            LockSupport.parkNanos(latency.toNanos());
            try (client;
                    Socket remote = new Socket(InetAddress.getLoopbackAddress(), target)) {
                sockets.add(remote);
                Thread back = Thread.ofVirtual().start(() -> pump(remote, client));
                pump(client, remote);
                back.join();
            } catch (IOException gone) {
                sockets.remove(client);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Ends with either connection. */
    private void pump(Socket from, Socket to) {
        try (from;
                to) {
            InputStream input = from.getInputStream();
            OutputStream output = to.getOutputStream();
            byte[] buffer = new byte[16384];
            for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
                if (!silent) {
                    output.write(buffer, 0, read);
                }
            }
        } catch (IOException gone) {
            sockets.remove(from);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            // The port is free when whoever waits for connections has seen that.
            acceptor.join();
            for (Socket socket : sockets) {
                socket.close();
            }
            sockets.clear();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
