package io.bactrian.scrape.browser;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.PlaywrightException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Our own scripts in a page: they see its document, and not what its scripts have done to the language. */
final class IsolatedWorld {
    private static final int MOST_TRIES = 5;

    private final CDPSession session;
    private final String mainFrame;

    IsolatedWorld(CDPSession session, String mainFrame) {
        this.session = session;
        this.mainFrame = mainFrame;
    }

    /**
     * Calls a function in the document that is there now, again where that is replaced meanwhile.
     *
     * @return what it returns, or its promise is fulfilled with
     * @throws PlaywrightException if it throws, or the document keeps being replaced
     */
    JsonElement call(String function, Object... arguments) {
        for (int tries = 1; ; tries++) {
            try {
                return callOnce(function, arguments);
            } catch (PlaywrightException failure) {
                if (tries == MOST_TRIES || !isReplaced(failure)) {
                    throw failure;
                }
            }
        }
    }

    private JsonElement callOnce(String function, Object... arguments) {
        int context = session.send(
                        "Page.createIsolatedWorld", Json.object("frameId", mainFrame, "worldName", "bactrian"))
                .get("executionContextId")
                .getAsInt();
        JsonObject answer = session.send(
                "Runtime.callFunctionOn",
                Json.object(
                        "functionDeclaration",
                        function,
                        "executionContextId",
                        context,
                        "arguments",
                        Json.array(Arrays.stream(arguments)
                                .map(argument -> Json.object("value", argument))
                                .toList()),
                        "returnByValue",
                        true,
                        "awaitPromise",
                        true));
        if (answer.has("exceptionDetails")) {
            throw new PlaywrightException(
                    "The page does not allow it: " + Json.text(answer.getAsJsonObject("exceptionDetails"), "text"));
        }
        @Nullable JsonElement value = answer.getAsJsonObject("result").get("value");
        return value == null ? JsonNull.INSTANCE : value;
    }

    static boolean isReplaced(PlaywrightException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.contains("Execution context was destroyed")
                || message.contains("Cannot find context with specified id")
                || message.contains("Inspected target navigated")
                || message.contains("Promise was collected")
                || message.contains("No frame for given id");
    }
}
