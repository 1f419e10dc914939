package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages that need a browser, scraped over the API by a real one. */
@ExtendWith(RunningService.class)
class BrowserTasksTest {
    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start();

    BrowserTasksTest(Service service) {
        this.account = service.register().onPlan("professional");
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void aPageThatItsScriptsMakeIsScrapedAsTheyHaveMadeIt() {
        site.on("/shop", Behaviours.page("""
                        <h1>Loading</h1><ul></ul>
                        <script>
                          fetch('/prices').then(answer => answer.json()).then(prices => {
                            document.querySelector('h1').textContent = 'Shop';
                            for (const [name, price] of Object.entries(prices))
                              document.querySelector('ul').insertAdjacentHTML('beforeend', `<li>${name}: ${price}</li>`);
                          });
                        </script>""")).on("/prices", Behaviours.body("application/json", Behaviours.utf8("""
                        {"anvil": "19.99", "rocket": "250.00"}""")));

        JsonNode row = rowOf(TaskRequest.advanced(site.url("/shop"))
                .config("selectors", "{\"title\": \"h1\", \"prices\": {\"selector\": \"li\", \"all\": true}}")
                .config("wait_for_selector", "\"li:nth-child(2)\""));

        assertThat(row.path("data")).hasToString("""
                {"title":"Shop","prices":["anvil: 19.99","rocket: 250.00"]}""");
    }

    @Test
    void whatLiesBehindAClickALoginAndAnEndlessListIsReachedByActions() {
        site.on("/", Behaviours.page("""
                        <form onsubmit="event.preventDefault(); if (user.value == 'ada' && word.value == 'secret') enter()">
                          <input id="user" value="nobody"><input id="word" type="password"><button hidden>Sign in</button>
                        </form>
                        <h1></h1><div id="list" style="height: 200px; overflow: auto"></div>
                        <script>
                          let pages = 0;
                          function enter() {
                            document.forms[0].remove();
                            document.body.insertAdjacentHTML('beforeend', '<a href="#" id="more" onclick="show(); return false">More</a>');
                          }
                          function show() { document.querySelector('h1').textContent = 'Members'; load(); }
                          function load() {
                            if (pages++ < 3) list.insertAdjacentHTML('beforeend', '<p style="height: 300px">' + pages + '</p>');
                          }
                          list.addEventListener('scroll', () => { if (list.scrollTop + 210 >= list.scrollHeight) load(); });
                        </script>"""));

        JsonNode row = rowOf(TaskRequest.advanced(site.url("/"))
                .config("selectors", "{\"title\": \"h1\", \"items\": {\"selector\": \"#list p\", \"all\": true}}")
                .config("actions", """
                        [{"type": "type", "selector": "#user", "text": "ada"},
                         {"type": "type", "selector": "xpath://input[@type='password']", "text": "secret"},
                         {"type": "press", "selector": "#word", "key": "Enter"},
                         {"type": "click", "selector": "#more"},
                         {"type": "wait", "selector": "#list p"},
                         {"type": "scroll", "selector": "#list", "times": 10},
                         {"type": "wait", "ms": 50}]"""));

        assertThat(row.path("data")).hasToString("""
                {"title":"Members","items":["1","2","3"]}""");
    }

    @Test
    void anActionThatFailsIsNamedByItsIndex() {
        site.on("/", Behaviours.page("<h1>Nothing to click</h1>"));

        JsonNode row = rowOf(TaskRequest.advanced(site.url("/"))
                .config("timeout", "2")
                .config(
                        "actions",
                        "[{\"type\": \"wait\", \"ms\": 1}, {\"type\": \"click\", \"selector\": \"#missing\"}]"));

        assertThat(row.path("error").path("code").asText()).isEqualTo("action_failed");
        assertThat(row.path("error").path("message").asText()).contains("1").contains("#missing");
    }

    @Test
    void aScreenshotIsHadAtThePathThatItsRowTells() throws IOException {
        site.on("/red", Behaviours.page("<body style='margin: 0; background: #f00; height: 3000px'><h1>Red</h1>"));
        String task = account.create(
                TaskRequest.advanced(site.url("/red"), site.url("/missing")).config("screenshot", "true"));
        account.awaitEnd(task);

        List<JsonNode> rows = account.rows(task);
        String path = rows.get(0).path("metadata").path("screenshot_url").asText();
        assertThat(path).isEqualTo("/tasks/" + task + "/screenshots/1");
        assertThat(rows.get(0).path("metadata").size()).isEqualTo(1);
        assertThat(rows.get(1).path("metadata").isEmpty()).isTrue();
        assertThat(account.get("/tasks/" + task + "/download?format=csv").text())
                .contains(path);

        Reply picture = account.get(path).expect(200);
        assertThat(picture.header("Content-Type")).isEqualTo("image/png");
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(picture.body()));
        assertThat(image.getHeight()).isEqualTo(3000);
        assertThat(image.getRGB(image.getWidth() / 2, 2900) & 0xFFFFFF).isEqualTo(0xFF0000);

        account.get("/tasks/" + task + "/screenshots/2").expect(404);
        account.get("/tasks/" + task + "/screenshots/0").expect(404);
        account.delete("/tasks/" + task).expect(200);
        account.get(path).expect(404);
    }

