package io.bactrian.search;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Places that no earlier run of a search had found.
 *
 * @param first at most {@value #MOST_SHOWN} of them, as results of jobs are
 */
record NewPlaces(int count, List<ObjectNode> first) {
    static final int MOST_SHOWN = 100;
    static final NewPlaces NONE = new NewPlaces(0, List.of());

    NewPlaces {
        first = List.copyOf(first);
    }
}
