package io.bactrian.places.openstreetmap;

import io.bactrian.egress.EgressRequest;
import io.bactrian.egress.HttpUrl;
import io.bactrian.places.VisitOutcome;
import io.bactrian.places.VisitRequest;
import io.bactrian.scrape.ErrorCode;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Overpass, which finds the elements of OpenStreetMap by their tags. */
final class Overpass {
    /** Some thousand elements with all their tags have two megabytes. */
    private static final int LARGEST_ANSWER = 8 * 1024 * 1024;

    private final PublicApi api;
    private final URI interpreter;

    Overpass(PublicApi api, URI interpreter) {
        this.api = api;
        this.interpreter = interpreter;
    }

    /**
     * Makes a query.
     *
     * @param found what becomes of its elements
     */
    VisitOutcome search(VisitRequest request, OverpassQuery query, Function<OverpassAnswer, VisitOutcome> found) {
        HttpUrl url = HttpUrl.parse(interpreter.toString());
        String form = "data=" + URLEncoder.encode(query.text(), StandardCharsets.UTF_8);
        EgressRequest.Builder message = EgressRequest.post(url, form.getBytes(StandardCharsets.US_ASCII))
                .header("Content-Type", "application/x-www-form-urlencoded");
        return api.ask("Overpass", url, message, request.booked(), LARGEST_ANSWER, body -> {
            OverpassAnswer answer = OverpassAnswer.read(body, query.most());
            @Nullable String error = answer.error();
            return error == null || !answer.elements().isEmpty() ? found.apply(answer) : gaveUp(error);
        });
    }

    /** Overpass reports a query that took too much of its time or memory as a remark beside no elements. */
    private static VisitOutcome gaveUp(String error) {
        ErrorCode code = error.contains("timed out") ? ErrorCode.TIMEOUT : ErrorCode.EXTRACTION_FAILED;
        return new VisitOutcome.Failed(
                code.code(),
                "The search is too much work for Overpass: search a smaller location, or for a kind of place such as cafe.",
                false,
                null);
    }
}
