package io.bactrian.places.google;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.SettableClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class FillRatesTest {
    private final SettableClock clock = new SettableClock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final FillRates rates =
            new FillRates("google-maps", Path.of("config/places/google-maps.yaml"), meters, clock);

    @Test
    void eachFieldIsCounted() {
        rates.record(Map.of("title", true, "phone", false));
        rates.record(Map.of("title", true, "phone", true));

        assertThat(count("title", "true")).isEqualTo(2);
        assertThat(count("phone", "true")).isEqualTo(1);
        assertThat(count("phone", "false")).isEqualTo(1);
    }

    @Test
    void aCollapseIsToldWithThePathToMendAndOnceAnHour(CapturedOutput output) {
        record(400, true);
        record(150, false);
        assertThat(output).doesNotContain("phone");

        record(50, false);
        assertThat(output).containsOnlyOnce("The field phone was found in");
        assertThat(output)
                .contains("Mend fields.phone in config/places/google-maps.yaml")
                .contains("of the last 200 places of google-maps, and in 100 % of those before");

        clock.advance(Duration.ofMinutes(59));
        record(10, false);
        assertThat(output).containsOnlyOnce("The field phone was found in");
        clock.advance(Duration.ofMinutes(1));
        record(10, false);
        assertThat(output.getOut().split("The field phone was found in", -1)).hasSize(3);
    }

    @Test
    void aFieldThatWasAlwaysRareOrIsNewIsNotTold(CapturedOutput output) {
        for (int place = 0; place < 1000; place++) {
            rates.record(Map.of("state", place % 50 == 0, "plus-code", place % 2 == 0));
        }

        assertThat(output).doesNotContain("The field");
    }

    private void record(int places, boolean there) {
        for (int place = 0; place < places; place++) {
            rates.record(Map.of("phone", there));
        }
    }

    private double count(String field, String filled) {
        return meters.get("bactrian.places.fields")
                .tags("provider", "google-maps", "field", field, "filled", filled)
                .counter()
                .count();
    }
}
