package io.bactrian.scrape.html;

import io.bactrian.scrape.CachedPages;
import io.bactrian.scrape.PageCaching;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The page cache in the table {@code page_cache}, shared by all nodes.
 *
 * <p>The table is unlogged: a crash of the database empties it, and pages are fetched again.
 */
@Component("pageCache")
public class DatabasePageCache implements PageCache, CachedPages {
    private static final Logger LOG = LoggerFactory.getLogger(DatabasePageCache.class);

    /** What a row takes beside its body, about. */
    private static final int ROW_OVERHEAD = 512;

    private static final int FORGOTTEN_AT_ONCE = 1_000;

    private final JdbcClient database;
    private final PageCacheProperties properties;
    private final Clock clock;

    DatabasePageCache(JdbcClient database, PageCacheProperties properties, Clock clock) {
        this.database = database;
        this.properties = properties;
        this.clock = clock;
    }

    @Override
    public @Nullable CachedPage find(String owner, byte[] key) {
        try {
            return orNull(
                    "looked up",
                    () -> database.sql("""
                            SELECT final_url, content_type, entity_tag, last_modified, fetched_at, body FROM page_cache
                             WHERE owner = ? AND key = ?""")
                            .params(owner, key)
                            .query((row, number) -> new CachedPage(
                                    row.getString(1),
                                    row.getString(2),
                                    row.getString(3),
                                    row.getString(4),
                                    row.getTimestamp(5).toInstant(),
                                    inflated(row.getBytes(6))))
                            .optional()
                            .orElse(null));
        } catch (UncheckedIOException corrupt) {
            LOG.warn("A page in the cache cannot be read, and is dropped", corrupt);
            drop(owner, key);
            return null;
        }
    }

    @Override
    public void keep(String owner, byte[] key, CachedPage page) {
        byte[] body = deflated(page.body());
        orNull(
                "kept",
                () -> database.sql("""
                        INSERT INTO page_cache
                            (owner, key, final_url, content_type, entity_tag, last_modified, fetched_at, size, body)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (owner, key) DO UPDATE SET final_url = excluded.final_url,
                            content_type = excluded.content_type, entity_tag = excluded.entity_tag,
                            last_modified = excluded.last_modified, fetched_at = excluded.fetched_at,
                            size = excluded.size, body = excluded.body
                         WHERE page_cache.fetched_at <= excluded.fetched_at""")
                        .params(
                                owner,
                                key,
                                page.finalUrl(),
                                page.contentType(),
                                page.entityTag(),
                                page.lastModified(),
                                Timestamp.from(page.fetchedAt()),
                                body.length + ROW_OVERHEAD,
                                body)
                        .update());
    }

    @Override
    public void confirm(String owner, byte[] key, Instant at) {
        orNull(
                "confirmed",
                () -> database.sql(
                                "UPDATE page_cache SET fetched_at = ? WHERE owner = ? AND key = ? AND fetched_at < ?")
                        .params(Timestamp.from(at), owner, key, Timestamp.from(at))
                        .update());
    }

    @Override
    public void drop(String owner, byte[] key) {
        orNull(
                "dropped",
                () -> database.sql("DELETE FROM page_cache WHERE owner = ? AND key = ?")
                        .params(owner, key)
                        .update());
    }

    @Override
    public boolean forget(String owner) {
        return database.sql("""
                        DELETE FROM page_cache WHERE ctid = ANY(ARRAY(
                            SELECT ctid FROM page_cache WHERE owner = ? LIMIT ? FOR UPDATE SKIP LOCKED))""").params(owner, FORGOTTEN_AT_ONCE).update() == FORGOTTEN_AT_ONCE;
    }

    /**
     * Forgets some of the pages that nobody may use any more, and of the oldest beyond {@code bactrian.page-cache.max-size}.
     *
     * @return whether there may be more
     */
    public boolean forgetOld() {
        // Rows that a lane is renewing are left to it.
        return database.sql("""
                        DELETE FROM page_cache WHERE ctid = ANY(ARRAY(
                            SELECT ctid FROM page_cache WHERE fetched_at <= greatest(?, (
                                SELECT max(fetched_at) FROM (
                                    SELECT fetched_at, sum(size) OVER (ORDER BY fetched_at DESC) AS total
                                      FROM page_cache) newest_first
                                 WHERE total > ?))
                             ORDER BY fetched_at LIMIT ? FOR UPDATE SKIP LOCKED))""")
                        .params(
                                Timestamp.from(clock.instant().minus(PageCaching.LONGEST)),
                                properties.maxSize().toBytes(),
                                FORGOTTEN_AT_ONCE)
                        .update()
                == FORGOTTEN_AT_ONCE;
    }

    /** A page is better fetched again, or not kept, than lost because the cache is in trouble. */
    private static <T extends @Nullable Object> @Nullable T orNull(String what, Supplier<T> access) {
        try {
            return access.get();
        } catch (DataAccessException trouble) {
            LOG.warn("A page could not be {} in the cache", what, trouble);
            return null;
        }
    }

    private static byte[] deflated(byte[] body) {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(body.length / 4 + 64);
        try (DeflaterOutputStream out = new DeflaterOutputStream(compressed, deflater)) {
            out.write(body);
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory failed", impossible);
        } finally {
            deflater.end();
        }
        return compressed.toByteArray();
    }

    private static byte[] inflated(byte[] compressed) {
        try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(compressed))) {
            return in.readNBytes(LARGEST_BODY);
        } catch (IOException corrupt) {
            throw new UncheckedIOException("A cached page is corrupt.", corrupt);
        }
    }
}
