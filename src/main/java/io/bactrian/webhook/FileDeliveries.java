package io.bactrian.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.NotFoundException;
import io.bactrian.account.AccountRemains;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import io.bactrian.recovery.Recovery;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.stereotype.Service;

/** The deliveries of files to customers' endpoints, as they are asked for, listed, and made ready for each attempt. */
@Service
public final class FileDeliveries implements AccountRemains {
    private static final Logger LOG = LoggerFactory.getLogger(FileDeliveries.class);

    /** How long a delivery is put back whose file this node's disk does not take. */
    private static final Duration UNTIL_THE_DISK_HAS_ROOM = Duration.ofMinutes(1);

    private static final List<String> NO_ROOM = List.of("No space left on device", "Disk quota exceeded");

    private final DeliveryStore store;
    private final WebhookAttempts attempts;
    private final WebhookUrls urls;
    private final SigningSecrets secrets;
    private final DeliverySlots slots;
    private final DeliveryFiles files;
    private final ObjectProvider<FileSource> sources;
    private final ObjectMapper json;
    private final Clock clock;
    private final String userAgent;

    FileDeliveries(
            DeliveryStore store,
            WebhookAttempts attempts,
            WebhookUrls urls,
            SigningSecrets secrets,
            DeliverySlots slots,
            DeliveryFiles files,
            ObjectProvider<FileSource> sources,
            ObjectMapper json,
            Clock clock,
            @Value("${bactrian.scrape.contact-url:https://github.com/bactrian/bactrian}") String contactUrl) {
        this.store = store;
        this.attempts = attempts;
        this.urls = urls;
        this.secrets = secrets;
        this.slots = slots;
        this.files = files;
        this.sources = sources;
        this.json = json;
        this.clock = clock;
        this.userAgent = userAgent(contactUrl);
    }

    /** Who asks receivers to take something. */
    static String userAgent(String contactUrl) {
        return "BactrianBot/0.1 (webhooks; +" + contactUrl + ")";
    }

    /**
     * Asks for a file to be delivered, and gives the delivery's id. The message is in the outbox: the route goes on with
     * {@code direct:outbox-dispatch}.
     *
     * @param subject what the file is about, such as {@code job_123}; that it is the account's is for the caller to see to
     * @param url the receiver, in a field {@code url}
     * @throws io.bactrian.InvalidInputException if nothing may be sent to the URL
     */
    public long request(UUID accountId, String subject, String format, String url) {
        String receiver = urls.check("url", url);
        String eventId = "evt_" + UUID.randomUUID().toString().replace("-", "");
        return store.insert(accountId, subject, format, receiver, eventId);
    }

    /**
     * The account's deliveries of a subject, the newest first.
     *
     * @param page from 1
     */
    public DeliveryPage list(UUID accountId, String subject, int page, int limit) {
        return store.page(accountId, subject, page, limit);
    }

    /** Erases an account's deliveries, pending ones too, and its signing secret. */
    @Override
    public boolean eraseSome(UUID accountId) {
        boolean more = store.forget(accountId);
        secrets.forget(accountId);
        return more;
    }

    /**
     * Makes the attempt ready that a message asks for.
     *
     * @return the attempt, to be closed when it is over; or null when the message is out of date, was put back for a while,
     *     or there is nothing to send
     */
    public @Nullable PreparedDelivery prepare(String message) throws JsonProcessingException {
        PendingDelivery delivery =
                store.find(json.readValue(message, DeliveryToken.class)).orElse(null);
        if (delivery == null) {
            return null;
        }
        HttpUrl url = url(delivery);
        if (url == null) {
            return null;
        }
        DeliverySlots.Slot slot = slots.take(url.host(), delivery.accountId()).orElse(null);
        if (slot == null) {
            store.putBack(delivery.token(), slots.nextLook(url.host(), delivery.accountId()));
            return null;
        }
        PreparedDelivery prepared = null;
        try {
            prepared = prepare(delivery, url, slot);
        } catch (NotFoundException closed) {
            attempts.ended(delivery, "The account is closed.");
        } catch (IOException | RuntimeException failure) {
            notMade(delivery, failure);
        } finally {
            if (prepared == null) {
                slot.close();
            }
        }
        return prepared;
    }

    /** Only what is the file's own counts as an attempt: what fails for every file passes. */
    private void notMade(PendingDelivery delivery, Exception failure) {
        if (failure instanceof RuntimeException unchecked && !Recovery.isTheWorks(unchecked)) {
            throw unchecked;
        }
        LOG.warn("The file of delivery {} could not be made", delivery.token().delivery(), failure);
        if (isOfTheDisk(failure)) {
            store.putBack(delivery.token(), clock.instant().plus(UNTIL_THE_DISK_HAS_ROOM));
        } else {
            attempts.failed(delivery, "The file could not be made.");
        }
    }

    /** A write that finds no room has no type of its own. */
    private static boolean isOfTheDisk(Exception failure) {
        Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
        return cause instanceof FileSystemException
                || (cause instanceof IOException
                        && NO_ROOM.stream().anyMatch(String.valueOf(cause.getMessage())::contains));
    }

    /** Where a delivery goes; one to a URL that can no longer be read is over. */
    private @Nullable HttpUrl url(PendingDelivery delivery) {
        try {
            return HttpUrl.parse(delivery.url());
        } catch (EgressRefusedException e) {
            attempts.ended(delivery, String.valueOf(e.getMessage()));
            return null;
        }
    }

    private @Nullable PreparedDelivery prepare(PendingDelivery delivery, HttpUrl url, DeliverySlots.Slot slot)
            throws IOException {
        DeliverableFile content = open(delivery);
        if (content == null) {
            attempts.ended(delivery, "There is no such file any more.");
            return null;
        }
        List<SigningSecret> valid = secrets.valid(delivery.accountId());
        Path file = files.create();
        boolean written = false;
        try {
            Instant begunAt = clock.instant();
            WebhookSignature signature = new WebhookSignature(delivery.eventId(), begunAt, valid);
            try (OutputStream output =
                    new BufferedOutputStream(signature.through(Files.newOutputStream(file)), 64 * 1024)) {
                content.writer().writeTo(output);
            }
            written = true;
            return new PreparedDelivery(
                    store, delivery, url, file, content.mediaType(), headers(content, signature), begunAt, () -> {
                        slot.close();
                        files.delete(file);
                    });
        } finally {
            if (!written) {
                files.delete(file);
            }
        }
    }

    private @Nullable DeliverableFile open(PendingDelivery delivery) {
        return sources.orderedStream()
                .map(source -> source.open(delivery.accountId(), delivery.subject(), delivery.format()))
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(null);
    }

    private Map<String, String> headers(DeliverableFile content, WebhookSignature signature) {
        Map<String, String> headers = new HashMap<>(signature.headers());
        headers.put("User-Agent", userAgent);
        headers.put(
                "Content-Disposition",
                "attachment; filename=\"" + content.fileName().replaceAll("[^A-Za-z0-9._-]", "_") + "\"");
        return headers;
    }
}
