package io.bactrian.scrape.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which Chromium is run. */
class ChromiumFinderTest {
    @TempDir
    private Path home;

    @Test
    void theConfiguredOneIsTakenAndNoOther() throws IOException {
        Path configured = executable("mine/chromium");
        executable("path/chromium-headless-shell");

        assertThat(finder(configured.toString()).find()).contains(configured);
        assertThat(finder("/no/such/file").find()).isEmpty();
        assertThatThrownBy(() -> finder("/no/such/file").require())
                .isInstanceOf(BrowserMissingException.class)
                .hasMessageContaining("/no/such/file");
    }

    @Test
    void playwrightsComesBeforeTheSystemsAndItsHeadlessShellFirstAndTheNewest() throws IOException {
        Path system = executable("path/chromium-headless-shell");
        assertThat(finder(null).find()).contains(system);
        Path whole = executable(".cache/ms-playwright/chromium-1200/chrome-linux/chrome");
        assertThat(finder(null).find()).contains(whole);
        executable(".cache/ms-playwright/chromium_headless_shell-999/chrome-linux/headless_shell");
        Path newest = executable(".cache/ms-playwright/chromium_headless_shell-1200/chrome-linux/headless_shell");

        assertThat(finder(null).find()).contains(newest);
        assertThat(finder(" ").find()).contains(newest);
        assertThat(new ChromiumFinder(
                                null,
                                Map.of(
                                        "PLAYWRIGHT_BROWSERS_PATH",
                                        home.resolve("elsewhere").toString(),
                                        "PATH",
                                        home.resolve("path").toString()),
                                home)
                        .find())
                .contains(system);
    }

    private ChromiumFinder finder(@Nullable String configured) {
        return new ChromiumFinder(
                configured, Map.of("PATH", home.resolve("path").toString()), home);
    }

    private Path executable(String name) throws IOException {
        Path file = home.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }
}
