package io.bactrian.api;

import io.bactrian.InvalidInputException;
import io.bactrian.export.PlaceFormat;
import io.bactrian.export.PlaceFormats;
import io.bactrian.export.PlaceSink;
import io.bactrian.job.Job;
import io.bactrian.job.JobPlaces;
import io.bactrian.job.JobStatus;
import io.bactrian.webhook.DeliverableFile;
import io.bactrian.webhook.FileDeliveries;
import io.bactrian.webhook.FileSource;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Exports: a job's places, in a format, as a stream to who asks or to where it is to be sent. */
@Component
public class JobExports implements FileSource {
    private final JobApi jobs;
    private final JobPlaces places;
    private final PlaceFormats formats;
    private final FileDeliveries deliveries;
    private final Downloads downloads;

    JobExports(JobApi jobs, JobPlaces places, PlaceFormats formats, FileDeliveries deliveries, Downloads downloads) {
        this.jobs = jobs;
        this.places = places;
        this.formats = formats;
        this.deliveries = deliveries;
        this.downloads = downloads;
    }

    /**
     * The places of a completed job as a file.
     *
     * @throws InvalidInputException when there is no such format, or the job is not completed
     */
    public Answer download(ApiCall call) {
        PlaceFormat format = format(call);
        Job job = completed(call);
        return new Answer(
                200,
                Map.of("Content-Disposition", "attachment; filename=\"" + fileName(job, format) + "\""),
                downloads.of(call.accountId(), format.mediaType(), output -> copy(job, format, output)));
    }

    /**
     * Asks for the file to be sent to an endpoint of the client.
     *
     * @throws InvalidInputException when there is no such format, the job is not completed, or nothing may be sent to the URL
     */
    public Answer deliver(ApiCall call) {
        PlaceFormat format = format(call);
        Job job = completed(call);
        long delivery = deliveries.request(
                job.accountId(),
                job.id(),
                format.name(),
                call.object().path("url").asText());
        return DeliveryView.queued(delivery);
    }

    /** What became of the files of a job that were sent. */
    public Answer deliveries(ApiCall call) {
        Job job = jobs.find(call);
        return DeliveryView.page(deliveries.list(
                job.accountId(),
                job.id(),
                call.parameters().integer("page"),
                call.parameters().integer("limit")));
    }

    /** The file that a delivery is to send, made anew for each attempt. */
    @Override
    public Optional<DeliverableFile> open(UUID accountId, String subject, String formatName) {
        return formats.find(formatName)
                .flatMap(format -> jobs.completed(accountId, subject)
                        .map(job -> new DeliverableFile(
                                fileName(job, format), format.mediaType(), output -> copy(job, format, output))));
    }

    private PlaceFormat format(ApiCall call) {
        return formats.find(call.path().getOrDefault("format", ""))
                .orElseThrow(() -> new InvalidInputException(
                        "format", "Invalid format. Allowed: json, csv, xlsx, hubspot, salesforce"));
    }

    private Job completed(ApiCall call) {
        Job job = jobs.find(call);
        if (job.status() != JobStatus.COMPLETED) {
            throw new InvalidInputException("status", "Job is not completed");
        }
        return job;
    }

    private static String fileName(Job job, PlaceFormat format) {
        return job.id() + "." + format.extension();
    }

    /** Writes every place of a job; what fails half way is left visibly incomplete. */
    private void copy(Job job, PlaceFormat format, OutputStream output) throws IOException {
        try (PlaceSink sink = format.open(output)) {
            try {
                places.read(job, sink::write);
            } catch (IOException | RuntimeException failed) {
                sink.abandon();
                throw failed;
            }
        }
    }
}
