package io.bactrian.export;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Rows as a ZIP archive with one document a row; ZIP64 where there are more than 65,535 of them. */
final class ArchiveDocument implements Document<ExportRow> {
    /** The time of every entry, so that the same rows give the same archive; later than 1980, which means "unknown". */
    private static final LocalDateTime ENTRY_TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

    private final ExportFormat format;
    private final ExportLayout layout;
    private final ZipOutputStream archive;

    ArchiveDocument(ExportFormat format, ExportLayout layout, OutputStream out) {
        this.format = format;
        this.layout = layout;
        this.archive = new ZipOutputStream(new BufferedOutputStream(out), StandardCharsets.UTF_8);
        if (format == ExportFormat.XLSX) {
            // A workbook is compressed already.
            archive.setLevel(Deflater.NO_COMPRESSION);
        }
    }

    @Override
    public void write(ExportRow row) throws IOException {
        ZipEntry entry = new ZipEntry(FileNames.of(row.position(), row.url(), format));
        entry.setTimeLocal(ENTRY_TIME);
        archive.putNextEntry(entry);
        Document<ExportRow> document = Document.ofRows(format, layout, new DetachableOutputStream(archive));
        document.write(row);
        document.close();
        archive.closeEntry();
    }

    @Override
    public void close() throws IOException {
        archive.close();
    }
}
