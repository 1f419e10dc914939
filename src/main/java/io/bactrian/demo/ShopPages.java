package io.bactrian.demo;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import org.jsoup.nodes.Entities;

/**
 * The pages of the sample shop as HTML documents.
 *
 * <p>Links are relative to the host, so that a page has the same bytes whatever port the shop is served on.
 */
final class ShopPages {
    private static final String SHOP = "Caravan Goods";

    private static final String STYLE = """
            :root { --ink: #3a2f25; --sand: #f7f0e3; --dune: #e8d9bd; --clay: #b3552d; --leaf: #55713f; }
            * { box-sizing: border-box; }
            body { margin: 0; background: var(--sand); color: var(--ink); font: 16px/1.6 Georgia, "Times New Roman", serif; }
            a { color: var(--clay); text-decoration: none; } a:hover { text-decoration: underline; }
            header.shop { background: #fffaf0; border-bottom: 3px double var(--dune); padding: 1.2rem 2rem; }
            header.shop .name { font-size: 1.7rem; letter-spacing: .06em; color: var(--ink); }
            header.shop nav a { margin-right: 1.1rem; font-size: .9rem; white-space: nowrap; }
            main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 2rem 4rem; }
            nav.breadcrumb ol { list-style: none; display: flex; gap: .5rem; padding: 0; font-size: .85rem; }
            nav.breadcrumb li + li::before { content: "›"; margin-right: .5rem; color: #a08c70; }
            article.product { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); gap: 2.5rem; }
            article.product img { width: 100%; border-radius: .5rem; background: var(--dune); }
            h1 { font-weight: normal; font-size: 2.1rem; line-height: 1.2; margin: 0 0 .4rem; }
            h2 { font-weight: normal; font-size: 1.4rem; margin: 2.5rem 0 .8rem; border-bottom: 1px solid var(--dune); }
            .brand { font-variant: small-caps; letter-spacing: .05em; color: #7b6a54; }
            .price { font-size: 1.8rem; color: var(--clay); margin-right: 1rem; }
            .availability { color: var(--leaf); } .availability.none { color: #999; }
            .rating { color: #c58a17; letter-spacing: .1em; }
            table.facts { border-collapse: collapse; width: 100%; } table.facts th { text-align: left; font-weight: normal; color: #7b6a54; }
            table.facts th, table.facts td { padding: .35rem .6rem; border-bottom: 1px solid var(--dune); }
            button { font: inherit; background: var(--clay); color: #fff; border: 0; border-radius: .3rem; padding: .6rem 1.6rem; }
            ul.cards { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: 1.2rem; }
            ul.cards li { background: #fffaf0; border: 1px solid var(--dune); border-radius: .5rem; padding: .8rem; }
            ul.cards img { width: 100%; } ul.cards .card-price { float: right; color: var(--clay); }
            section.reviews blockquote { margin: 0 0 1.2rem; padding: .8rem 1.2rem; background: #fffaf0; border-left: 3px solid var(--dune); }
            section.reviews cite { font-size: .85rem; color: #7b6a54; font-style: normal; }
            footer { background: var(--ink); color: var(--dune); padding: 2rem; font-size: .85rem; text-align: center; }
            @media (max-width: 48rem) { article.product { grid-template-columns: 1fr; } main { padding: 1rem; } }
            """;

    private final List<Product> products;

    ShopPages(List<Product> products) {
        this.products = products;
    }

    String home() {
        return document(SHOP, "", """
                <h1>Goods for the long way round</h1>
                <p>%s things that are made to be carried, mended and handed on.</p>
                <ul class="cards">%s</ul>
                """.formatted(
                        products.size(),
                        Category.ALL.stream()
                                .map(category -> "<li><a href=\"%s\">%s</a></li>"
                                        .formatted(category.path(), escape(category.name())))
                                .collect(Collectors.joining("\n"))));
    }

    String category(Category category) {
        List<Product> shelf = products.stream()
                .filter(product -> product.category().equals(category))
                .toList();
        return document(category.name() + " – " + SHOP, "", """
                <nav class="breadcrumb" aria-label="Breadcrumb"><ol><li><a href="/">Home</a></li><li>%s</li></ol></nav>
                <h1>%s</h1>
                %s
                """.formatted(
                        escape(category.name()), escape(category.name()), cards(shelf)));
    }

    String missing() {
        return document("Not found – " + SHOP, "", """
                <h1>This page has moved on with the caravan</h1>
                <p>We no longer make what was shown here. <a href="/">All our goods</a> are still where they were.</p>
                """);
    }

    String product(Product product) {
        // Seeded by the number alone: a page has the same words whichever pages were asked for before it.
        Random random = new Random(product.number());
        List<Prose.Review> reviews = random.ints(product.reviews())
                .mapToObj(seed -> Prose.review(product, new Random(seed)))
                .toList();
        String head = """
                <meta name="description" content="%s by %s, %s">
                <link rel="canonical" href="%s">
                <meta property="og:type" content="product">
                <meta property="og:title" content="%s">
                <meta property="product:price:amount" content="%s">
                <meta property="product:price:currency" content="USD">
                <script type="application/ld+json">
                %s
                </script>
                """.formatted(
                        escape(product.name()),
                        escape(product.brand()),
                        escape(product.availability().toLowerCase(Locale.ROOT)),
                        product.path(),
                        escape(product.name()),
                        product.price(),
                        LinkedData.product(product, reviews));
        String body = breadcrumb(product)
                + article(product, random)
                + "<h2>Details</h2>\n" + facts(product, random)
                + "<h2>The story</h2>\n" + story(product, random)
                + "<section class=\"reviews\"><h2>What buyers say</h2>\n"
                + reviews.stream().map(ShopPages::review).collect(Collectors.joining("\n"))
                + "</section>\n<h2>Others on this shelf</h2>\n" + cards(neighbours(product));
        return document(product.name() + " – " + SHOP, head, body);
    }

