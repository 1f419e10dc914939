package io.bactrian.scrape.select;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.Charset;
import java.util.Iterator;
import java.util.Locale;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.parser.Parser;
import org.jsoup.parser.StreamParser;
import org.jsoup.select.Evaluator;
import org.jspecify.annotations.Nullable;

/**
 * A page as it came from its site, parsed at most once in each of the ways that selectors ask for.
 *
 * <p>The body is decoded by the character set of its header, else by its byte order mark, else by its own declaration (an
 * XML declaration or {@code meta}), else as UTF-8; a name that is not supported counts as none. Markup deeper than 512
 * elements is flattened as browsers do; JSON deeper than 500 is refused.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class PageSource {
    private static final int MARKUP_DEPTH = 512;
    /** What an attribute takes at least, in bytes, once its element is copied. */
    private static final int ATTRIBUTE_COPY = 16;

    private static final int PIECE = 4096;
    private static final Evaluator SCRIPTS = new Evaluator.Tag("script");

    private enum Kind {
        HTML,
        XML,
        JSON
    }

    private final Kind kind;
    private final byte[] body;
    private final @Nullable Charset charsetOfHeader;
    private final String baseUri;

    private @Nullable String text;
    private @Nullable Document document;
    private @Nullable JsonNode json;
    private @Nullable ArrayNode jsonLd;
    private @Nullable PageShape shape;
    private @Nullable Budget budget;
    private long memory = Long.MAX_VALUE;
    private long jsonMemory;

    private PageSource(Kind kind, byte[] body, @Nullable Charset charsetOfHeader, String baseUri) {
        this.kind = kind;
        this.body = body;
        this.charsetOfHeader = charsetOfHeader;
        this.baseUri = baseUri;
    }

    /**
     * A page of HTML.
     *
     * @param body the decompressed body; not copied, so it must not change
     * @param charsetOfHeader the {@code charset} of {@code Content-Type}, or null where there was none or not a known one:
     *     see {@link #charset}
     * @param baseUri the final URL, which relative links are resolved against where the page has no {@code <base>}
     */
    public static PageSource html(byte[] body, @Nullable Charset charsetOfHeader, String baseUri) {
        return new PageSource(Kind.HTML, body, charsetOfHeader, baseUri);
    }

    /** A page of XML, whose element and attribute names keep their case; the parameters are those of {@link #html}. */
    public static PageSource xml(byte[] body, @Nullable Charset charsetOfHeader, String baseUri) {
        return new PageSource(Kind.XML, body, charsetOfHeader, baseUri);
    }

    /** A JSON text (RFC 8259), which only JSONPath and regular expressions can read; the parameters are those of {@link #html}. */
    public static PageSource json(byte[] body, @Nullable Charset charsetOfHeader, String baseUri) {
        return new PageSource(Kind.JSON, body, charsetOfHeader, baseUri);
    }

    /** The character set of that name, or null where the name is missing, malformed or not supported. */
    @Nullable
    public static Charset charset(@Nullable String name) {
        return CharacterSets.named(name);
    }

    /** What the page will take in memory once it is parsed, in bytes, by an estimate. */
    long expectedMemory() {
        if (kind == Kind.JSON) {
            return MarkupSize.ofJson(body);
        }
        return MarkupSize.ofMarkup(body) + (MarkupSize.mentionsJsonLd(body) ? MarkupSize.ofJson(body) : 0);
    }

    /** Holds what is parsed from now on to a budget, and to an amount of memory in bytes. */
    void bound(Budget work, long most) {
        this.budget = work;
        this.memory = most;
    }

    /** The decoded source. */
    String text() {
        String decoded = text;
        if (decoded == null) {
            decoded = CharacterSets.decode(body, charsetOfHeader);
            text = decoded;
        }
        return decoded;
    }

    boolean isXml() {
        return kind == Kind.XML;
    }

    /** The parsed markup, or null for a JSON page. */
    @Nullable
    Document document() {
        if (kind == Kind.JSON) {
            return null;
        }
        Document parsed = document;
        if (parsed == null) {
            Parser parser = kind == Kind.XML ? Parser.xmlParser() : Parser.htmlParser();
            parsed = parse(parser.setMaxDepth(MARKUP_DEPTH));
            parsed.outputSettings().prettyPrint(false);
            document = parsed;
        }
        return parsed;
    }

    /**
     * Parses element by element, for a few bytes can unfold to many elements: an open {@code <b>} begins again in each
     * paragraph.
     */
    private Document parse(Parser parser) {
        Budget work = budget;
        if (work == null) {
            return parser.parseInput(text(), baseUri);
        }
        try (StreamParser stream = new StreamParser(parser).parse(new MeteredReader(text(), work), baseUri)) {
            long left = memory - 2L * body.length;
            for (Iterator<Element> elements = stream.iterator(); elements.hasNext(); ) {
                work.charge(1);
                left -= MarkupSize.ELEMENT / 2 + (long) elements.next().attributesSize() * ATTRIBUTE_COPY;
                if (left < 0) {
                    throw new PageTooLargeException(memory);
                }
            }
            return stream.document();
        }
    }

    /** A text that charges for being read. */
    private static final class MeteredReader extends StringReader {
        private final Budget budget;

        MeteredReader(String text, Budget budget) {
            super(text);
            this.budget = budget;
        }

        @Override
        public int read(char[] buffer, int offset, int length) throws IOException {
            // In small pieces, since the parser may take long over a large one.
            int read = super.read(buffer, offset, Math.min(length, PIECE));
            budget.charge(Math.max(0, read));
            return read;
        }
    }

    /** What relative links are resolved against: the page's {@code <base>}, else its URL. */
    String base() {
        Document parsed = document();
        return parsed == null ? baseUri : parsed.baseUri();
    }

    /**
     * The parsed JSON, or null for a page of markup.
     *
     * @throws ExtractionException when the body is not JSON, or nested too deeply
     */
    @Nullable
    JsonNode json() {
        if (kind != Kind.JSON) {
            return null;
        }
        JsonNode parsed = json;
        if (parsed == null) {
            parsed = parseJson();
            json = parsed;
        }
        return parsed;
    }

    private JsonNode parseJson() {
        try {
            JsonNode parsed = Json.MAPPER.readTree(text());
            if (parsed.isMissingNode()) {
                throw new ExtractionException("the page is empty where JSON was expected.");
            }
            return parsed;
        } catch (StreamConstraintsException tooMuch) {
            throw new ExtractionException(
                    "the page's JSON is nested too deeply or has values too large to read.", tooMuch);
        } catch (JsonProcessingException broken) {
            throw new ExtractionException("the page is not valid JSON: " + broken.getOriginalMessage(), broken);
        }
    }

    /** All JSON-LD objects of the page, arrays spread; what does not parse is left out, as search engines do. */
    ArrayNode jsonLd() {
        ArrayNode objects = jsonLd;
        if (objects == null) {
            objects = Json.MAPPER.createArrayNode();
            Document markup = document();
            if (markup != null) {
                for (Element script : markup.select(SCRIPTS)) {
                    addJsonLd(script, objects);
                }
            }
            jsonLd = objects;
        }
        return objects;
    }

    private void addJsonLd(Element script, ArrayNode objects) {
        String type = script.attr("type").strip().toLowerCase(Locale.ROOT);
        if (!type.equals("application/ld+json") && !type.startsWith("application/ld+json;")) {
            return;
        }
        try {
            String text = script.data();
            jsonMemory += MarkupSize.ofJson(text);
            if (jsonMemory > memory) {
                throw new PageTooLargeException(memory);
            }
            JsonNode parsed = Json.MAPPER.readTree(text);
            if (parsed instanceof ArrayNode several) {
                objects.addAll(several);
            } else if (!parsed.isMissingNode()) {
                objects.add(parsed);
            }
        } catch (JsonProcessingException broken) {
            // One broken block must not hide the others.
        }
    }

    /** How large and how wide the markup is. */
    PageShape shape() {
        PageShape known = shape;
        if (known == null) {
            Document markup = document();
            known = markup == null ? PageShape.EMPTY : PageShape.of(markup);
            shape = known;
        }
        return known;
    }
}
