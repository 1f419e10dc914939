package io.bactrian.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class AdminsTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final AccountNode NODE = new AccountNode(DATABASE, new SettableClock());

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void onlyTheTokenOfAListedEmailAdministers() {
        Registration admin = NODE.accounts.register("Boss@example.com", AccountNode.PASSWORD, null);
        Registration other = NODE.accounts.register("other@example.com", AccountNode.PASSWORD, null);
        Admins admins = new Admins(DATABASE.jdbc(), List.of(" boss@EXAMPLE.com ", ""));

        admins.require(NODE.bearer(admin.token()));
        admins.require(NODE.authenticator.authenticateSession(admin.token()));
        for (String credential : List.of(admin.mapKey().key(), other.token())) {
            assertThatThrownBy(() -> admins.require(NODE.bearer(credential))).isInstanceOf(AdminOnlyException.class);
        }
    }

    @Test
    void theStartWarnsOfAListedEmailThatIsAnybodysToRegister(CapturedOutput output) {
        NODE.accounts.register("taken@example.com", AccountNode.PASSWORD, null);

        new Admins(DATABASE.jdbc(), List.of("Taken@example.com", "Free@example.com")).afterPropertiesSet();

        assertThat(output).contains("Nobody has registered free@example.com").doesNotContain("taken@example.com");
    }
}
