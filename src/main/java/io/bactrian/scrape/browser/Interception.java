package io.bactrian.scrape.browser;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.PlaywrightException;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import io.bactrian.egress.ResponseHead;
import io.bactrian.scrape.BrowserOptions.ResourceKind;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.TrustedOrigins;
import io.bactrian.scrape.page.PageAnswer;
import io.bactrian.scrape.page.PageFailure;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of a tab that stop here on their way: main documents, kinds of resources that are not loaded, those of scripts,
 * whose end tells when a page has come to rest, and all of them where a task has headers for its trusted origins alone.
 *
 * <p>Between visits every main document is refused, so a page cannot move on by itself.
 */
final class Interception {
    private static final Logger LOG = LoggerFactory.getLogger(Interception.class);
    private static final Set<String> OF_SCRIPTS = Set.of("XHR", "Fetch");
    private static final int BLOCK = 256 * 1024;

    private final CDPSession session;
    private final String mainFrame;
    private final Deque<JsonObject> paused = new ArrayDeque<>();
    private final Set<String> inFlight = new HashSet<>();

    private @Nullable MainDocument document;
    private TrustedOrigins trusted = TrustedOrigins.of(PageRequest.NO_ORIGIN, Set.of());
    private Map<String, String> secrets = Map.of();
    private Set<String> blocked = Set.of();
    private String patterns = "";
    private boolean answering;
    private boolean navigating;
    private boolean expecting;

    Interception(CDPSession session, String mainFrame) {
        this.session = session;
        this.mainFrame = mainFrame;
        session.on("Fetch.requestPaused", this::take);
        session.on("Page.frameRequestedNavigation", requested -> {
            if (mainFrame.equals(Json.text(requested, "frameId"))) {
                expecting = true;
            }
        });
        session.send("Page.enable");
    }

    /**
     * Begins with another page.
     *
     * @param secretHeaders headers for the trusted origins alone, by name
     */
    void begin(
            MainDocument next, TrustedOrigins origins, Set<ResourceKind> notLoaded, Map<String, String> secretHeaders) {
        document = next;
        trusted = origins;
        secrets = Map.copyOf(secretHeaders);
        Set<String> types = new HashSet<>();
        notLoaded.forEach(kind ->
                types.add(kind.name().charAt(0) + kind.name().substring(1).toLowerCase(Locale.ROOT)));
        blocked = Set.copyOf(types);
        inFlight.clear();
        navigating = false;
        expecting = false;
        JsonObject enable = Json.object("patterns", Json.array(wanted()));
        if (!enable.toString().equals(patterns)) {
            session.send("Fetch.enable", enable);
            patterns = enable.toString();
        }
    }

    private List<JsonObject> wanted() {
        List<JsonObject> wanted = new ArrayList<>();
        for (String type : List.of("Document", "XHR", "Fetch")) {
            wanted.add(Json.object("resourceType", type, "requestStage", "Request"));
            wanted.add(Json.object("resourceType", type, "requestStage", "Response"));
        }
        if (secrets.isEmpty()) {
            blocked.stream()
                    .sorted()
                    .forEach(type -> wanted.add(Json.object("resourceType", type, "requestStage", "Request")));
        } else {
            wanted.add(Json.object("urlPattern", "*", "requestStage", "Request"));
        }
        return wanted;
    }

    /** Ends the visit. */
    void end() {
        document = null;
    }

    /** Whether the page is on its way to another document, or a script waits for an answer. */
    boolean isBusy() {
        return navigating || !inFlight.isEmpty();
    }

    boolean isNavigating() {
        return navigating;
    }

    /** Whether the page has said that it goes elsewhere, and has not yet asked for what is there. */
    boolean isExpecting() {
        return expecting;
    }

    /** Expects nothing any more: not every way leads to a document. */
    void expectNothing() {
        expecting = false;
    }

    /** The main document is parsed. */
    void arrived() {
        navigating = false;
        expecting = false;
        inFlight.clear();
        if (document != null) {
            document.arrived();
        }
    }