    /** A drawing in place of a photograph: dunes under a sun, coloured by the article's number. */
    String image(Product product) {
        int hue = product.number() * 47 % 360;
        return """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" role="img" aria-label="%s">
                <rect width="400" height="300" fill="hsl(%d 45%% 88%%)"/>
                <circle cx="%d" cy="%d" r="42" fill="hsl(%d 70%% 72%%)"/>
                <path d="M0 210 Q100 %d 200 210 T400 200 V300 H0Z" fill="hsl(%d 40%% 62%%)"/>
                <path d="M0 250 Q120 %d 240 245 T400 240 V300 H0Z" fill="hsl(%d 38%% 48%%)"/>
                </svg>
                """.formatted(
                        escape(product.name()),
                        hue,
                        80 + product.number() * 13 % 240,
                        60 + product.number() * 7 % 60,
                        (hue + 30) % 360,
                        140 + product.number() * 11 % 60,
                        hue,
                        190 + product.number() * 17 % 50,
                        (hue + 15) % 360);
    }

    private static String document(String title, String head, String body) {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%s</title>
                %s<style>
                %s</style>
                </head>
                <body>
                <header class="shop"><a class="name" href="/">%s</a>
                <nav aria-label="Shelves">%s</nav>
                </header>
                <main>
                %s</main>
                <footer>%s is a sample shop that comes with Bactrian. Nothing here is for sale.</footer>
                </body>
                </html>
                """.formatted(
                escape(title),
                head,
                STYLE,
                SHOP,
                Category.ALL.stream()
                        .map(category -> "<a href=\"%s\">%s</a>".formatted(category.path(), escape(category.name())))
                        .collect(Collectors.joining("\n")),
                body,
                SHOP);
    }

    private static String breadcrumb(Product product) {
        return """
                <nav class="breadcrumb" aria-label="Breadcrumb"><ol>
                <li><a href="/">Home</a></li>
                <li><a href="%s">%s</a></li>
                <li><a href="%s" aria-current="page">%s</a></li>
                </ol></nav>
                """.formatted(
                product.category().path(), escape(product.category().name()), product.path(), escape(product.name()));
    }

    private static String article(Product product, Random random) {
        String stars = "★".repeat((product.ratingTenths() + 5) / 10);
        return """
                <article class="product" data-number="%s">
                <img class="photo" src="%s" alt="%s" width="400" height="300">
                <div>
                <p class="brand">%s</p>
                <h1 class="title">%s</h1>
                <p><span class="rating" data-rating="%s">%s</span> %s from %s reviews</p>
                <p><span class="price">$%s</span><span class="availability%s">%s</span></p>
                <p class="description">%s</p>
                <button type="button"%s>Put in the saddlebag</button>
                </div>
                </article>
                """.formatted(
                        product.number(),
                        product.imagePath(),
                        escape(product.name()),
                        escape(product.brand()),
                        escape(product.name()),
                        product.rating(),
                        stars,
                        product.rating(),
                        product.reviews(),
                        product.price(),
                        product.stock() == 0 ? " none" : "",
                        product.availability(),
                        escape(Prose.description(product, random)),
                        product.stock() == 0 ? " disabled" : "");
    }

    private static String facts(Product product, Random random) {
        return """
                <table class="facts">
                <tr><th scope="row">Article number</th><td>%s</td></tr>
                <tr><th scope="row">Maker</th><td>%s</td></tr>
                <tr><th scope="row">Material</th><td>%s</td></tr>
                <tr><th scope="row">Colour</th><td>%s</td></tr>
                <tr><th scope="row">Size</th><td>%s × %s × %s cm</td></tr>
                <tr><th scope="row">Weight</th><td>%s g</td></tr>
                <tr><th scope="row">Warranty</th><td>%s years</td></tr>
                <tr><th scope="row">In the warehouse</th><td>%s</td></tr>
                </table>
                """.formatted(
                        product.articleNumber(),
                        escape(product.brand()),
                        product.material(),
                        product.colour(),
                        10 + random.nextInt(60),
                        8 + random.nextInt(40),
                        3 + random.nextInt(25),
                        80 + random.nextInt(2400),
                        2 + random.nextInt(9),
                        product.stock());
    }

    private static String story(Product product, Random random) {
        return Prose.story(product, random).stream()
                .map(paragraph -> "<p>" + escape(paragraph) + "</p>\n")
                .collect(Collectors.joining());
    }

    private static String review(Prose.Review review) {
        return """
                <blockquote class="review"><h3>%s <span class="rating">%s</span></h3>
                <p>%s</p>
                <cite>%s, <time datetime="%s">%s</time></cite></blockquote>""".formatted(
                        escape(review.title()),
                        "★".repeat(review.stars()),
                        escape(review.text()),
                        escape(review.author()),
                        review.date(),
                        review.date());
    }

    private List<Product> neighbours(Product product) {
        return products.stream()
                .filter(other -> other.category().equals(product.category()) && !other.equals(product))
                .limit(12)
                .toList();
    }

    private static String cards(List<Product> shelf) {
        return shelf.stream()
                .map(product -> """
                        <li><a href="%s"><img src="%s" alt="" width="400" height="300" loading="lazy"></a>
                        <span class="card-price">$%s</span><a class="card-title" href="%s">%s</a></li>""".formatted(
                        product.path(), product.imagePath(), product.price(), product.path(), escape(product.name())))
                .collect(Collectors.joining("\n", "<ul class=\"cards\">\n", "\n</ul>\n"));
    }

    private static String escape(String text) {
        return Entities.escape(text);
    }
}
