package io.bactrian.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Test
    void inATerminalTheBarRedrawsOneLine() {
        ProgressDisplay display = display(true, UTF_8);
        display.show(75, Duration.ofSeconds(1));
        display.show(300, Duration.ofSeconds(2));
        display.finish();

        assertThat(List.of(written.toString(UTF_8).split("\r", -1)))
                .extracting(String::strip)
                .containsExactly(
                        "",
                        "█".repeat(8) + "░".repeat(24) + "  25 %  75 of 300 pages  75 pages/s",
                        "█".repeat(32) + " 100 %  300 of 300 pages  150 pages/s");
        assertThat(written.toString(UTF_8)).endsWith(System.lineSeparator());
    }

    @Test
    void slowWorkHasASpeedToo() {
        display(true, UTF_8).show(3, Duration.ofSeconds(10));

        assertThat(written.toString(UTF_8).strip()).endsWith("3 of 300 pages  0.3 pages/s");
    }

    @Test
    void aShorterLineLeavesNothingOfALongerOneBehind() {
        ProgressDisplay display = display(true, UTF_8);
        display.show(299, Duration.ofSeconds(1));
        display.show(1, Duration.ZERO);

        List<String> lines = List.of(written.toString(UTF_8).split("\r", -1));
        assertThat(lines.get(2)).hasSameSizeAs(lines.get(1));
    }

    @Test
    void aTerminalWithoutBlocksGetsABarOfSigns() {
        ProgressDisplay display = display(true, US_ASCII);
        display.show(150, Duration.ZERO);

        assertThat(written.toString(US_ASCII))
                .contains("#".repeat(16) + ".".repeat(16))
                .doesNotContain("?");
    }

    @Test
    void elsewhereThereIsOnePlainLineAtEachTenth() {
        ProgressDisplay display = display(false, UTF_8);
        for (int done = 0; done <= 300; done++) {
            display.show(done, Duration.ofSeconds(done));
        }
        display.finish();

        assertThat(written.toString(UTF_8).lines())
                .hasSize(11)
                .startsWith("    0 %  0 of 300 pages", "   10 %  30 of 300 pages")
                .endsWith("  100 %  300 of 300 pages");
    }

    @Test
    void theEndIsShownOnceHoweverOftenItIsReported() {
        ProgressDisplay display = display(false, UTF_8);
        display.show(300, Duration.ofSeconds(1));
        display.show(300, Duration.ofSeconds(1));

        assertThat(written.toString(UTF_8).lines()).containsExactly("  100 %  300 of 300 pages");
    }

    private ProgressDisplay display(boolean terminal, Charset charset) {
        return new ProgressDisplay(new PrintStream(written, true, charset), terminal, 300, "pages");
    }
}
