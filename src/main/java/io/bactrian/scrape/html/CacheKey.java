package io.bactrian.scrape.html;

import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.ProxyRotation;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.TrustedOrigins;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a page is kept under: a SHA-256 of the URL and of everything in a task that may change what the site answers.
 *
 * <p>A hash because headers and cookies may be secrets, which have no place in the table of a cache.
 */
final class CacheKey {
    private CacheKey() {}

    /** @param trusted where the task's headers and cookies go; what a site answers without them is another page */
    static byte[] of(HttpUrl asked, ScrapeOptions options, TrustedOrigins trusted) {
        MessageDigest digest = sha256();
        add(digest, asked.toString());
        add(digest, Boolean.toString(options.followRedirects()));
        @Nullable ProxyRotation proxies = options.proxies();
        add(digest, proxies == null ? "" : "proxies " + proxies.pool());
        Map<String, String> headers = new TreeMap<>();
        options.headers().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
        add(digest, headers);
        add(digest, new TreeMap<>(options.cookies()));
        boolean keepsSecrets =
                !options.cookies().isEmpty() || !options.headers().isEmpty();
        if (keepsSecrets && !trusted.origins().equals(Set.of(asked.origin()))) {
            new TreeSet<>(trusted.origins()).forEach(origin -> add(digest, origin));
        }
        return digest.digest();
    }

    private static void add(MessageDigest digest, Map<String, String> sorted) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(sorted.size()).flip());
        sorted.forEach((name, value) -> {
            add(digest, name);
            add(digest, value);
        });
    }

    /** With its length before it, so that no two lists of texts give the same bytes. */
    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
