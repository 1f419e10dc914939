package io.bactrian.egress;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.env.Environment;

/**
 * The ports that the configuration gives to the service: on every address of this machine those of the APIs, the management, the
 * embedded broker and the embedded database, and on their own hosts a broker and a database of the operator's.
 *
 * <p>A server that listens on a port of the system's choice has told the environment which.
 */
final class ConfiguredPorts implements OwnPorts {
    private static final List<String> LOCAL = List.of(
            "local.server.port",
            "local.management.port",
            "server.port",
            "management.server.port",
            "bactrian.postgres.port",
            "bactrian.broker.port");

    /** The settings with URLs of servers, and the port of a server whose URL has none. */
    private static final Map<String, Integer> SERVERS =
            Map.of("spring.datasource.url", 5432, "spring.artemis.broker-url", 61616);

    /** A host and its port within a URL, which may name several: {@code jdbc:postgresql://a:5432,b:5432/name}. */
    private static final Pattern SERVER =
            Pattern.compile("(?:(?<=//)|(?<=[,@])(?!\\w+:/))(\\[[^\\]]+\\]|[^:/,@()?]+)(?::([0-9]{1,5}))?");

    private final Environment environment;
    private final List<Server> servers;

    ConfiguredPorts(Environment environment) {
        this.environment = environment;
        this.servers = SERVERS.entrySet().stream()
                .flatMap(setting -> servers(environment.getProperty(setting.getKey(), ""), setting.getValue()).stream())
                .toList();
    }

    /** A server of the operator's that the service uses. */
    private record Server(String host, int port) {
        boolean isAt(InetAddress address) {
            try {
                return Arrays.asList(InetAddress.getAllByName(host)).contains(address)
                        || (isThisMachine(address)
                                && Arrays.stream(InetAddress.getAllByName(host))
                                        .anyMatch(ConfiguredPorts::isThisMachine));
            } catch (UnknownHostException unknown) {
                return false;
            }
        }
    }

    @Override
    public boolean isOwn(InetAddress address, int port) {
        boolean local = LOCAL.stream().anyMatch(setting -> environment.getProperty(setting, Integer.class, 0) == port);
        return (local && isThisMachine(address))
                || servers.stream().anyMatch(server -> server.port() == port && server.isAt(address));
    }

    private static boolean isThisMachine(InetAddress address) {
        try {
            return address.isLoopbackAddress()
                    || address.isAnyLocalAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException unknown) {
            return true;
        }
    }

    private static List<Server> servers(String url, int defaultPort) {
        List<Server> servers = new ArrayList<>();
        if (url.startsWith("vm:")) {
            return servers;
        }
        Matcher server = SERVER.matcher(url);
        while (server.find()) {
            String port = server.group(2);
            servers.add(new Server(server.group(1), port == null ? defaultPort : Integer.parseInt(port)));
        }
        return servers;
    }
}
