package io.bactrian;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The items of a route's split, of which each is chosen only when the one before has been answered.
 *
 * <p>An item that was handed out and not answered is the last one. Camel takes all that is left of an iterator when its
 * consumer fails, so an iteration that goes on without an answer would never end.
 *
 * <p>Camel asks for the next item once before it processes the one that it has just taken. {@link #hasNext} says yes to that
 * question, whatever comes, because nothing can be chosen yet. Whoever asks again without an answer has given the item up.
 *
 * <p>Belongs to one thread.
 */
public abstract class OneByOne<T> implements Iterator<T> {
    private enum State {
        /** The next item may be chosen. */
        FREE,
        /** An item is chosen and not yet handed out. */
        CHOSEN,
        /** An item is handed out and not answered. */
        OUT,
        /** The same, and the one question that comes before its answer was asked. */
        OUT_AND_ASKED,
        ENDED
    }

    private State state = State.FREE;
    private @Nullable T chosen;

    /** Chooses the next item, or gives null if there is none; then the iteration has ended. */
    protected abstract @Nullable T choose();

    /** Says that the item that was handed out last has been answered, so that another one may follow. */
    protected final void answered() {
        if (state == State.OUT || state == State.OUT_AND_ASKED) {
            state = State.FREE;
        }
    }

    @Override
    public final boolean hasNext() {
        return switch (state) {
            case FREE -> {
                chosen = choose();
                state = chosen == null ? State.ENDED : State.CHOSEN;
                yield chosen != null;
            }
            case CHOSEN -> true;
            case OUT -> {
                state = State.OUT_AND_ASKED;
                yield true;
            }
            case OUT_AND_ASKED, ENDED -> {
                state = State.ENDED;
                yield false;
            }
        };
    }

    @Override
    public final T next() {
        boolean unanswered = state == State.OUT || state == State.OUT_AND_ASKED;
        if (unanswered || !hasNext()) {
            state = State.ENDED;
            throw new NoSuchElementException("There are no more items, or the last one was not answered.");
        }
        T item = Objects.requireNonNull(chosen);
        chosen = null;
        state = State.OUT;
        return item;
    }
}
