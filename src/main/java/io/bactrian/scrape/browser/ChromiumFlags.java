package io.bactrian.scrape.browser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The command line of Chromium, beside what Playwright adds. */
final class ChromiumFlags {
    /** Playwright's defaults that help tests of one's own pages and hostile pages alike. */
    static final List<String> UNWANTED = List.of("--disable-popup-blocking", "--disable-ipc-flooding-protection");

    /** The last list of features counts, so Playwright's are repeated; then ours. */
    private static final String DISABLED_FEATURES = String.join(
            ",",
            "AvoidUnnecessaryBeforeUnloadCheckSync",
            "BoundaryEventDispatchTracksNodeRemoval",
            "DestroyProfileOnBrowserClose",
            "DialMediaRouteProvider",
            "GlobalMediaControls",
            "HttpsUpgrades",
            "LensOverlay",
            "MediaRouter",
            "PaintHolding",
            "ThirdPartyStoragePartitioning",
            "BlockOriginHeaderModificationOnRedirect",
            "Translate",
            "AutoDeElevate",
            "OptimizationHints",
            // One process for a page with all its frames: less memory, and one place where requests are intercepted.
            "IsolateOrigins",
            "site-per-process",
            "BackForwardCache",
            "Prerender2",
            "HttpsFirstBalancedModeAutoEnable",
            // Behind a proxy every address looks local; the proxy's guard decides.
            "LocalNetworkAccessChecks",
            "BlockInsecurePrivateNetworkRequests",
            "PrivateNetworkAccessSendPreflights",
            "AutofillServerCommunication",
            "CertificateTransparencyComponentUpdater",
            "InterestFeedContentSuggestions",
            "NetworkTimeServiceQuerying",
            "WebTransport");

    /** As above. A task's cookies are for an origin, port included, which cookies by themselves are not. */
    private static final String ENABLED_FEATURES =
            String.join(",", "CDPScreenshotNewSurface", "EnablePortBoundCookies");

    private ChromiumFlags() {}

    static List<String> of(BrowserProperties settings) {
        return List.of(
                "--disable-gpu",
                "--disable-quic",
                "--disable-features=" + DISABLED_FEATURES,
                "--enable-features=" + ENABLED_FEATURES,
                "--disable-site-isolation-trials",
                // Names are resolved behind the proxy; whatever else would ask a name server finds nothing.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                "--dns-prefetch-disable",
                "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
                "--webrtc-ip-handling-policy=disable_non_proxied_udp",
                "--disable-domain-reliability",
                "--disable-notifications",
                "--deny-permission-prompts",
                "--disable-speech-api",
                "--no-pings",
                "--block-new-web-contents",
                // What has no charset is read as the other engine reads it.
                "--blink-settings=defaultTextEncodingName=UTF-8",
                "--js-flags=--max-old-space-size=" + settings.scriptMemory().toMegabytes());
    }

    /** Chromium's sandbox refuses to work for root. */
    static boolean runsAsRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
            return "root".equals(System.getProperty("user.name"));
        }
    }
}
