package io.bactrian.scrape.browser;

import com.google.gson.JsonObject;
import io.bactrian.scrape.page.PageAnswer;
import java.nio.charset.StandardCharsets;

/**
 * The document of a page as the browser has it now.
 *
 * @param html its doctype and its elements
 * @param url where it is, which scripts may have changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and a copy of each page would be waste
record RenderedDocument(byte[] html, String url) {
    /** Its length is compared in the page, so that no more than the limit crosses to here. */
    private static final String READ = """
            limit => {
              const root = document.documentElement;
              const type = document.doctype ? new XMLSerializer().serializeToString(document.doctype) : '';
              const html = root ? type + root.outerHTML : type;
              return html.length > limit ? {tooLarge: true} : {html: html, url: document.URL};
            }
            """;

    /** @throws PageFailedException if it is larger than the limit, in bytes of UTF-8 */
    static RenderedDocument read(IsolatedWorld world, int limit) throws PageFailedException {
        JsonObject read = world.call(READ, limit).getAsJsonObject();
        if (read.has("tooLarge")) {
            throw new PageFailedException(PageAnswer.tooLarge(limit));
        }
        byte[] html = read.get("html").getAsString().getBytes(StandardCharsets.UTF_8);
        if (html.length > limit) {
            throw new PageFailedException(PageAnswer.tooLarge(limit));
        }
        return new RenderedDocument(html, read.get("url").getAsString());
    }
}
