package io.bactrian.api.contract;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.springframework.stereotype.Component;

/**
 * The page at {@code /docs}, which shows both documents in a browser.
 *
 * <p>It has no inline script. Its files come from this server: {@code Content-Security-Policy: default-src 'self'; style-src
 * 'self' 'unsafe-inline'; img-src 'self' data:} is enough for it.
 */
@Component
public final class DocumentationPage {
    /** Not below {@code /docs}, since an operation's path takes every path below it away from static files. */
    private static final String RESOURCE = "/static/documentation/index.html";

    private final byte[] html;

    public DocumentationPage() {
        try (InputStream page = DocumentationPage.class.getResourceAsStream(RESOURCE)) {
            if (page == null) {
                throw new IllegalStateException("The class path has no " + RESOURCE + ".");
            }
            html = page.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + " cannot be read.", e);
        }
    }

    /** The page: HTML in UTF-8. */
    public byte[] html() {
        return html.clone();
    }
}
