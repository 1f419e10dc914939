package io.bactrian.scrape.polite;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** How Bactrian introduces itself to the sites that it visits. */
@Component
public final class UserAgent {
    /** The name that the groups of a robots.txt address (RFC 9309 section 2.2.1). */
    public static final String PRODUCT_TOKEN = "BactrianBot";

    private final String value;

    /**
     * @param configured the whole header as {@code bactrian.scrape.user-agent} gives it, or null for the default
     * @param contactUrl where a site's operator finds whom to talk to, part of the default
     */
    public UserAgent(
            @Value("${bactrian.scrape.user-agent:#{null}}") @Nullable String configured,
            @Value("${bactrian.scrape.contact-url:https://github.com/bactrian/bactrian}") String contactUrl) {
        this.value = configured == null || configured.isBlank()
                ? "Mozilla/5.0 (compatible; " + PRODUCT_TOKEN + "/0.1; +" + contactUrl + ")"
                : configured;
    }

    /** The value of the {@code User-Agent} header. */
    public String value() {
        return value;
    }
}
