package io.bactrian.places.contact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.scrape.select.SelectorPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a page of a website says of contacts. */
final class ContactPage {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What is looked at of a page; one that has more of it than an extraction may yield is a failure. */
    static final SelectorPlan PLAN = plan("""
            {
              "links": {"selector": "a[href]", "all": true, "fields": {
                "url": {"selector": ":scope@href", "transform": ["absolute_url"]},
                "text": ":scope"
              }},
              "protected": {"selector": "[data-cfemail]@data-cfemail", "all": true},
              "emails": {"selector": "$..email", "type": "jsonld", "all": true},
              "profiles": {"selector": "$..sameAs", "type": "jsonld", "all": true},
              "text": "body"
            }""");

    private static final String MAILTO = "mailto:";

    /** The page behind which Cloudflare hides addresses from clients without scripts. */
    private static final String PROTECTED_PATH = "/cdn-cgi/l/email-protection#";

    private static final int MOST_PROFILES = 100;

    private final EmailAddresses emails = new EmailAddresses();
    private final SocialLinks socialLinks = new SocialLinks();
    private final List<Link> links = new ArrayList<>();
    private final String url;

    /**
     * A link of a page.
     *
     * @param url absolute
     */
    record Link(String url, String text) {}

    private ContactPage(String url) {
        this.url = url;
    }

    /**
     * Reads what {@link #PLAN} has extracted.
     *
     * @param url the page's own
     * @throws IOException if the data is not JSON
     */
    static ContactPage of(String data, String url) throws IOException {
        return of(JSON.readTree(data), url);
    }

    private static ContactPage of(JsonNode data, String url) {
        ContactPage page = new ContactPage(url);
        page.socialLinks.add(url);
        page.readLinks(data.path("links"));
        data.path("emails").forEach(email -> page.readMail(email.asText()));
        data.path("protected").forEach(code -> page.emails.addProtected(code.asText()));
        page.readProfiles(data.path("profiles"), MOST_PROFILES);
        page.emails.addFrom(data.path("text").asText());
        return page;
    }

    List<String> emails() {
        return emails.found();
    }

    Map<String, String> socialLinks() {
        return socialLinks.found();
    }

    /** URLs of the same site on which there may be more, the most promising first. */
    List<String> furtherPages(int most, int longestUrl) {
        return FurtherPages.of(url, links, most, longestUrl);
    }

    private void readLinks(JsonNode found) {
        for (JsonNode link : found) {
            String target = link.path("url").asText();
            int code = target.indexOf(PROTECTED_PATH);
            if (target.regionMatches(true, 0, MAILTO, 0, MAILTO.length())) {
                readMail(target);
            } else if (code >= 0) {
                emails.addProtected(target.substring(code + PROTECTED_PATH.length()));
            } else if (target.toLowerCase(Locale.ROOT).startsWith("http")) {
                socialLinks.add(target);
                links.add(new Link(target, link.path("text").asText()));
            }
        }
    }

    /** A {@code mailto} URL (RFC 6068), or an address alone. */
    private void readMail(String text) {
        boolean mailto = text.regionMatches(true, 0, MAILTO, 0, MAILTO.length());
        if (mailto) {
            emails.addEncoded(text.substring(MAILTO.length()));
        } else {
            emails.addFrom(text);
        }
    }

    /** {@code sameAs} of schema.org is a URL or a list of them. */
    private int readProfiles(JsonNode profiles, int most) {
        int left = most;
        for (JsonNode profile : profiles) {
            if (left <= 0) {
                return 0;
            }
            left--;
            if (profile.isTextual()) {
                socialLinks.add(profile.textValue());
            } else if (profile.isArray()) {
                left = readProfiles(profile, left);
            }
        }
        return left;
    }

    private static SelectorPlan plan(String selectors) {
        try {
            return SelectorPlan.compile(JSON.readTree(selectors));
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
