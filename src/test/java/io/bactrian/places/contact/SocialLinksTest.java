package io.bactrian.places.contact;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SocialLinksTest {
    private final SocialLinks links = new SocialLinks();

    @ParameterizedTest
    @CsvSource({
        "http://facebook.com/Cafe.Name/, facebook, https://www.facebook.com/Cafe.Name",
        "https://de-de.facebook.com/cafe/about?x=1, facebook, https://www.facebook.com/cafe",
        "https://www.facebook.com/profile.php?id=1000123&x, facebook, https://www.facebook.com/profile.php?id=1000123",
        "https://www.facebook.com/pages/Cafe/123456, facebook, https://www.facebook.com/pages/Cafe/123456",
        "https://www.facebook.com/p/Cafe-123/, facebook, https://www.facebook.com/p/Cafe-123",
        "//instagram.com/x, , ",
        "https://instagram.com/cafe_name/?hl=en, instagram, https://www.instagram.com/cafe_name",
        "https://cy.linkedin.com/company/cafe-ltd/, linkedin, https://www.linkedin.com/company/cafe-ltd",
        "https://www.linkedin.com/in/owner, linkedin, https://www.linkedin.com/in/owner",
        "https://twitter.com/Cafe, x, https://x.com/Cafe",
        "https://mobile.twitter.com/Cafe, x, https://x.com/Cafe",
        "https://x.com/Cafe, x, https://x.com/Cafe",
        "https://www.youtube.com/@cafe/videos, youtube, https://www.youtube.com/@cafe",
        "https://youtube.com/channel/UC123, youtube, https://www.youtube.com/channel/UC123",
        "https://www.tiktok.com/@cafe, tiktok, https://www.tiktok.com/@cafe",
        "https://www.pinterest.co.uk/cafe/, pinterest, https://www.pinterest.com/cafe",
        "https://wa.me/35725000000?text=Hi, whatsapp, https://wa.me/35725000000",
        "https://api.whatsapp.com/send?phone=%2B35725000000, whatsapp, https://wa.me/35725000000"
    })
    void profilesAreNamedAsTheirNetworkDoes(String url, String network, String canonical) {
        links.add(url);

        assertThat(links.found()).isEqualTo(network == null ? Map.of() : Map.of(network, canonical));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://www.facebook.com/",
                "https://www.facebook.com/sharer/sharer.php?u=https://a.cy",
                "https://www.facebook.com/sharer.php?u=x",
                "https://www.facebook.com/share.php",
                "https://www.facebook.com/plugins/like.php?href=x",
                "https://www.facebook.com/dialog/share",
                "https://www.facebook.com/tr?id=1",
                "https://developers.facebook.com/docs",
                "https://facebook.com.evil.example/cafe",
                "https://evil-facebook.com/cafe",
                "https://evil.example/facebook.com/cafe",
                "https://www.instagram.com/p/Cxyz/",
                "https://www.instagram.com/explore/tags/x",
                "https://twitter.com/intent/tweet?url=x",
                "https://twitter.com/share",
                "https://twitter.com/cafe/status/123",
                "https://x.com/this_name_is_too_long_for_it",
                "https://www.linkedin.com/shareArticle?url=x",
                "https://www.linkedin.com/sharing/share-offsite/?url=x",
                "https://www.youtube.com/watch?v=x",
                "https://www.youtube.com/embed/x",
                "https://youtu.be/x",
                "https://www.pinterest.com/pin/create/button/?url=x",
                "https://wa.me/?text=x",
                "https://api.whatsapp.com/send?text=x",
                "https://user:pass@facebook.com/cafe",
                "javascript:facebook.com/cafe",
                "not a url"
            })
    void whatIsNobodysPageIsLeftOut(String url) {
        links.add(url);

        assertThat(links.found()).isEmpty();
    }

    @Test
    void theFirstOfEachNetworkCounts() {
        links.add("https://x.com/first");
        links.add("https://x.com/second");

        assertThat(links.found()).isEqualTo(Map.of("x", "https://x.com/first"));
    }
}
