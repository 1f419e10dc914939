package io.bactrian.api.contract;

import java.util.List;

/** A path of a document, such as {@code /tasks/{task_id}/logs}, in which each name in braces stands for one segment. */
record PathTemplate(List<String> segments) {

    static PathTemplate of(String path) {
        return new PathTemplate(segmentsOf(path));
    }

    boolean matches(String path) {
        List<String> given = segmentsOf(path);
        if (given.size() != segments.size()) {
            return false;
        }
        for (int position = 0; position < given.size(); position++) {
            String expected = segments.get(position);
            String segment = given.get(position);
            boolean matches = expected.startsWith("{") ? !segment.isEmpty() : expected.equals(segment);
            if (!matches) {
                return false;
            }
        }
        return true;
    }

    private static List<String> segmentsOf(String path) {
        // Camel, which dispatches requests, takes a path with a slash at its end for the one without.
        String trimmed = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return List.of(trimmed.split("/", -1));
    }
}
