package io.bactrian.scrape.browser;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.impl.PlaywrightImpl;
import com.microsoft.playwright.options.Proxy;
import io.bactrian.egress.ForwardingProxy;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One browser with its driver, its processes, its temporary directory and its port of the forwarding proxy.
 *
 * <p>It belongs to the thread that launched it, for so does Playwright; only {@link #kill} and {@link #memory} are for others
 * too.
 */
final class BrowserProcess {
    private static final Logger LOG = LoggerFactory.getLogger(BrowserProcess.class);
    private static final long LAUNCH_MILLIS = 30_000;

    /** Two launches at once could not tell whose child is whose. */
    private static final ReentrantLock LAUNCHING = new ReentrantLock();

    private final Leftovers leftovers;
    private final Leftovers.Belongings belongings;
    private final ForwardingProxy.Listener listener;
    private final Playwright playwright;
    private final Set<ProcessHandle> known = new LinkedHashSet<>();

    private @Nullable Browser browser;
    private @Nullable ProcessHandle main;

    private BrowserProcess(
            Leftovers leftovers,
            Leftovers.Belongings belongings,
            ForwardingProxy.Listener listener,
            Playwright playwright,
            Set<ProcessHandle> driver) {
        this.leftovers = leftovers;
        this.belongings = belongings;
        this.listener = listener;
        this.playwright = playwright;
        this.known.addAll(driver);
    }

    /** @throws BrowserFailedException if the driver or the browser does not start */
    static BrowserProcess launch(
            BrowserProperties settings, Path executable, Leftovers leftovers, ForwardingProxy proxy) {
        Path driver = Path.of(settings.driver()).toAbsolutePath();
        Path node = Driver.node(driver);
        Leftovers.Belongings belongings = leftovers.add();
        ForwardingProxy.Listener listener = proxy.open();
        @Nullable BrowserProcess process = null;
        try {
            process = withDriver(driver, node, leftovers, belongings, listener);
            process.start(settings, executable);
            return process;
        } catch (RuntimeException failure) {
            if (process == null) {
                listener.close();
                leftovers.remove(belongings);
            } else {
                process.close();
            }
            throw new BrowserFailedException(
                    "The browser " + executable + " could not be started: " + LaunchFailure.reason(failure) + ".",
                    failure);
        }
    }

    private static BrowserProcess withDriver(
            Path driver,
            Path node,
            Leftovers leftovers,
            Leftovers.Belongings belongings,
            ForwardingProxy.Listener listener) {
        Map<String, String> environment = Map.of(
                "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD",
                "1",
                "PLAYWRIGHT_NODEJS_PATH",
                node.toString(),
                // A page that goes while its dialog is being answered would take the driver along.
                "NODE_OPTIONS",
                "--unhandled-rejections=warn",
                "TMPDIR",
                belongings.temporary().toString());
        LAUNCHING.lock();
        try {
            Set<ProcessHandle> before =
                    ProcessHandle.current().children().collect(Collectors.toCollection(HashSet::new));
            System.setProperty("playwright.cli.dir", driver.toString());
            // Playwright.create keeps the environment of the first driver for all later ones.
            Playwright playwright = PlaywrightImpl.createImpl(new Playwright.CreateOptions().setEnv(environment), true);
            Set<ProcessHandle> added = ProcessHandle.current()
                    .children()
                    .filter(child -> !before.contains(child))
                    .filter(child -> child.info()
                            .command()
                            .map(command -> command.endsWith("node"))
                            .orElse(false))
                    .collect(Collectors.toSet());
            BrowserProcess process = new BrowserProcess(leftovers, belongings, listener, playwright, added);
            leftovers.record(belongings, added);
            return process;
        } finally {
            LAUNCHING.unlock();
        }
    }

    private void start(BrowserProperties settings, Path executable) {
        String temporary = belongings.temporary().toString();
        Browser started = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable)
                        .setHeadless(true)
                        .setTimeout(LAUNCH_MILLIS)
                        .setChromiumSandbox(!ChromiumFlags.runsAsRoot())
                        .setHandleSIGHUP(false)
                        .setHandleSIGINT(false)
                        .setHandleSIGTERM(false)
                        // Nothing of this service's environment, where secrets are, gets into the browser's processes.
                        .setEnv(Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "HOME", temporary, "TMPDIR", temporary))
                        // Loopback, too, goes through the proxy.
                        .setProxy(new Proxy("http://127.0.0.1:" + listener.port()).setBypass("<-loopback>"))
                        .setIgnoreDefaultArgs(ChromiumFlags.UNWANTED)
                        .setArgs(ChromiumFlags.of(settings)));
        browser = started;
        known.addAll(processes());
        CDPSession session = started.newBrowserCDPSession();
        for (JsonElement info : session.send("SystemInfo.getProcessInfo").getAsJsonArray("processInfo")) {
            JsonObject process = info.getAsJsonObject();
            if ("browser".equals(Json.text(process, "type"))) {
                main = ProcessHandle.of(process.get("id").getAsLong()).orElse(null);
            }
        }
        session.detach();
        leftovers.record(belongings, known);
    }

    Browser browser() {
        if (browser == null) {
            throw new IllegalStateException("The browser has not been started.");
        }
        return browser;
    }

    ForwardingProxy.Listener listener() {
        return listener;
    }

    /** Whether driver and browser run; a process that has just been killed may take a moment to be known as dead. */
    boolean isAlive() {
        if (browser == null || main == null || !browser.isConnected()) {
            return false;
        }
        return known.stream().findFirst().map(ProcessHandle::isAlive).orElse(false) && main.isAlive();
    }

    /** Whether driver and browser still run a moment later. */
    boolean survives() {
        if (isAlive() && main != null) {
            try {
                main.onExit().get(500, TimeUnit.MILLISECONDS);
            } catch (TimeoutException alive) {
                return isAlive();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        return false;
    }

    /** The memory that its processes have for themselves alone, in bytes; 0 where the system does not tell. */
    long memory() {
        return known.stream()
                .findFirst()
                .map(driver -> driver.descendants()
                        .mapToLong(process -> Driver.memory(process.pid()))
                        .sum())
                .orElse(0L);
    }

    /** Kills every process of it, at once. */
    void kill() {
        processes().forEach(ProcessHandle::destroyForcibly);
    }

    /** Closes it, by force where it does not go otherwise, and deletes its files; the caller bounds the time by {@link #kill}. */
    void close() {
        Set<ProcessHandle> all = processes();
        try {
            if (browser != null && isAlive()) {
                browser.close();
            }
            playwright.close();
        } catch (PlaywrightException dead) {
            LOG.debug("A browser was dead before it was closed", dead);
        } finally {
            all.addAll(processes());
            all.forEach(ProcessHandle::destroyForcibly);
            all.forEach(BrowserProcess::awaitExit);
            listener.close();
            leftovers.remove(belongings);
        }
    }

    /** The driver first. A process whose parent is gone is no descendant any more, so those once seen are kept. */
    private Set<ProcessHandle> processes() {
        Set<ProcessHandle> all = new LinkedHashSet<>(known);
        known.forEach(process -> process.descendants().forEach(all::add));
        return all;
    }

    private static void awaitExit(ProcessHandle process) {
        try {
            process.onExit().get(5, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException stubborn) {
            LOG.warn("The process {} of a browser does not end", process.pid(), stubborn);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    static String firstLine(RuntimeException failure) {
        return String.valueOf(failure.getMessage())
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("message='"))
                .map(line -> line.substring("message='".length()))
                .findFirst()
                .orElseGet(() ->
                        String.valueOf(failure.getMessage()).lines().findFirst().orElse(""));
    }
}
