package io.bactrian.places.contact;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmailAddressesTest {
    private final EmailAddresses emails = new EmailAddresses();

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            Write to Info@Kipriakon.CY.           | info@kipriakon.cy
            (first.last+tag@mail.shop-a.co.uk)    | first.last+tag@mail.shop-a.co.uk
            <a_b@c.museum>                        | a_b@c.museum
            mail:info@a.cy,                       | info@a.cy
            info@a.cyTelephone                    | info@a.cy
            a [at] b [dot] cy                     | a@b.cy
            a(at)b(dot)cy                         | a@b.cy
            %20a@b.cy                             | 20a@b.cy
            a@b.cy-                               | a@b.cy
            a {AT} b.cy                           | a@b.cy
            a [ät] b [punkt] de                   | a@b.de
            a@xn--mller-kva.de                    | a@xn--mller-kva.de
            """)
    void addressesAreFoundInTexts(String text, String address) {
        emails.addFrom(text);

        assertThat(emails.found()).containsExactly(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "logo@2x.png",
                "icon@3x.svg",
                "name@example.com",
                "you@mail.example.org",
                "you@domain.com",
                "0123456789abcdef0123456789abcdef@o4.ingest.sentry.io",
                "605a7baede844d278b89dc95ae0a9123@sentry-next.wixpress.com",
                "deadbeefdeadbeefdeadbeef@a.cy",
                "a@b",
                "a@localhost",
                "a@b.local",
                "a@1.2.3",
                "react@18.2.0",
                "@handle.name",
                "a@-b.cy",
                "a@b..cy",
                "a..b@c.cy",
                "a.@c.cy",
                "a@b@c.cy.",
                "é.a@b",
                "see you at home dot com",
                "a@b.c"
            })
    void whatIsNobodysAddressIsNotFound(String text) {
        emails.addFrom(text);

        assertThat(emails.found()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "info%40a.cy?subject=Hello%20you@b.cy, info@a.cy",
        "info@a.cy?cc=other@a.cy, info@a.cy",
        "%20info@a.cy, info@a.cy",
        "a+b@c.cy, a+b@c.cy",
        "a@b.cy%, a@b.cy"
    })
    void linksToMailAreDecoded(String link, String address) {
        emails.addEncoded(link);

        assertThat(emails.found()).containsExactly(address);
    }

    @Test
    void aLinkMayHaveSeveralAddressesAndEachIsFoundOnce() {
        emails.addEncoded("a@b.cy,c@d.cy;A@B.CY");
        emails.addFrom("a@b.cy");

        assertThat(emails.found()).containsExactly("a@b.cy", "c@d.cy");
    }

    @Test
    void noMoreThanTenAreKept() {
        for (int nth = 0; nth < 100; nth++) {
            emails.addFrom("a" + nth + "@b.cy");
        }

        assertThat(emails.found()).hasSize(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "zz", "5a5", "5a", "5az0", "ff00ff00"})
    void protectedCodesThatAreNoneAreNothing(String code) {
        emails.addProtected(code);

        assertThat(emails.found()).isEmpty();
    }
}