    /** Takes them one after another: an answer waits for messages, and so another request can come in the middle of it. */
    private void take(JsonObject request) {
        paused.add(request);
        if (answering) {
            return;
        }
        answering = true;
        try {
            for (JsonObject next = paused.poll(); next != null; next = paused.poll()) {
                answer(next);
            }
        } finally {
            answering = false;
        }
        @Nullable MainDocument current = document;
        @Nullable PageFailure failure = current == null ? null : current.failure();
        if (failure != null) {
            // Ends whatever is being waited for; the failure is the document's to tell.
            throw new PlaywrightException(failure.message());
        }
    }

    private void answer(JsonObject event) {
        try {
            decide(event);
        } catch (PlaywrightException gone) {
            // The request was cancelled meanwhile, or the browser died, which shows elsewhere.
            LOG.debug("A paused request could not be answered", gone);
        }
    }

    private void decide(JsonObject event) {
        String type = event.get("resourceType").getAsString();
        boolean answered = event.has("responseStatusCode") || event.has("responseErrorReason");
        if (type.equals("Document") && mainFrame.equals(Json.text(event, "frameId"))) {
            if (answered) {
                mainAnswered(event);
            } else {
                mainRequested(event);
            }
        } else if (!answered && blocked.contains(type)) {
            fail(event, "BlockedByClient");
        } else {
            if (OF_SCRIPTS.contains(type)) {
                track(event, answered);
            }
            goOn(event, answered);
        }
    }

    private void track(JsonObject event, boolean answered) {
        @Nullable String id = Json.text(event, "networkId");
        if (id != null && answered) {
            inFlight.remove(id);
        } else if (id != null && inFlight.size() < 1000) {
            inFlight.add(id);
        }
    }

    private void mainRequested(JsonObject event) {
        expecting = false;
        @Nullable MainDocument current = document;
        if (current == null || !current.mayRequest(url(event))) {
            fail(event, "Aborted");
            return;
        }
        navigating = true;
        goOn(event, false);
    }

    private void mainAnswered(JsonObject event) {
        @Nullable MainDocument current = document;
        if (current == null) {
            fail(event, "Aborted");
            return;
        }
        if (!event.has("responseStatusCode")) {
            navigating = false;
            current.brokeOff(String.valueOf(Json.text(event, "responseErrorReason")));
            goOn(event, false);
            return;
        }
        List<Map.Entry<String, String>> fields = Json.fields(event.get("responseHeaders"));
        @Nullable String phrase = Json.text(event, "responseStatusText");
        int status = event.get("responseStatusCode").getAsInt();
        ResponseHead head = new ResponseHead(status, phrase == null ? "" : phrase, fields);
        switch (current.judge(head, event.has("redirectedRequestId"))) {
            case PASS -> goOn(event, true);
            case AS_HTML -> asHtml(event, current, fields);
            case EMPTY ->
                session.send(
                        "Fetch.fulfillRequest",
                        Json.object(
                                "requestId",
                                event.get("requestId"),
                                "responseCode",
                                200,
                                "responseHeaders",
                                Json.list(List.of(Map.entry("Content-Type", "text/html")))));
            case READ -> {
                byte @Nullable [] body = read(event, current);
                if (body != null) {
                    current.read(body);
                }
                refuse(event);
            }
            case REFUSE -> refuse(event);
        }
    }

    private void refuse(JsonObject event) {
        navigating = false;
        fail(event, "Aborted");
    }

    /** Gives the tab the body under another media type: changing the header alone does not change how it is rendered. */
    private void asHtml(JsonObject event, MainDocument current, List<Map.Entry<String, String>> fields) {
        byte @Nullable [] body = read(event, current);
        if (body == null) {
            refuse(event);
            return;
        }
        String charset = fields.stream()
                .filter(field -> field.getKey().equalsIgnoreCase("Content-Type"))
                .map(Map.Entry::getValue)
                .filter(type -> type.indexOf(';') >= 0)
                .map(type -> type.substring(type.indexOf(';')))
                .findFirst()
                .orElse("");
        session.send(
                "Fetch.fulfillRequest",
                Json.object(
                        "requestId",
                        event.get("requestId"),
                        "responseCode",
                        200,
                        "responseHeaders",
                        Json.list(List.of(Map.entry("Content-Type", "text/html" + charset))),
                        "body",
                        Base64.getEncoder().encodeToString(body)));
    }