    @Test
    void aBrowsersPageCostsTenUnits() {
        site.on("/", Behaviours.page("<h1>Dear</h1>"));
        String task = account.create(TaskRequest.advanced(site.url("/"), site.url("/missing")));

        assertThat(account.awaitEnd(task).path("compute_units_consumed").asInt())
                .isEqualTo(10);
        assertThat(account.task(task).path("estimated_compute_units").asInt()).isEqualTo(20);
    }

    @Test
    void aPlanWithBasicScrapingOnlyHasNoBrowser() {
        Account free = account.service().register();

        assertThat(free.post("/tasks", TaskRequest.advanced(site.url("/")).json())
                        .expect(403)
                        .json()
                        .path("error")
                        .asText())
                .isEqualTo("authorization_error");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            actions | [{"type": "click"}] | config.actions[0].selector
            actions | [{"type": "wait", "ms": 1}, {"type": "type", "selector": "#a"}] | config.actions[1].text
            actions | [{"type": "press", "selector": "#a"}] | config.actions[0].key
            actions | [{"type": "press", "key": "Control+"}] | config.actions[0].key
            actions | [{"type": "wait"}] | config.actions[0]
            actions | [{"type": "drag", "selector": "#a"}] | config.actions[0].type
            actions | [{"type": "scroll", "times": 0}] | config.actions[0].times
            actions | [{"type": "click", "selector": "#a", "when": 1}] | config.actions[0].when
            actions | [{"type": "click", "selector": "a[href"}] | config.actions[0].selector
            actions | [{"type": "click", "selector": "div >> internal:control=enter-frame"}] | config.actions[0].selector
            wait_for_selector | "xpath://a[" | config.wait_for_selector
            wait_for_selector | " " | config.wait_for_selector
            wait_ms | 60001 | config.wait_ms
            block_resources | ["xhr"] | config.block_resources[0]
            block_resources | "all" | config.block_resources
            screenshot | "yes" | config.screenshot
            javascript_enabled | 1 | config.javascript_enabled
            proxy_rotation | {"per": "page"} | config.proxy_rotation.per
            proxy_rotation | {"pool": "nobody"} | config.proxy_rotation.pool
            batch_size | 3 | config.batch_size
            """)
    void whatTheBrowserCannotDoIsRefusedByName(String field, String value, String named) {
        Reply reply = account.post(
                "/tasks",
                TaskRequest.advanced(site.url("/")).config(field, value).json());

        reply.assertSelextractError(400, "validation_error");
        assertThat(reply.fields()).containsExactly(named);
    }

    private JsonNode rowOf(TaskRequest request) {
        return account.rowsOf(request.config("retry_attempts", "0")).getFirst();
    }
}
