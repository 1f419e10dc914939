/** The engine for pages that need a browser: Chromium, driven by Playwright, behind the forwarding proxy. */
@NullMarked
@NamedInterface("browser")
package io.bactrian.scrape.browser;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
