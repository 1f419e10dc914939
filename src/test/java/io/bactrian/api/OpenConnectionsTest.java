package io.bactrian.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenConnectionsTest {
    private final OpenConnections connections = new OpenConnections(2);
    private final List<Pipe> pipes = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (Pipe pipe : pipes) {
            pipe.source().close();
            pipe.sink().close();
        }
    }

    @Test
    void aNetworkHasAsManyAsItMayAndLeavesOthersAlone() throws IOException {
        assertThat(connections.admit("192.0.2.1", channel())).isTrue();
        assertThat(connections.admit("192.0.2.1", channel())).isTrue();
        assertThat(connections.admit("192.0.2.1", channel())).isFalse();
        assertThat(connections.admit("192.0.2.2", channel())).isTrue();
    }

    @Test
    void aConnectionThatHasEndedMakesRoom() throws IOException {
        Channel first = channel();
        connections.admit("192.0.2.1", first);
        connections.admit("192.0.2.1", channel());
        first.close();

        assertThat(connections.admit("192.0.2.1", channel())).isTrue();
        assertThat(connections.admit("192.0.2.1", channel())).isFalse();
    }

    private Channel channel() throws IOException {
        Pipe pipe = Pipe.open();
        pipes.add(pipe);
        return pipe.sink();
    }
}
