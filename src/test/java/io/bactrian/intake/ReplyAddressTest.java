package io.bactrian.intake;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyAddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "bactrian.replies",
                "bactrian.replies.erp",
                "bactrian.replies.erp.2_a-B",
                "0e2f0a52-c7a5-11f0-8c5f-02fc00000001"
            })
    void queuesOfProducersMayBeAnswered(String address) {
        assertThat(ReplyAddress.isAllowed(address)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bactrian.tasks.inbox",
                "bactrian.tasks.inbox.dlq",
                "bactrian.lanes.html",
                "bactrian.replies.",
                "bactrian.replies.x::bactrian.lanes.html",
                "bactrian.replies.x?y=z",
                "bactrian.replies.x\n",
                "bactrian.replies.#",
                "bactrian.repliesx",
                "queue://bactrian.replies.x",
                "activemq.management",
                "$sys.mqtt",
                "0e2f0a52-c7a5-11f0-8c5f-02fc00000001::x"
            })
    void ourOwnQueuesMayNot(String address) {
        assertThat(ReplyAddress.isAllowed(address)).isFalse();
    }
}
