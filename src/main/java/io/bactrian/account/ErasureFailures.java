package io.bactrian.account;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What went wrong at some of what is to be erased, while all others had their turn. */
public final class ErasureFailures {
    private @Nullable RuntimeException first;

    /** Whether any of them has more; each is asked, whatever becomes of the ones before. */
    <T> boolean anyOf(List<T> all, Predicate<T> erase) {
        boolean more = false;
        for (T one : all) {
            try {
                more |= erase.test(one);
            } catch (RuntimeException e) {
                add(e);
            }
        }
        return more;
    }

    /** Erases each, whatever becomes of the ones before. */
    public <T> void forEach(List<T> all, Consumer<T> erase) {
        for (T one : all) {
            try {
                erase.accept(one);
            } catch (RuntimeException e) {
                add(e);
            }
        }
    }

    private void add(RuntimeException failure) {
        if (first == null) {
            first = failure;
        } else {
            first.addSuppressed(failure);
        }
    }

    /** Fails with all that went wrong, if anything did. */
    public void throwFirst() {
        if (first != null) {
            throw first;
        }
    }
}
