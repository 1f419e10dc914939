package io.bactrian.api;

import io.bactrian.api.contract.Parameters;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** The {@code Link} header of a page of a list (RFC 8288), with the list's filters kept. */
final class PageLinks {
    private static final List<String> TEXTS = List.of("sort_by", "sort_order", "name_contains");
    private static final List<String> LISTS = List.of("status", "task_type");
    private static final List<String> TIMES = List.of("created_after", "created_before");

    private PageLinks() {}

    /** The links to the first, previous, next and last page, as far as there are such. */
    static String of(String path, Parameters parameters, int page, int pageSize, long total) {
        StringJoiner filters = new StringJoiner("&");
        TEXTS.forEach(name -> {
            String value = parameters.text(name);
            if (value != null) {
                filters.add(name + "=" + encode(value));
            }
        });
        LISTS.forEach(name -> parameters.list(name).forEach(value -> filters.add(name + "=" + encode(value))));
        TIMES.forEach(name -> {
            var value = parameters.instant(name);
            if (value != null) {
                filters.add(name + "=" + encode(value.toString()));
            }
        });
        return of(path, filters.toString(), page, pageSize, total);
    }

    /** The same for a list with these filters, each with its values. */
    static String of(String path, Map<String, List<String>> filters, int page, int pageSize, long total) {
        StringJoiner written = new StringJoiner("&");
        filters.forEach((name, values) -> values.forEach(value -> written.add(name + "=" + encode(value))));
        return of(path, written.toString(), page, pageSize, total);
    }

    /** The same for a list without filters. */
    static String of(String path, int page, int pageSize, long total) {
        return of(path, "", page, pageSize, total);
    }

    private static String of(String path, String filters, int page, int pageSize, long total) {
        long last = Math.max(1, Math.ceilDiv(total, pageSize));
        List<String> links = new ArrayList<>();
        if (page > 1) {
            links.add(link(path, 1, pageSize, filters, "first"));
            links.add(link(path, Math.min(page - 1L, last), pageSize, filters, "prev"));
        }
        if (page < last) {
            links.add(link(path, page + 1L, pageSize, filters, "next"));
            links.add(link(path, last, pageSize, filters, "last"));
        }
        return String.join(", ", links);
    }

    private static String link(String path, long page, int pageSize, String filters, String relation) {
        return "<%s?page=%d&page_size=%d%s>; rel=\"%s\""
                .formatted(path, page, pageSize, filters.isEmpty() ? "" : "&" + filters, relation);
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
