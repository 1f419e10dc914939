package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningService.class)
class IdempotencyTest {
    private static final TaskRequest TASK = TaskRequest.simple("http://10.0.0.1/");

    private final Service service;
    private final Account account;

    IdempotencyTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @Test
    void theSameKeyWithTheSameBodyGivesTheFirstAnswerAndCreatesNothing() {
        JsonNode first = create(account, "key-1", TASK).expect(201).json();
        account.awaitEnd(first.path("id").asText());

        JsonNode again = create(account, "key-1", TASK).expect(201).json();

        assertThat(again).isEqualTo(first);
        assertThat(total(account)).isEqualTo("1");
    }

    @Test
    void theSameKeyWithAnotherBodyIsAConflict() {
        create(account, "key-1", TASK).expect(201);

        Reply conflict = create(account, "key-1", TaskRequest.simple("http://10.0.0.2/"));

        conflict.assertSelextractError(409, "idempotency_conflict");
        assertThat(total(account)).isEqualTo("1");
    }

    @Test
    void tenRequestsAtOnceWithOneKeyMakeOneTask() throws ExecutionException, InterruptedException {
        List<Future<Reply>> replies = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 10; i++) {
                replies.add(threads.submit(() -> create(account, "at once", TASK)));
            }
        }

        List<String> ids = new ArrayList<>();
        for (Future<Reply> reply : replies) {
            ids.add(reply.get().expect(201).json().path("id").asText());
        }
        assertThat(ids).hasSize(10).containsOnly(ids.getFirst());
        assertThat(total(account)).isEqualTo("1");
    }

    @Test
    void anotherAccountsKeyIsAnotherKey() {
        Account other = service.register();
        String mine =
                create(account, "shared", TASK).expect(201).json().path("id").asText();

        String theirs = create(other, "shared", TaskRequest.simple("http://10.0.0.3/"))
                .expect(201)
                .json()
                .path("id")
                .asText();

        assertThat(theirs).isNotEqualTo(mine);
        assertThat(total(other)).isEqualTo("1");
    }

    @Test
    void aRefusedRequestDoesNotUseItsKeyUp() {
        create(account, "retry", TaskRequest.simple("ftp://example.com/"))
                .assertSelextractError(400, "validation_error");
        create(account, "retry", TaskRequest.bulk(Visitors.urls("http://10.0.0.1/", 5_000)))
                .assertSelextractError(402, "insufficient_credits");

        create(account, "retry", TASK).expect(201);
    }

    @Test
    void withoutAKeyEachRequestIsATask() {
        account.create(TASK);
        account.create(TASK);

        assertThat(total(account)).isEqualTo("2");
    }

    private static Reply create(Account account, String key, TaskRequest request) {
        return account.call("POST", "/tasks")
                .header("Idempotency-Key", key)
                .json(request.json())
                .send();
    }

    private static String total(Account account) {
        return String.valueOf(account.get("/tasks").header("X-Total-Count"));
    }
}
