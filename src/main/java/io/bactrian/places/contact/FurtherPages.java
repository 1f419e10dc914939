package io.bactrian.places.contact;

import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import io.bactrian.places.contact.ContactPage.Link;
import io.bactrian.scrape.Sites;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Chooses the links of a page that may lead to contacts, by words of many languages in their address or their text. */
final class FurtherPages {
    private static final Pattern MARKS = Pattern.compile("\\p{M}+");
    private static final Pattern SEPARATORS = Pattern.compile("[^\\p{L}\\p{N}]+");

    /** The most promising kind first; each word begins a word of the link. In lower case and without accents. */
    private static final List<List<String>> KINDS = comparable(List.of(
            List.of(
                    "contact",
                    "kontakt",
                    "contatt",
                    "contato",
                    "contacto",
                    "nous joindre",
                    "nous ecrire",
                    "get in touch",
                    "reach us",
                    "yhteystiedot",
                    "kapcsolat",
                    "iletisim",
                    "epikoinonia",
                    "επικοινωνια",
                    "контакт",
                    "контакты",
                    "lien he",
                    "hubungi",
                    "お問い合わせ",
                    "問い合わせ",
                    "お問合せ",
                    "联系",
                    "聯繫",
                    "聯絡",
                    "연락처",
                    "문의",
                    "اتصل",
                    "צור קשר"),
            List.of(
                    "impressum",
                    "imprint",
                    "legal notice",
                    "mentions legales",
                    "aviso legal",
                    "note legali",
                    "colofon",
                    "legal information",
                    "特定商取引"),
            List.of(
                    "about",
                    "uber uns",
                    "ueber uns",
                    "a propos",
                    "qui sommes nous",
                    "quienes somos",
                    "sobre",
                    "chi siamo",
                    "quem somos",
                    "over ons",
                    "om oss",
                    "om os",
                    "o nas",
                    "o nama",
                    "hakkimizda",
                    "ποιοι ειμαστε",
                    "σχετικα",
                    "о нас",
                    "会社概要",
                    "关于",
                    "關於",
                    "회사소개")));

    private static final Pattern FILE = Pattern.compile(
            ".*\\.(?:pdf|docx?|xlsx?|zip|jpe?g|png|gif|webp|svg|mp[34]|vcf|ics|xml|rss)", Pattern.CASE_INSENSITIVE);
    /** A longer text is no name of a page. */
    private static final int LONGEST_TEXT = 60;

    private FurtherPages() {}

    /** URLs of the page's own site, each once, and none of the page itself. */
    static List<String> of(String page, List<Link> links, int most, int longestUrl) {
        HttpUrl here;
        try {
            here = HttpUrl.parse(page);
        } catch (EgressRefusedException impossible) {
            return List.of();
        }
        List<Map<String, String>> byKind = new ArrayList<>();
        KINDS.forEach(kind -> byKind.add(new LinkedHashMap<>()));
        for (Link link : links) {
            HttpUrl url = ofSite(here, link.url());
            if (url == null || url.toString().length() > longestUrl) {
                continue;
            }
            int kind = kind(url, link.text());
            if (kind < KINDS.size()) {
                byKind.get(kind).putIfAbsent(identity(url), url.toString());
            }
        }
        Map<String, String> chosen = new LinkedHashMap<>();
        byKind.forEach(pages -> pages.forEach(chosen::putIfAbsent));
        chosen.remove(identity(here));
        return chosen.values().stream().limit(most).toList();
    }

    private static @Nullable HttpUrl ofSite(HttpUrl here, String link) {
        try {
            HttpUrl url = HttpUrl.parse(link);
            return Sites.same(here, url) ? url : null;
        } catch (EgressRefusedException none) {
            return null;
        }
    }

    /** The place of the kind that the link is of among all kinds, or their number where it is of none. */
    private static int kind(HttpUrl url, String text) {
        String path = url.pathAndQuery().replaceFirst("\\?.*", "");
        if (FILE.matcher(path).matches()) {
            return KINDS.size();
        }
        String words = words(decoded(path)) + (text.length() <= LONGEST_TEXT ? words(text) : "");
        int kind = 0;
        while (kind < KINDS.size() && KINDS.get(kind).stream().noneMatch(words::contains)) {
            kind++;
        }
        return kind;
    }

    /** The words of a text, each after a space. */
    private static String words(String text) {
        String bare =
                MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFD)).replaceAll("");
        return " " + SEPARATORS.matcher(bare.toLowerCase(Locale.ROOT)).replaceAll(" ");
    }

    /** Without scheme, {@code www.} and a slash at the end, which seldom make another page. */
    private static String identity(HttpUrl url) {
        return url.pathAndQuery().replaceFirst("/$", "");
    }

    private static List<List<String>> comparable(List<List<String>> kinds) {
        return kinds.stream()
                .map(kind -> kind.stream().map(FurtherPages::words).toList())
                .toList();
    }

    private static String decoded(String path) {
        try {
            return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return path;
        }
    }
}
