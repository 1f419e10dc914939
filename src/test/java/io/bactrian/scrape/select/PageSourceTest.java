package io.bactrian.scrape.select;

import static io.bactrian.scrape.select.Extracting.textPlan;
import static io.bactrian.scrape.select.Extracting.x;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageSourceTest {

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // written as, header, byte order mark, head of the page
                "UTF-8, -, '', ''",
                "UTF-8, utf-8, '', '<meta charset=iso-8859-1>'",
                "ISO-8859-15, iso-8859-15, '', '<meta charset=utf-8>'",
                "windows-1252, iso-8859-1, '', ''",
                "windows-1252, us-ascii, '', ''",
                "UTF-8, no-such-charset, EFBBBF, '<meta charset=windows-1252>'",
                "UTF-8, -, EFBBBF, ''",
                "UTF-16LE, -, FFFE, ''",
                "UTF-16BE, -, FEFF, '<meta charset=utf-8>'",
                "UTF-16LE, utf-16le, FFFE, ''",
                "windows-1252, -, '', '<meta charset=windows-1252>'",
                "windows-1252, -, '', '<META  CharSet = \"Latin1\" >'",
                "windows-1252, '*', '', '<meta http-equiv=Content-Type content=\"text/html; charset=iso-8859-1\">'",
                "UTF-8, -, '', '<meta charset=no-such><p>'",
                "UTF-8, -, '', '<!-- <meta charset=windows-1252> --><p>'",
                "UTF-8, -, '', '<meta charset=utf-16>'",
                "windows-1252, -, '', '<meta charset=no-such><meta charset=windows-1252>'",
                "UTF-8, -, '', '<meta charset'",
            })
    void htmlIsDecodedByHeaderThenMarkThenItself(String writtenAs, @Nullable String header, String mark, String head) {
        PageSource page = PageSource.html(body(mark, head + "<h1>é€</h1>", writtenAs), PageSource.charset(header), "");

        assertThat(x(textPlan("h1"), page)).isEqualTo(head.equals("<meta charset") ? "null" : "\"é€\"");
    }

    @ParameterizedTest
    @CsvSource({
        "Shift_JIS, shift_jis, 表①",
        "GB18030, gb2312, 中国",
        "EUC-KR, euc-kr, 한국",
        "EUC-JP, euc-jp, 表",
        "Big5, big5, 中國",
    })
    void asianCharacterSetsAreReadAsBrowsersReadThem(String writtenAs, String declared, String text) {
        String encoder = writtenAs.equals("Shift_JIS") ? "windows-31j" : writtenAs;
        byte[] body = body("", "<meta charset=" + declared + "><h1>" + text + "</h1>", encoder);

        assertThat(x(textPlan("h1"), PageSource.html(body, null, ""))).isEqualTo('"' + text + '"');
    }

    @Test
    void xmlIsDecodedByItsDeclaration() {
        byte[] body = body("", "<?xml version='1.0' encoding='ISO-8859-15'?><a>é€</a>", "ISO-8859-15");

        assertThat(x(textPlan("a"), PageSource.xml(body, null, ""))).isEqualTo("\"é€\"");
    }

    @Test
    void unknownCharacterSetsAreNone() {
        assertThat(PageSource.charset(null)).isNull();
        assertThat(PageSource.charset("")).isNull();
        assertThat(PageSource.charset("no such")).isNull();
        assertThat(PageSource.charset(" UTF-8 ")).isEqualTo(StandardCharsets.UTF_8);
    }

    private static byte[] body(String mark, String text, String charset) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(HexFormat.of().parseHex(mark));
        body.writeBytes(text.getBytes(Charset.forName(charset)));
        return body.toByteArray();
    }
}
