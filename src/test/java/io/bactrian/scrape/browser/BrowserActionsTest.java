package io.bactrian.scrape.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.scrape.BrowserOptions;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageAction;
import io.bactrian.scrape.ScrapeOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a task asks to be done on a page, by the real Chromium. */
class BrowserActionsTest {
    private static Browsers browsers;

    private final MisbehavingOrigin origin = MisbehavingOrigin.start();

    @BeforeAll
    static void open() {
        browsers = new Browsers(1);
    }

    @AfterAll
    static void closeAll() {
        browsers.close();
    }

    @AfterEach
    void close() {
        origin.close();
    }

    @Test
    void whatIsBehindAClickIsRead() {
        origin.on("/", Behaviours.page("""
                                <button id=more onclick="fetch('/more').then(r => r.text()).then(t => {
                                  document.getElementById('out').textContent = t; })">More</button><p id=out></p>
                                """)).on("/more", Behaviours.body("text/plain", Behaviours.utf8("the rest")));

        assertThat(out(new PageAction.Click("#more"))).isEqualTo("the rest");
        assertThat(out(new PageAction.Click("xpath://button[. = 'More']"))).isEqualTo("the rest");
    }

    @Test
    void aClickedLinkLeadsToItsPage() {
        origin.on("/", Behaviours.page("<a href=/next>next</a>")).on("/next", Behaviours.page("<p id=out>there"));

        Outcome.Scraped scraped =
                browsers.scraped(origin.url("/"), Browsers.doing(new PageAction.Click("a")), "{\"out\": \"#out\"}");

        assertThat(scraped.data()).isEqualTo("{\"out\":\"there\"}");
        assertThat(scraped.metadata().finalUrl()).isEqualTo(origin.url("/next"));
    }

    @Test
    void aListThatGrowsWhenScrolledIsReadToItsEnd() {
        origin.on("/", Behaviours.page("""
                                <div id=list></div><div id=end style="height: 10px"></div><script>
                                let page = 0, busy = false;
                                async function more() {
                                  if (busy || page === 5) return;
                                  busy = true;
                                  const items = await (await fetch('/items?' + page++)).json();
                                  for (const item of items) {
                                    const div = document.createElement('div');
                                    div.className = 'item'; div.style.height = '200px'; div.textContent = item;
                                    document.getElementById('list').append(div);
                                  }
                                  busy = false;
                                }
                                new IntersectionObserver(entries => entries.some(e => e.isIntersecting) && more())
                                  .observe(document.getElementById('end'));
                                </script>
                                """)).on("/items", (request, socket, out) -> {
            String page = request.target().substring(request.target().indexOf('?') + 1);
            StringBuilder items = new StringBuilder("[");
            for (int item = 0; item < 10; item++) {
                items.append(item == 0 ? "" : ",")
                        .append('"')
                        .append(page)
                        .append('-')
                        .append(item)
                        .append('"');
            }
            return Behaviours.body("application/json", Behaviours.utf8(items + "]"))
                    .answer(request, socket, out);
        });

        String all = browsers.scraped(
                        origin.url("/"),
                        Browsers.doing(new PageAction.Scroll(null, 20)),
                        "{\"items\": {\"selector\": \".item\", \"all\": true}}")
                .data();
        String some = browsers.scraped(
                        origin.url("/"),
                        Browsers.doing(new PageAction.Scroll(null, 2)),
                        "{\"items\": {\"selector\": \".item\", \"all\": true}}")
                .data();

        assertThat(all.split("\",\"")).hasSize(50);
        assertThat(all).contains("0-0", "4-9");
        assertThat(some.split("\",\"").length).isBetween(20, 40);
    }

    @Test
    void anElementIsScrolledToo() {
        origin.on("/", Behaviours.page("""
                        <div id=box style="height: 100px; overflow: auto"><div style="height: 1000px"></div></div>
                        <p id=out></p><script>document.getElementById('box').onscroll = e => {
                          document.getElementById('out').textContent = e.target.scrollTop; }</script>
                        """));

        assertThat(out(new PageAction.Scroll("#box", 3))).isEqualTo("900");
        assertThat(out(new PageAction.Scroll("xpath://div[@id='box']", 1))).isEqualTo("900");
    }

