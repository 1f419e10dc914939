package io.bactrian.billing.sandbox;

import io.bactrian.account.Vault;
import io.bactrian.billing.Provider;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The links to the sandbox's portal, which need no sign-in and work for an hour.
 *
 * <p>A link's token is base64url of the account's id (16 bytes), the provider (1) and the Unix second at which it expires (8),
 * encrypted by the {@link Vault}: nobody else can make one, and none is stored.
 */
@Component
class SandboxPortalLinks {
    private static final byte[] CONTEXT = "sandbox_portal".getBytes(StandardCharsets.US_ASCII);
    private static final Duration LIFE = Duration.ofHours(1);
    private static final int BYTES = 16 + 1 + 8;

    /** Longer texts are no tokens. */
    private static final int LONGEST = 200;

    private final Vault vault;
    private final Clock clock;
    private final String publicUrl;

    SandboxPortalLinks(
            Vault vault, Clock clock, @Value("${bactrian.public-url:http://localhost:3001}") String publicUrl) {
        this.vault = vault;
        this.clock = clock;
        this.publicUrl = publicUrl.replaceAll("/+$", "");
    }

    /** Whose portal a link is for. */
    record Holder(UUID account, Provider provider) {}

    String url(UUID account, Provider provider) {
        byte[] plain = ByteBuffer.allocate(BYTES)
                .putLong(account.getMostSignificantBits())
                .putLong(account.getLeastSignificantBits())
                .put(code(provider))
                .putLong(clock.instant().plus(LIFE).getEpochSecond())
                .array();
        return publicUrl + "/sandbox/portal/"
                + Base64.getUrlEncoder().withoutPadding().encodeToString(vault.encrypt(plain, CONTEXT));
    }

    /** Empty if it was not made here, or has expired. */
    Optional<Holder> holder(String token) {
        if (token.length() > LONGEST) {
            return Optional.empty();
        }
        ByteBuffer fields;
        try {
            fields = ByteBuffer.wrap(vault.decrypt(Base64.getUrlDecoder().decode(token), CONTEXT));
        } catch (IllegalArgumentException | IllegalStateException forged) {
            return Optional.empty();
        }
        UUID account = new UUID(fields.getLong(), fields.getLong());
        byte code = fields.get();
        if (!clock.instant().isBefore(Instant.ofEpochSecond(fields.getLong()))) {
            return Optional.empty();
        }
        for (Provider provider : Provider.values()) {
            if (code(provider) == code) {
                return Optional.of(new Holder(account, provider));
            }
        }
        return Optional.empty();
    }

    private static byte code(Provider provider) {
        return switch (provider) {
            case STRIPE -> 's';
            case LEMONSQUEEZY -> 'l';
        };
    }
}
