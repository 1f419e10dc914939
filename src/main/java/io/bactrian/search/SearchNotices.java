package io.bactrian.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.account.Account;
import io.bactrian.event.Event;
import io.bactrian.event.EventType;
import io.bactrian.event.Events;
import io.bactrian.job.Job;
import io.bactrian.mail.EmailDecision;
import io.bactrian.mail.Mail;
import io.bactrian.mail.Mails;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tells of the new places that a run has found: to the account's webhooks, and by a letter. */
@Component
class SearchNotices {
    /** Places in a letter. */
    private static final int MOST_ROWS = 50;

    /** Characters of a cell, beyond which no one reads. */
    private static final int CELL = 200;

    /** What makes a place large, and is with the job. */
    private static final List<String> LEFT_OUT = List.of("reviews", "images");

    private static final List<String> COLUMNS = List.of("Name", "Category", "Rating", "Phone", "Website", "Address");

    private final Events events;
    private final Mails mails;

    SearchNotices(Events events, Mails mails) {
        this.events = events;
        this.mails = mails;
    }

    /**
     * Tells whoever wants to hear of it, with the surrounding transaction.
     *
     * @return why the e-mail was held back, or null if there is none or it is on its way
     */
    @Nullable
    String tell(Account account, SavedSearch search, Job job, Instant scheduledFor, NewPlaces places) {
        SearchDefinition definition = search.definition();
        if (definition.notifyWebhook()) {
            events.publish(new Event(
                    account.id(),
                    EventType.SEARCH_COMPLETED,
                    Long.toString(search.id()),
                    job.status().code(),
                    new SearchCompleted(
                            search.id(),
                            definition.name(),
                            job.id(),
                            account.number(),
                            job.resultCount(),
                            places.count(),
                            places.first().stream()
                                    .map(place -> place.deepCopy().without(LEFT_OUT))
                                    .map(ObjectNode.class::cast)
                                    .toList(),
                            places.count() - places.first().size(),
                            scheduledFor),
                    null));
        }
        String receiver = definition.notifyOwner() ? account.email() : definition.notifyEmail();
        if (receiver == null) {
            return null;
        }
        EmailDecision decision = mails.send(account.id(), letter(receiver, search, job, places));
        return decision == EmailDecision.SENT ? null : decision.reason();
    }

    private static Mail letter(String receiver, SavedSearch search, Job job, NewPlaces places) {
        String name = Mail.quoted(search.definition().name());
        String news = places.count() == 1 ? "1 new place" : places.count() + " new places";
        List<String> paragraphs = new ArrayList<>();
        paragraphs.add("The saved search %s has found %d places, of which %d are new."
                .formatted(name, job.resultCount(), places.count()));
        if (places.count() > MOST_ROWS) {
            paragraphs.add("The first %d of the new ones are below.".formatted(MOST_ROWS));
        }
        paragraphs.add("All results are with the job %s.".formatted(job.id()));
        return new Mail(
                receiver,
                news + ": " + name,
                paragraphs,
                places.count() == 0
                        ? null
                        : new Mail.Table(
                                COLUMNS,
                                places.first().stream()
                                        .limit(MOST_ROWS)
                                        .map(SearchNotices::row)
                                        .toList()));
    }

    private static List<String> row(ObjectNode place) {
        return Stream.of(
                        text(place.path("placeName")),
                        text(place.path("category")),
                        text(place.path("totalReviewScore")),
                        text(place.path("phoneNumber")),
                        text(place.path("website")),
                        text(place.path("address").path("fullAddress")))
                .map(SearchNotices::cell)
                .toList();
    }

    private static String text(@Nullable JsonNode value) {
        return value == null || value.isNull() ? "" : value.asText();
    }

    private static String cell(String text) {
        String line = line(text);
        return line.codePointCount(0, line.length()) <= CELL
                ? line
                : line.substring(0, line.offsetByCodePoints(0, CELL)) + "\u2026";
    }

    private static String line(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ").strip();
    }
}
