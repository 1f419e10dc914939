package io.bactrian.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SampleShopTest {
    private final HttpClient http = HttpClient.newHttpClient();
    private final SampleShop shop = SampleShop.open(0);

    @BeforeAll
    void theShopIsOpen() {
        assertThat(shop.address().getPort()).isPositive();
    }

    @AfterAll
    void closeTheShop() {
        http.close();
        shop.close();
    }

    @Test
    void hasThreeHundredProductsEachWithItsOwnAddressAndName() {
        assertThat(shop.productAddresses()).hasSize(300).doesNotHaveDuplicates();
        assertThat(Catalogue.products()).extracting(Product::name).doesNotHaveDuplicates();
    }

    @Test
    void twoShopsServeTheSameBytesOnWhateverPort() throws Exception {
        try (SampleShop other = SampleShop.open(0)) {
            assertThat(digest(other.productAddresses())).isEqualTo(digest(shop.productAddresses()));
        }
    }

    @Test
    void productPagesAreAsLargeAsRealOnes() throws Exception {
        for (URI address : shop.productAddresses()) {
            HttpResponse<byte[]> page =
                    http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofByteArray());
            if (page.statusCode() == 200) {
                assertThat(page.body().length).as(address.toString()).isBetween(15_000, 40_000);
            }
        }
    }

    @Test
    void aProductPageHasWhatTheDemonstrationSelects() throws Exception {
        URI address = shop.productAddresses().getFirst();
        Document page = Jsoup.parse(get(address).body(), address.toString());

        Product product = Catalogue.products().getFirst();
        assertThat(page.select("h1.title").text()).isEqualTo(product.name());
        assertThat(page.select(".price").text()).isEqualTo("$" + product.price());
        assertThat(page.select(".rating").attr("data-rating")).isEqualTo(product.rating());
        assertThat(page.select(".availability").text()).isEqualTo(product.availability());
        assertThat(page.select("nav.breadcrumb li a").eachText())
                .containsExactly("Home", product.category().name(), product.name());
        JsonNode linkedData = new ObjectMapper()
                .readTree(page.select("script[type=application/ld+json]").html());
        assertThat(linkedData.path("offers").path("price").asText()).isEqualTo(product.price());

        HttpResponse<String> image = get(URI.create(page.select("img.photo").attr("abs:src")));
        assertThat(image.headers().firstValue("Content-Type")).contains("image/svg+xml");
        assertThat(image.body()).startsWith("<svg");
    }

    @Test
    void everyLinkOfTheHomePageAndItsShelvesLeadsToAPage() throws Exception {
        List<String> shelves = links(shop.address());
        assertThat(shelves).hasSize(Category.ALL.size() + 1);
        for (String shelf : shelves) {
            assertThat(get(URI.create(shelf)).statusCode()).as(shelf).isEqualTo(200);
        }
    }

    @Test
    void robotsMayFetchEverything() throws Exception {
        HttpResponse<String> robots = get(shop.address().resolve("/robots.txt"));
        assertThat(robots.statusCode()).isEqualTo(200);
        assertThat(robots.body()).isEqualTo("User-agent: *\nAllow: /\n");
    }

    @Test
    void exactlyOneProductIsGoneAndOneHasMoved() throws Exception {
        for (int number = 1; number <= 300; number++) {
            int expected = number == SampleShop.DISCONTINUED ? 404 : number == SampleShop.MOVED ? 301 : 200;
            assertThat(get(product(number)).statusCode())
                    .as("product " + number)
                    .isEqualTo(expected);
        }
    }

    @Test
    void theProductThatHasMovedIsAtItsNewAddress() throws Exception {
        String location =
                get(product(SampleShop.MOVED)).headers().firstValue("Location").orElseThrow();
        HttpResponse<String> page = get(shop.address().resolve(location));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains(Catalogue.products().get(SampleShop.MOVED - 1).name());
    }

    @Test
    void oneProductTakesItsTime() throws Exception {
        long start = System.nanoTime();
        get(product(SampleShop.SLOW));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void unknownPathsAreNotFoundAndPostsAreNotAllowed() throws Exception {
        for (String path :
                List.of("/nothing", "/products/", "/products/nothing", "/images/nothing.svg", "/categories/x")) {
            assertThat(get(shop.address().resolve(path)).statusCode()).as(path).isEqualTo(404);
        }
        HttpRequest post = HttpRequest.newBuilder(shop.address())
                .POST(BodyPublishers.noBody())
                .build();
        assertThat(http.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(405);
    }

    @Test
    void aHeadRequestHasNoBody() throws Exception {
        HttpRequest head = HttpRequest.newBuilder(shop.address()).HEAD().build();
        HttpResponse<String> response = http.send(head, BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
    }

    @Test
    void aPortInUseIsSaidInOneSentence() {
        int port = shop.address().getPort();
        assertThatThrownBy(() -> SampleShop.open(port))
                .isInstanceOf(DemoException.class)
                .hasMessage(
                        "Port %s, which the sample shop needs, is in use: stop what listens there or choose another port."
                                .formatted(port));
    }

    private URI product(int number) {
        return shop.productAddresses().get(number - 1);
    }

    private List<String> links(URI address) throws Exception {
        return Jsoup.parse(get(address).body(), address.toString())
                .select("header a")
                .eachAttr("abs:href");
    }

    private HttpResponse<String> get(URI address) throws Exception {
        return http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
    }

    private String digest(List<URI> addresses) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (URI address : addresses) {
            digest.update(http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofByteArray())
                    .body());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
