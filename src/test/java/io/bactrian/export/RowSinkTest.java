package io.bactrian.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RowSinkTest {

    @ParameterizedTest
    @EnumSource
    void aFormatIsKnownByItsExtension(ExportFormat format) {
        assertThat(ExportFormat.of(format.extension())).isEqualTo(format);
    }

    @Test
    void anUnknownFormatNamesTheKnownOnes() {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> ExportFormat.of("xml"))
                .withMessageContaining("json, jsonl, csv, xlsx");
    }

    @ParameterizedTest
    @EnumSource
    void aSinkFlushesTheStreamAndNeverClosesIt(ExportFormat format) throws IOException {
        Consumer consumer = new Consumer(Integer.MAX_VALUE);
        RowSink sink = RowSink.open(format, Rows.LAYOUT, consumer);
        sink.write(Rows.HAD);
        sink.close();
        int size = consumer.bytes.size();
        sink.close();

        assertThat(consumer.closed).isZero();
        assertThat(consumer.flushed).isEqualTo(1);
        assertThat(consumer.bytes.size()).isEqualTo(size);
        assertThatIllegalStateException().isThrownBy(() -> sink.write(Rows.LOST));
    }

    @ParameterizedTest
    @EnumSource
    void theFailureOfAConsumerThatLeftComesThroughUntouched(ExportFormat format) throws IOException {
        Consumer consumer = new Consumer(20_000);
        RowSink sink = RowSink.open(format, Rows.LAYOUT, consumer);

        assertThatThrownBy(() -> writeUntilItFails(sink)).isSameAs(consumer.failure);
        assertThatIllegalStateException().isThrownBy(() -> sink.write(Rows.LOST));
        sink.close();
        assertThat(consumer.failures).isEqualTo(1);
        assertThat(consumer.closed).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void theSameHoldsForIndividualFiles(ExportFormat format) throws IOException {
        Consumer consumer = new Consumer(20_000);
        RowSink sink = RowSink.individualFiles(format, Rows.LAYOUT, consumer);

        assertThatThrownBy(() -> writeUntilItFails(sink)).isSameAs(consumer.failure);
        sink.close();
        assertThat(consumer.failures).isEqualTo(1);
        assertThat(consumer.closed).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aFailureAtTheEndIsThrownByClose(ExportFormat format) throws IOException {
        Consumer consumer = new Consumer(0);
        RowSink sink = RowSink.open(format, Rows.LAYOUT, consumer);
        sink.write(Rows.HAD);

        assertThatThrownBy(sink::close).isSameAs(consumer.failure);
        sink.close();
    }

    @ParameterizedTest
    @EnumSource
    void anAbandonedDocumentIsLeftIncomplete(ExportFormat format) throws IOException {
        ByteArrayOutputStream complete = new ByteArrayOutputStream();
        complete.write(Rows.export(format, Rows.LAYOUT, Rows.HAD));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (RowSink sink = RowSink.open(format, Rows.LAYOUT, out)) {
            sink.write(Rows.HAD);
            sink.abandon();
        }

        assertThat(out.size()).isLessThan(complete.size());
    }

    private static void writeUntilItFails(RowSink sink) throws IOException {
        for (int position = 0; position < 100_000; position++) {
            sink.write(new ExportRow(position, "https://a.example/" + position, Rows.HAD.data(), null, null, null));
        }
    }

    /** A stream whose other end goes away after some bytes. */
    private static final class Consumer extends OutputStream {
        private final IOException failure = new IOException("Broken pipe");
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final int limit;
        private int failures;
        private int closed;
        private int flushed;

        private Consumer(int limit) {
            this.limit = limit;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            if (bytes.size() + length > limit) {
                failures++;
                throw failure;
            }
            bytes.write(source, offset, length);
        }

        @Override
        public void flush() {
            flushed++;
        }

        @Override
        public void close() {
            closed++;
        }
    }
}
