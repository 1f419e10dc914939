package io.bactrian.job;

import io.bactrian.places.Place;
import io.bactrian.places.PlaceQuery;
import io.bactrian.places.VisitOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The places that jobs have found, in the order in which they were found; no place twice in a job. */
@Service
public class JobPlaces {
    /** Places that one read takes, so that a reader of all of them holds few. */
    private static final int AT_ONCE = 50;

    private static final int MOST_EMAILS = 10;

    private final JobStore store;
    private final JdbcClient database;

    JobPlaces(JobStore store, JdbcClient database) {
        this.store = store;
        this.database = database;
    }

    /** A place that was new to its job, and wanted. */
    record Kept(String placeId, @Nullable String website) {}

    /** Takes places one by one, as JSON. */
    @FunctionalInterface
    public interface Reader {
        void place(String json) throws IOException;
    }

    /**
     * Adds the places that pass the search's filters and are new, as long as the job wants more. The job is locked by this
     * transaction.
     */
    List<Kept> add(Job job, PlaceQuery query, List<Place> found) {
        PlaceFilter filter = new PlaceFilter(query);
        List<Kept> kept = new ArrayList<>();
        for (Place place : found) {
            int position = job.resultCount() + kept.size();
            if (position < job.maxResults() && filter.wants(place) && insert(job.number(), position, place)) {
                kept.add(new Kept(place.placeId(), place.website()));
            }
        }
        if (!kept.isEmpty()) {
            database.sql("UPDATE job SET result_count = result_count + ? WHERE id = ?")
                    .params(kept.size(), job.number())
                    .update();
        }
        return kept;
    }

    private boolean insert(long job, int position, Place place) {
        return database.sql("""
                        INSERT INTO job_place (job_id, position, place_id, place) VALUES (?, ?, ?, ?)
                        ON CONFLICT (job_id, place_id) DO NOTHING""")
                        .params(job, position, place.placeId(), store.write(place))
                        .update()
                == 1;
    }

    /** Adds what its website says of a place to what is known of it. */
    void enrich(long job, VisitOutcome.Contacted contacted) {
        database.sql("SELECT place FROM job_place WHERE job_id = ? AND place_id = ?")
                .params(job, contacted.placeId())
                .query((row, number) -> store.read(row.getString(1), Place.class))
                .optional()
                .ifPresent(place -> database.sql("UPDATE job_place SET place = ? WHERE job_id = ? AND place_id = ?")
                        .params(store.write(enriched(place, contacted)), job, contacted.placeId())
                        .update());
    }

    private static Place enriched(Place place, VisitOutcome.Contacted contacted) {
        Set<String> emails = new LinkedHashSet<>(place.emails() == null ? List.of() : place.emails());
        emails.addAll(contacted.emails());
        Map<String, String> links = new LinkedHashMap<>(place.socialLinks() == null ? Map.of() : place.socialLinks());
        contacted.socialLinks().forEach(links::putIfAbsent);
        return place.withContacts(emails.stream().limit(MOST_EMAILS).toList(), links);
    }

    /**
     * Places of a job, as JSON, from a position on.
     *
     * @param limit the most to give
     */
    public List<String> page(long job, int offset, int limit) {
        return database.sql("SELECT place FROM job_place WHERE job_id = ? AND position >= ? ORDER BY position LIMIT ?")
                .params(job, offset, limit)
                .query(String.class)
                .list();
    }

    /**
     * Reads all places of a job that has ended, a few at a time, with no database connection held between.
     *
     * @throws IllegalStateException when the job is deleted meanwhile
     */
    public void read(Job job, Reader reader) throws IOException {
        for (int offset = 0; offset < job.resultCount(); ) {
            List<String> some = page(job.number(), offset, AT_ONCE);
            if (some.isEmpty()) {
                throw new IllegalStateException(
                        "Job %s was deleted while its places were read.".formatted(job.number()));
            }
            for (String place : some) {
                reader.place(place);
            }
            offset += some.size();
        }
    }
}