    @Test
    void oneSignsInByTypingAndPressingAndStaysSignedIn() {
        origin.on("/", Behaviours.page("""
                                <form action=/login method=post><input name=user value=nobody>
                                <input name=password type=password><button>Sign in</button></form>
                                """))
                .on("/login", (request, socket, out) -> {
                    boolean right = request.body().equals("user=ada&password=se%26cret");
                    return (right
                                    ? Behaviours.status(303, "Location: /account", "Set-Cookie: session=42; HttpOnly")
                                    : Behaviours.status(403))
                            .answer(request, socket, out);
                })
                .on("/account", (request, socket, out) -> {
                    boolean known = "session=42".equals(request.header("cookie"));
                    return Behaviours.page(known ? "<p id=out>Hello Ada" : "<p id=out>Who are you?")
                            .answer(request, socket, out);
                });
        PageAction.Type user = new PageAction.Type("input[name=user]", "ada");
        PageAction.Type password = new PageAction.Type("input[name=password]", "se&cret");

        assertThat(out(user, password, new PageAction.Click("button"))).isEqualTo("Hello Ada");
        assertThat(out(user, password, new PageAction.Press("input[name=password]", "Enter")))
                .isEqualTo("Hello Ada");
        assertThat(out(user, password, new PageAction.Press(null, "Enter"))).isEqualTo("Hello Ada");
    }

    @Test
    void theCookiesOfAPageAreGoneAtTheNext() {
        origin.on("/set", Behaviours.body("text/html", Behaviours.utf8("<p id=out>set"), "Set-Cookie: a=b; Path=/"))
                .on("/", Behaviours.page("<p id=out></p><script>out.textContent = document.cookie + '.'</script>"));

        assertThat(browsers.out(origin.url("/set"), Browsers.OPTIONS)).isEqualTo("set");
        assertThat(browsers.out(origin.url("/"), Browsers.OPTIONS)).isEqualTo(".");
    }

    @Test
    void aWaitIsForAnElementOrAWhile() {
        origin.on(
                "/",
                Behaviours.page("<p id=out>early</p><script>setTimeout(() => { out.textContent = 'late';"
                        + " document.body.append(document.createElement('hr')); }, 1500)</script>"));

        assertThat(out()).isEqualTo("early");
        assertThat(out(new PageAction.Wait("hr", Duration.ZERO))).isEqualTo("late");
        assertThat(out(new PageAction.Wait("xpath://hr", Duration.ZERO))).isEqualTo("late");
        assertThat(out(new PageAction.Wait(null, Duration.ofSeconds(3)))).isEqualTo("late");
    }

    @Test
    void anActionThatCannotBeDoneNamesItsIndexAndSelector() {
        origin.on("/", Behaviours.page("<p id=out>x</p><button disabled id=off>off</button><p id=text>text"));
        PageAction first = new PageAction.Click("p");

        assertThat(failure(first, new PageAction.Click("#more")))
                .startsWith("Action 1 (click '#more') failed: nothing on the page matches it");
        assertThat(failure(new PageAction.Click("#off"))).startsWith("Action 0 (click '#off') failed: what it matches");
        assertThat(failure(first, first, new PageAction.Type("#text", "x"))).startsWith("Action 2 (type '#text')");
        assertThat(failure(new PageAction.Press(null, "NoSuchKey"))).startsWith("Action 0 (press NoSuchKey)");
        assertThat(failure(new PageAction.Scroll("#box", 3))).startsWith("Action 0 (scroll '#box')");
        assertThat(failure(new PageAction.Wait("#never", Duration.ZERO))).startsWith("Action 0 (wait '#never')");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text=x",
                "internal:control=enter-frame",
                "p >> text=x",
                "css=p >> xpath=//p",
                "xpath:////",
                "xpath:",
                "p[",
                "id=out",
                "_react=x",
                "\"x\"",
                ""
            })
    void selectorsOfOtherEnginesAreNone(String selector) {
        origin.on("/", Behaviours.page("<p id=out>x</p>"));

        assertThat(failure(new PageAction.Click(selector))).startsWith("Action 0 (click '");
    }

    @Test
    void whereAnActionLeadsToWhatCannotBeHadThePageFails() {
        origin.on(
                        "/",
                        Behaviours.page(
                                "<a href=/gone id=gone>x</a><a href=/file id=file>x</a><a href=/json id=json>x</a>"
                                        + "<a href=http://10.1.2.3/ id=inside>x</a>"))
                .on("/file", Behaviours.body("application/zip", new byte[10]))
                .on("/json", Behaviours.body("application/json", Behaviours.utf8("{}")));

        failed(ErrorCode.HTTP_4XX, new PageAction.Click("#gone"));
        failed(ErrorCode.NOT_HTML, new PageAction.Click("#file"));
        failed(ErrorCode.NOT_HTML, new PageAction.Click("#json"));
        failed(ErrorCode.EGRESS_REFUSED, new PageAction.Click("#inside"));
    }

    private String out(PageAction... actions) {
        return String.valueOf(browsers.out(origin.url("/"), Browsers.doing(actions)));
    }

    private String failure(PageAction... actions) {
        return failed(ErrorCode.ACTION_FAILED, actions).message();
    }

    private Outcome.Failed failed(ErrorCode code, PageAction... actions) {
        ScrapeOptions options = Browsers.options(
                Duration.ofSeconds(2),
                new BrowserOptions(true, null, Duration.ZERO, List.of(actions), false, Set.of()));
        return browsers.failed(origin.url("/"), options, code);
    }
}
