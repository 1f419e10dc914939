package io.bactrian.scrape.html;

import crawlercommons.sitemaps.AbstractSiteMap;
import crawlercommons.sitemaps.SiteMap;
import crawlercommons.sitemaps.SiteMapIndex;
import crawlercommons.sitemaps.SiteMapParser;
import crawlercommons.sitemaps.UnknownFormatException;
import crawlercommons.sitemaps.sax.DelegatorHandler;
import io.bactrian.egress.HttpUrl;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.jspecify.annotations.Nullable;
import org.xml.sax.Attributes;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * One file of a sitemap, read: XML by the protocol of sitemaps.org, RSS, Atom, or a text with one URL a line.
 *
 * <p>Files come from outside. XML with a document type is refused, so there are no entities to expand or to fetch; nesting
 * and texts are bounded; of more URLs than a file may have, the first are taken.
 *
 * @param index whether the URLs are of further sitemaps, and not of pages
 */
record SitemapFile(boolean index, List<String> urls) {
    /** By the protocol. */
    static final int MOST_URLS = 50_000;

    /** Of a URL, which the protocol wants to be shorter than this. */
    static final int LONGEST_URL = 2_048;

    private static final int MOST_DEPTH = 64;

    SitemapFile {
        urls = List.copyOf(urls);
    }

    /**
     * Reads a file.
     *
     * @param content decompressed
     * @throws SitemapProblem if it is none
     */
    static SitemapFile parse(HttpUrl url, byte[] content) throws SitemapProblem {
        try {
            return of(new BoundedParser()
                    .parseSiteMap(content, URI.create(url.toString()).toURL()));
        } catch (UnknownFormatException | IllegalArgumentException unknown) {
            throw new SitemapProblem(
                    "The file " + url
                            + " is not a sitemap: it must be XML of sitemaps.org without a document type, RSS, Atom, or a text of URLs.");
        } catch (IOException impossible) {
            throw new SitemapProblem("The sitemap " + url + " cannot be read.");
        }
    }

    private static SitemapFile of(AbstractSiteMap parsed) {
        List<String> urls = new ArrayList<>();
        if (parsed instanceof SiteMapIndex index) {
            for (AbstractSiteMap child : index.getSitemaps()) {
                urls.add(child.getUrl().toString());
            }
            return new SitemapFile(true, urls);
        }
        ((SiteMap) parsed)
                .getSiteMapUrls()
                .forEach(page -> urls.add(page.getUrl().toString()));
        return new SitemapFile(false, urls);
    }

    /** The library's parser, with an XML parser of our own before it. */
    private static final class BoundedParser extends SiteMapParser {
        private int urls;

        BoundedParser() {
            super(false);
            setURLFilter((String text) -> url(text));
        }

        @Override
        protected AbstractSiteMap processXml(URL url, InputSource source) throws UnknownFormatException {
            DelegatorHandler handler = new DelegatorHandler(url, false);
            handler.setStrictNamespace(false);
            handler.setAcceptedNamespaces(Set.of());
            handler.setExtensionNamespaces(Map.of());
            handler.setURLFilter((String text) -> url(text));
            try {
                SAXParserFactory factory = SAXParserFactory.newDefaultInstance();
                factory.setNamespaceAware(true);
                factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
                factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
                factory.newSAXParser().parse(source, new BoundedHandler(handler));
            } catch (SAXException | IOException broken) {
                throw unknown(broken);
            } catch (ParserConfigurationException impossible) {
                throw new IllegalStateException("The JDK's XML parser knows these features.", impossible);
            }
            AbstractSiteMap parsed = handler.getSiteMap();
            if (parsed == null) {
                throw new UnknownFormatException("The root element is none of a sitemap.");
            }
            return parsed;
        }

        private @Nullable String url(String text) {
            return text.length() <= LONGEST_URL && ++urls <= MOST_URLS ? text : null;
        }

        private static UnknownFormatException unknown(Exception cause) {
            UnknownFormatException unknown = new UnknownFormatException("The XML is broken.");
            unknown.initCause(cause);
            return unknown;
        }
    }

    /** Passes on what a sitemap needs, and stops at what only an attack has. */
    private static final class BoundedHandler extends DefaultHandler {
        private final DelegatorHandler sitemap;
        private int depth;
        private int characters;

        BoundedHandler(DelegatorHandler sitemap) {
            this.sitemap = sitemap;
        }

        @Override
        public void startElement(String uri, String localName, String qName, Attributes attributes)
                throws SAXException {
            if (++depth > MOST_DEPTH) {
                throw new SAXException("The XML is nested deeper than any sitemap.");
            }
            characters = 0;
            sitemap.startElement(uri, localName, qName, attributes);
        }

        @Override
        public void endElement(String uri, String localName, String qName) throws SAXException {
            depth--;
            characters = 0;
            sitemap.endElement(uri, localName, qName);
        }

        @Override
        public void characters(char[] text, int start, int length) throws SAXException {
            characters += length;
            // A little more than the longest URL, so that a longer one is seen to be too long.
            if (characters <= 4 * LONGEST_URL) {
                sitemap.characters(text, start, length);
            }
        }

        @Override
        public void fatalError(SAXParseException broken) throws SAXException {
            throw broken;
        }
    }
}
