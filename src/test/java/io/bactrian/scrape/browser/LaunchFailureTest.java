package io.bactrian.scrape.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.recovery.Recovery;
import org.junit.jupiter.api.Test;

class LaunchFailureTest {
    @Test
    void theLineAboutTheSandboxIsFoundAmongTheNoise() {
        RuntimeException failure = new IllegalStateException("""
                Error {
                  message='Target page, context or browser has been closed
                Browser logs:

                <launching> /usr/bin/chromium-headless-shell --disable-field-trial-config --remote-debugging-pipe
                <launched> pid=4711
                [pid=4711][err] [1128/154708.560247:ERROR:dbus/bus.cc:405] Failed to connect to the bus
                [pid=4711][err] [1128/154708.560396:FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox! If you are running on Ubuntu 23.10+ or another Linux distro that has disabled unprivileged user namespaces with AppArmor, see documentation.
                [pid=4711] <process did exit: exitCode=null, signal=SIGTRAP>
                """);

        assertThat(LaunchFailure.reason(failure)).startsWith("No usable sandbox! If you are running on Ubuntu 23.10+");
        assertThat(LaunchFailure.isOfTheSandbox(new BrowserFailedException(LaunchFailure.reason(failure))))
                .isTrue();
        assertThat(LaunchFailure.mend(true)).contains("seccomp").contains("apparmor_restrict_unprivileged_userns");
    }

    @Test
    void aMissingLibraryIsNamed() {
        RuntimeException failure = new IllegalStateException("""
                <launched> pid=4711
                [pid=4711][err] /opt/chrome: error while loading shared libraries: libnss3.so: cannot open shared object file
                [pid=4711] <process did exit: exitCode=127, signal=null>
                """);

        assertThat(LaunchFailure.reason(failure))
                .isEqualTo(
                        "/opt/chrome: error while loading shared libraries: libnss3.so: cannot open shared object file");
    }

    @Test
    void aBrowserThatPrintsNothingIsToldByItsStatus() {
        RuntimeException failure = new IllegalStateException("""
                <launched> pid=4711
                [pid=4711] <process did exit: exitCode=1, signal=null>
                """);

        assertThat(LaunchFailure.reason(failure)).isEqualTo("process did exit: exitCode=1, signal=null");
    }

    @Test
    void aBrowserThatDoesNotStartIsNoFailureOfItsPage() {
        assertThat(Recovery.isTheWorks(new BrowserFailedException("The browser did not start.")))
                .isFalse();
        assertThat(Recovery.isTheWorks(new BrowserMissingException("There is no browser.")))
                .isFalse();
    }
}
