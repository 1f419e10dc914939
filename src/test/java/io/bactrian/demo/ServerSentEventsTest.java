package io.bactrian.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerSentEventsTest {
    @Test
    void eachEventHasItsTypeAndItsLinesOfData() {
        assertThat(read("event: progress", "data: 1", "", "data:one", "data: two", ""))
                .containsExactly("progress=1", "message=one\ntwo");
    }

    @Test
    void commentsOtherFieldsAndEventsWithoutDataAreIgnored() {
        assertThat(read(": still here", "", "id: 7", "retry: 100", "event: nothing", "", "data: x", ""))
                .containsExactly("message=x");
    }

    @Test
    void anEventThatBreaksOffIsNotHandedOn() {
        assertThat(read("data: whole", "", "data: half")).containsExactly("message=whole");
    }

    @Test
    void readingEndsWhenTheReaderHasHadEnough() {
        assertThat(read("event: end", "data: 1", "", "data: late", "")).containsExactly("end=1");
    }

    private static List<String> read(String... lines) {
        List<String> events = new ArrayList<>();
        ServerSentEvents.read(List.of(lines).iterator(), (type, data) -> {
            events.add(type + "=" + data);
            return type.equals("end");
        });
        return events;
    }
}
