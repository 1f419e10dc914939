package io.bactrian.places.contact;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.places.contact.ContactPage.Link;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FurtherPagesTest {
    @ParameterizedTest
    @CsvSource({
        "/contact-us, ''",
        "/ContactUs.aspx, ''",
        "/de/kontakt.html?x=1, ''",
        "/contatti, ''",
        "/p/7, Impressum",
        "/p/7, Contáctenos",
        "/p/7, Επικοινωνία",
        "/p/7, Контакты",
        "/p/7, お問い合わせ",
        "/p/7, 문의하기",
        "/p/7, İletişim",
        "/%C3%BCber-uns, ''",
        "/p/7, À propos",
        "/p/7, About us"
    })
    void pagesWithContactsAreKnownByTheirWords(String path, String text) {
        assertThat(pages("http://a.cy/", new Link("http://a.cy" + path, text))).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "http://a.cy/menu, Menu",
        "http://b.cy/contact, Contact",
        "http://a.cy.b.cy/contact, Contact",
        "http://a.cy/contact.pdf, Contact",
        "http://a.cy/, Contact",
        "http://a.cy/#contact, Contact",
        "http://a.cy/roundabout, Roundabout",
        "tel:123, Contact"
    })
    void otherPagesAreNot(String url, String text) {
        assertThat(pages("http://a.cy/", new Link(url, text))).isEmpty();
    }

    @Test
    void theMostPromisingComeFirstAndEachOnce() {
        assertThat(pages(
                        "https://www.a.cy/",
                        new Link("https://a.cy/about", "About"),
                        new Link("https://a.cy/imprint", "Imprint"),
                        new Link("https://www.a.cy/contact/", "Contact"),
                        new Link("http://a.cy/contact", "Contact")))
                .containsExactly("https://www.a.cy/contact/", "https://a.cy/imprint");
    }

    @Test
    void thousandsOfLinksAreTwoPages() {
        List<Link> links = new ArrayList<>();
        for (int nth = 0; nth < 3_000; nth++) {
            links.add(new Link("http://a.cy/contact/" + nth, "contact ".repeat(nth)));
        }

        assertThat(FurtherPages.of("http://a.cy/", links, 2, 2_000)).hasSize(2);
    }

    private static List<String> pages(String page, Link... links) {
        return FurtherPages.of(page, List.of(links), 2, 2_000);
    }
}
