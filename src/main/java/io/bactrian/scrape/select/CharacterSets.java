package io.bactrian.scrape.select;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decodes the body of a page: by its header, its byte order mark, its own declaration, else as UTF-8. */
final class CharacterSets {
    private static final int DECLARATION_WITHIN = 4096;

    /** What browsers decode when a page names the key (WHATWG Encoding Standard, section 4.2). */
    private static final Map<String, String> AS_BROWSERS_DO = Map.of(
            "ISO-8859-1", "windows-1252",
            "US-ASCII", "windows-1252",
            "ISO-8859-9", "windows-1254",
            "TIS-620", "x-windows-874",
            "GB2312", "GB18030",
            "GBK", "GB18030",
            "Shift_JIS", "windows-31j",
            "EUC-KR", "x-windows-949");

    private CharacterSets() {}

    static String decode(byte[] body, @Nullable Charset ofHeader) {
        Charset charset = ofHeader == null ? null : asBrowsersDo(ofHeader);
        if (charset == null) {
            charset = ofByteOrderMark(body);
        }
        if (charset == null) {
            charset = declared(body);
        }
        String text = new String(body, charset == null ? StandardCharsets.UTF_8 : charset);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** The character set of that name, or null where the name is missing, malformed or not supported. */
    @Nullable
    static Charset named(@Nullable String name) {
        if (name == null) {
            return null;
        }
        try {
            return Charset.forName(name.strip());
        } catch (IllegalArgumentException unknown) {
            return null;
        }
    }

    private static Charset asBrowsersDo(Charset charset) {
        Charset wider = named(AS_BROWSERS_DO.get(charset.name()));
        return wider == null ? charset : wider;
    }

    @Nullable
    private static Charset ofByteOrderMark(byte[] body) {
        if (starts(body, 0xEF, 0xBB, 0xBF)) {
            return StandardCharsets.UTF_8;
        }
        if (starts(body, 0xFF, 0xFE, 0, 0)) {
            return named("UTF-32LE");
        }
        if (starts(body, 0, 0, 0xFE, 0xFF)) {
            return named("UTF-32BE");
        }
        if (starts(body, 0xFF, 0xFE)) {
            return StandardCharsets.UTF_16LE;
        }
        return starts(body, 0xFE, 0xFF) ? StandardCharsets.UTF_16BE : null;
    }

    private static boolean starts(byte[] body, int... bytes) {
        if (body.length < bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if ((body[i] & 0xFF) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** What an XML declaration or the first {@code meta} with a known character set says. */
    @Nullable
    private static Charset declared(byte[] body) {
        String head = new String(body, 0, Math.min(body.length, DECLARATION_WITHIN), StandardCharsets.ISO_8859_1)
                .toLowerCase(Locale.ROOT);
        for (int at = head.indexOf('<'); at >= 0; at = head.indexOf('<', at + 1)) {
            if (head.startsWith("<!--", at)) {
                at = head.indexOf("-->", at + 4);
                if (at < 0) {
                    return null;
                }
                continue;
            }
            String key = head.startsWith("<?xml", at) ? "encoding" : head.startsWith("<meta", at) ? "charset" : null;
            int end = head.indexOf('>', at);
            if (key == null || end < 0) {
                continue;
            }
            Charset declared = named(valueOf(key, head.substring(at, end)));
            if (declared != null) {
                // A declaration that can be read as ASCII cannot be true of UTF-16 or UTF-32.
                return declared.name().startsWith("UTF-") ? StandardCharsets.UTF_8 : asBrowsersDo(declared);
            }
        }
        return null;
    }

    @Nullable
    private static String valueOf(String key, String tag) {
        int at = tag.indexOf(key);
        while (at >= 0) {
            int i = skipSpace(tag, at + key.length());
            if (i < tag.length() && tag.charAt(i) == '=') {
                i = skipSpace(tag, i + 1);
                if (i < tag.length() && (tag.charAt(i) == '"' || tag.charAt(i) == '\'')) {
                    i++;
                }
                int end = i;
                while (end < tag.length() && isNameCharacter(tag.charAt(end))) {
                    end++;
                }
                return tag.substring(i, end);
            }
            at = tag.indexOf(key, at + 1);
        }
        return null;
    }

    private static int skipSpace(String text, int from) {
        int i = from;
        while (i < text.length() && Character.isWhitespace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    private static boolean isNameCharacter(char c) {
        return Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == ':' || c == '.' || c == '+';
    }
}