    /** The body, read as far as the limit allows and not into the browser; null, and the page has failed, where it cannot be had. */
    private byte @Nullable [] read(JsonObject event, MainDocument current) {
        String stream = session.send("Fetch.takeResponseBodyAsStream", Json.object("requestId", event.get("requestId")))
                .get("stream")
                .getAsString();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try {
            boolean more = true;
            while (more && body.size() <= current.maxBodySize()) {
                if (current.deadline().hasPassed()) {
                    current.fail(PageFailure.of(ErrorCode.TIMEOUT, "The page did not arrive within its timeout."));
                    return null;
                }
                JsonObject block = session.send("IO.read", Json.object("handle", stream, "size", BLOCK));
                String data = block.get("data").getAsString();
                body.writeBytes(
                        block.has("base64Encoded") && block.get("base64Encoded").getAsBoolean()
                                ? Base64.getDecoder().decode(data)
                                : data.getBytes(StandardCharsets.UTF_8));
                more = !block.get("eof").getAsBoolean();
            }
        } catch (PlaywrightException broken) {
            @Nullable PageFailure network = current.networkFailure();
            current.fail(
                    network != null
                            ? network
                            : PageFailure.of(
                                    ErrorCode.CONNECTION_RESET,
                                    "The connection was closed before the whole page had arrived."));
            return null;
        }
        session.send("IO.close", Json.object("handle", stream));
        if (body.size() > current.maxBodySize()) {
            current.fail(PageAnswer.tooLarge(current.maxBodySize()));
            return null;
        }
        return body.toByteArray();
    }

    private void goOn(JsonObject event, boolean answered) {
        JsonObject answer = Json.object("requestId", event.get("requestId"));
        if (answered && event.has("responseStatusCode")) {
            session.send("Fetch.continueResponse", answer);
            return;
        }
        if (!answered && !secrets.isEmpty()) {
            JsonObject headers = event.getAsJsonObject("request").getAsJsonObject("headers");
            if (isTrusted(url(event))) {
                answer.add("headers", withSecrets(headers));
            } else if (headers.entrySet().stream().anyMatch(this::isSecret)) {
                answer.add("headers", withoutSecrets(headers));
            }
        }
        session.send("Fetch.continueRequest", answer);
    }

    private boolean isTrusted(String url) {
        try {
            return trusted.contain(HttpUrl.parse(url));
        } catch (EgressRefusedException elsewhere) {
            return false;
        }
    }

    private JsonElement withSecrets(JsonObject headers) {
        List<Map.Entry<String, String>> all = new ArrayList<>();
        for (Map.Entry<String, JsonElement> header : headers.entrySet()) {
            if (secrets.keySet().stream().noneMatch(header.getKey()::equalsIgnoreCase)) {
                all.add(Map.entry(header.getKey(), header.getValue().getAsString()));
            }
        }
        secrets.forEach((name, value) -> all.add(Map.entry(name, value)));
        return Json.list(all);
    }

    /** A redirect inherits the headers that its request was given. */
    private JsonElement withoutSecrets(JsonObject headers) {
        return Json.list(headers.entrySet().stream()
                .filter(header -> !isSecret(header))
                .map(header -> Map.entry(header.getKey(), header.getValue().getAsString()))
                .toList());
    }

    private boolean isSecret(Map.Entry<String, JsonElement> header) {
        return secrets.entrySet().stream()
                .anyMatch(secret -> secret.getKey().equalsIgnoreCase(header.getKey())
                        && secret.getValue().equals(header.getValue().getAsString()));
    }

    private void fail(JsonObject event, String reason) {
        session.send("Fetch.failRequest", Json.object("requestId", event.get("requestId"), "errorReason", reason));
    }

    private static String url(JsonObject event) {
        return event.getAsJsonObject("request").get("url").getAsString();
    }
}
