package io.bactrian.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.TestFork;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
    @TempDir
    private Path directory;

    @Test
    void aServiceThatIsNotThereIsSaidInOneSentence() throws Exception {
        URI nobody = URI.create("http://127.0.0.1:" + TestFork.freePort() + "/");
        try (SampleShop shop = SampleShop.open(0)) {
            assertThatThrownBy(() -> command(nobody, shop).run(true))
                    .isInstanceOf(DemoException.class)
                    .hasMessage("The service at %s does not answer: start it with ./bactrian up, or look into its log."
                            .formatted(nobody));
        }
    }

    @Test
    void aRefusalIsSaidWithItsStatus() {
        // The shop is a real server that is not Bactrian: it refuses every POST.
        try (SampleShop shop = SampleShop.open(0)) {
            assertThatThrownBy(() -> command(shop.address(), shop).run(true))
                    .isInstanceOf(DemoException.class)
                    .hasMessage("The service refused POST /auth/register with status 405: no reason was given");
        }
    }

    private DemoCommand command(URI service, SampleShop shop) {
        PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, UTF_8);
        return new DemoCommand(service, shop, directory, out, false);
    }
}
