package io.bactrian.scrape.browser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Where Playwright's driver has its Node.js, and what its processes take. */
final class Driver {
    private Driver() {}

    /** @throws BrowserMissingException where the driver is not in that directory */
    static Path node(Path driver) {
        Path node = driver.resolve(platform()).resolve("node");
        if (!isPresent(driver.toString())) {
            throw new BrowserMissingException("Playwright's driver is not in " + driver
                    + ": the build unpacks it there (mvn package), or set bactrian.browser.driver to where it is.");
        }
        return node;
    }

    /** Whether the driver is in that directory. */
    static boolean isPresent(String directory) {
        Path driver = Path.of(directory);
        return Files.isExecutable(driver.resolve(platform()).resolve("node"))
                && Files.isDirectory(driver.resolve("package"));
    }

    private static String platform() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String processor = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String name = system.contains("mac") ? "mac" : "linux";
        return processor.equals("aarch64") || processor.equals("arm64") ? name + "-arm64" : name;
    }

    /** The memory that a process does not share with others, in bytes; 0 where the system does not tell. */
    static long memory(long pid) {
        Path status = Path.of("/proc", String.valueOf(pid), "status");
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("RssAnon:")) {
                    return 1024L * Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
            return 0;
        } catch (IOException gone) {
            return 0;
        }
    }
}
