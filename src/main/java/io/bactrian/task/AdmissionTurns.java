package io.bactrian.task;

import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lets the admissions of an account run one at a time over all nodes, without one waiting for another.
 *
 * <p>Two at once could each see the last free place. A request that finds one under way leaves a mark and is done; whoever is
 * under way looks for the mark after its commit, and asks for one more admission, however many requests the mark stands for.
 */
@Component
public class AdmissionTurns {
    private final Outbox outbox;
    private final TransactionTemplate transactions;
    private final JdbcClient database;

    AdmissionTurns(Outbox outbox, TransactionTemplate transactions, JdbcClient database) {
        this.outbox = outbox;
        this.transactions = transactions;
        this.database = database;
    }

    /**
     * Runs an admission in a transaction of its own, unless another one of the account is under way: then that one is followed by
     * another request.
     *
     * @param destination where admissions of this kind are asked for
     * @param request asks for another admission of the account
     */
    @Transactional(propagation = Propagation.NEVER)
    public void take(Destination destination, UUID account, Object request, Runnable admission) {
        String turn = destination.routeName() + ":" + account;
        if (!ran(turn, admission)) {
            database.sql("INSERT INTO admission_again (turn) VALUES (?) ON CONFLICT DO NOTHING")
                    .param(turn)
                    .update();
            // The other one may have looked for the mark just before it was there; then the turn is free.
            if (!ran(turn, admission)) {
                return;
            }
        }
        boolean marked = database.sql("SELECT EXISTS (SELECT 1 FROM admission_again WHERE turn = ?)")
                .param(turn)
                .query(Boolean.class)
                .single();
        if (marked) {
            transactions.executeWithoutResult(transaction -> again(turn, destination, request));
        }
    }

    private boolean ran(String turn, Runnable admission) {
        return Boolean.TRUE.equals(transactions.execute(transaction -> {
            boolean free = database.sql("SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0))")
                    .param(turn)
                    .query(Boolean.class)
                    .single();
            if (free) {
                admission.run();
            }
            return free;
        }));
    }

    private void again(String turn, Destination destination, Object request) {
        int marks = database.sql("DELETE FROM admission_again WHERE turn = ?")
                .param(turn)
                .update();
        if (marks > 0) {
            outbox.write(destination, request, Map.of(), null);
        }
    }
}
