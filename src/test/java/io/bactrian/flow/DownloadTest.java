package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningService.class)
class DownloadTest {
    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start()
            .on("/a", Behaviours.page("<h1>Ä, \"quoted\"</h1><b>1</b><b>2</b>"))
            .on("/b", Behaviours.page("<h1>=cmd()</h1>"));

    DownloadTest(Service service) {
        this.account = service.register();
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void jsonIsAnArrayOfRowsInOrder() {
        Reply reply = download(request("json"));

        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.json()).hasSize(3);
        assertThat(reply.json().path(0).path("data").path("title").asText()).isEqualTo("Ä, \"quoted\"");
        assertThat(reply.json().path(0).path("data").path("numbers")).isEqualTo(TaskRequest.parse("[\"1\", \"2\"]"));
        assertThat(reply.json().path(1).path("data").path("title").asText()).isEqualTo("=cmd()");
        assertThat(reply.json().path(2).path("error").path("code").asText()).isEqualTo("http_4xx");
    }

    @Test
    void jsonLinesAreOneRowALine() {
        Reply reply = download(request("jsonl"));

        assertThat(reply.header("Content-Type")).startsWith("application/x-ndjson");
        List<String> lines = reply.text().lines().toList();
        assertThat(lines).hasSize(3);
        assertThat(TaskRequest.parse(lines.get(1)).path("url").asText()).isEqualTo(site.url("/b"));
    }

    @Test
    void csvHasAColumnForEachSelectorAndNoFormulas() {
        Reply reply = download(request("csv"));

        assertThat(reply.header("Content-Type")).isEqualToIgnoringCase("text/csv;charset=utf-8");
        List<String> lines = reply.text().lines().toList();
        assertThat(lines.getFirst().replace("\uFEFF", "")).isEqualTo("url,title,numbers,error");
        assertThat(lines.get(1)).startsWith(site.url("/a") + ",\"Ä, \"\"quoted\"\"\",");
        assertThat(lines.get(2)).contains(",'=cmd(),");
        assertThat(lines.get(3)).endsWith(",http_4xx");
    }

    @Test
    void xlsxIsAWorkbook() throws IOException {
        Reply reply = download(request("xlsx"));

        assertThat(reply.header("Content-Type"))
                .isEqualTo("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
        assertThat(new String(reply.body(), 0, 4, StandardCharsets.ISO_8859_1)).isEqualTo("PK\3\4");
        try (ReadableWorkbook workbook = new ReadableWorkbook(new ByteArrayInputStream(reply.body()))) {
            List<Row> rows = workbook.getFirstSheet().read();
            assertThat(rows).hasSize(4);
            assertThat(rows.get(0).getCellText(1)).isEqualTo("title");
            assertThat(rows.get(1).getCellText(1)).isEqualTo("Ä, \"quoted\"");
            assertThat(rows.get(3).getCellText(3)).isEqualTo("http_4xx");
        }
    }

    @Test
    void individualFilesComeAsAnArchiveWithOneForEachUrl() throws IOException {
        Reply reply = download(request("json").config("export_individual_files", "true"));

        assertThat(reply.header("Content-Type")).isEqualTo("application/zip");
        assertThat(reply.header("Content-Disposition")).contains(".zip");
        Map<String, String> files = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(reply.body()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        assertThat(files).hasSize(3);
        assertThat(files.keySet()).allMatch(name -> name.endsWith(".json"));
        assertThat(files.values().iterator().next()).contains("quoted");
    }

    @Test
    void theFormatCanBeChosenAgainForEachDownload() {
        String id = account.create(request("json"));
        account.awaitEnd(id);

        assertThat(account.get("/tasks/" + id + "/download").header("Content-Disposition"))
                .isEqualTo("attachment; filename=\"task-" + id + ".json\"");
        for (String format : List.of("json", "jsonl", "csv", "xlsx")) {
            Reply reply =
                    account.get("/tasks/" + id + "/download?format=" + format).expect(200);
            assertThat(reply.header("Content-Disposition"))
                    .isEqualTo("attachment; filename=\"task-" + id + "." + format + "\"");
        }
        Reply unknown = account.get("/tasks/" + id + "/download?format=pdf");
        unknown.assertSelextractError(400, "validation_error");
        assertThat(unknown.fields()).containsExactly("format");
    }

    @Test
    void metadataAreColumnsToo() {
        Reply reply = download(request("csv").config("include_metadata", "true"));

        assertThat(reply.text().lines().findFirst().orElse(""))
                .endsWith("url,title,numbers,error,final_url,status_code,content_type,fetched_at,duration_ms,attempts");
    }

    @Test
    void aDownloadThatFailsHalfWayDoesNotLookComplete() throws IOException {
        site.on("/large", Behaviours.page("<h1>" + "large ".repeat(80_000) + "</h1>"));
        String id = account.create(TaskRequest.bulk(Collections.nCopies(60, site.url("/large"))));
        account.awaitEnd(id);

        try (InputStream rows =
                account.call("GET", "/tasks/" + id + "/download").open()) {
            assertThat(rows.readNBytes(10)).hasSize(10);
            account.delete("/tasks/" + id).expect(200);

            assertThatThrownBy(rows::readAllBytes).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aReaderThatLeavesHarmsNobody() throws IOException {
        site.on("/large", Behaviours.page("<h1>" + "large ".repeat(80_000) + "</h1>"));
        String id = account.create(TaskRequest.bulk(Collections.nCopies(60, site.url("/large"))));
        account.awaitEnd(id);

        try (InputStream rows =
                account.call("GET", "/tasks/" + id + "/download").open()) {
            assertThat(rows.readNBytes(10)).hasSize(10);
        }

        assertThat(account.rows(id)).hasSize(60);
    }

    @Test
    void aTaskThatHasNotEndedCannotBeDownloaded() {
        Gate gate = new Gate();
        site.on("/gated", gate.before(Behaviours.page("<h1>Open</h1>")));
        String id = account.create(TaskRequest.simple(site.url("/gated")));

        Reply early = account.get("/tasks/" + id + "/download");
        gate.open();

        early.assertSelextractError(400, "validation_error");
        assertThat(early.fields()).containsExactly("status");
    }

    private TaskRequest request(String format) {
        return TaskRequest.bulk(List.of(site.url("/a"), site.url("/b"), site.url("/gone")))
                .config("selectors", "{\"title\": \"h1\", \"numbers\": {\"selector\": \"b\", \"all\": true}}")
                .config("output_format", '"' + format + '"');
    }

    private Reply download(TaskRequest request) {
        JsonNode ended = account.awaitEnd(account.create(request));
        return account.get(ended.path("result_url").asText()).expect(200);
    }
}
