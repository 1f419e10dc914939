package io.bactrian.mail;

import io.bactrian.account.EncryptedSecrets;
import io.bactrian.account.Vault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The links in e-mails, which need no sign-in: each is for one purpose and one {@link Recipient}.
 *
 * <p>A link's token is base64url of the purpose (1 byte), the account's id (16), the address's hash (32), the Unix second at
 * which it expires (8, 0 for never) and HMAC-SHA256 over these (32). It is made when the e-mail is handed to the mail server,
 * and nothing of it is stored. The key is random, the same on all nodes, and kept encrypted by the {@link Vault}.
 */
@Component
final class EmailLinks implements EncryptedSecrets, InitializingBean {
    private static final int KEY_BYTES = 32;
    private static final int HASH_BYTES = 32;
    private static final int SIGNED_BYTES = 1 + 16 + HASH_BYTES + 8;
    private static final int MAC_BYTES = 32;
    private static final String MAC = "HmacSHA256";
    private static final byte[] CONTEXT = "email_link_key".getBytes(StandardCharsets.US_ASCII);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final JdbcClient database;
    private final Vault vault;
    private final MailSettings settings;
    private final Clock clock;
    private final String publicUrl;
    private volatile @Nullable SecretKeySpec key;

    EmailLinks(
            JdbcClient database,
            Vault vault,
            MailSettings settings,
            Clock clock,
            @Value("${bactrian.public-url:http://localhost:3001}") String publicUrl) {
        this.database = database;
        this.vault = vault;
        this.settings = settings;
        this.clock = clock;
        this.publicUrl = publicUrl.replaceAll("/+$", "");
    }

    /** What a link is for. */
    enum Purpose {
        CONFIRM("/email/confirm"),
        UNSUBSCRIBE("/email/unsubscribe");

        private final String path;

        Purpose(String path) {
            this.path = path;
        }
    }

    /** Of the nodes that start at once on a new database, one makes the key. */
    @Override
    public void afterPropertiesSet() {
        byte[] random = new byte[KEY_BYTES];
        RANDOM.nextBytes(random);
        database.sql("""
                        insert into email_link_key (id, ciphertext, created_at)
                        select 1, :ciphertext, :now where not exists (select from email_link_key)
                        on conflict do nothing""")
                .param("ciphertext", vault.encrypt(random, CONTEXT))
                .param("now", Timestamp.from(clock.instant()))
                .update();
    }

    @Override
    public int encryptAnew() {
        byte[] old = ciphertext();
        return database.sql("update email_link_key set ciphertext = :renewed where ciphertext = :old")
                .param("renewed", vault.encrypt(vault.decrypt(old, CONTEXT), CONTEXT))
                .param("old", old)
                .update();
    }

    /** The links of an e-mail that is written now. */
    LetterLinks of(Recipient recipient, boolean confirmation) {
        Instant expiry = clock.instant().plus(settings.confirmationLifetime());
        return new LetterLinks(
                confirmation ? url(Purpose.CONFIRM, recipient, expiry.getEpochSecond()) : null,
                url(Purpose.UNSUBSCRIBE, recipient, 0));
    }

    /** The recipient whom a token is for; empty if it was not made here, was made for another purpose, or has expired. */
    Optional<Recipient> recipient(Purpose purpose, String token) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
        if (bytes.length != SIGNED_BYTES + MAC_BYTES) {
            return Optional.empty();
        }
        byte[] signed = Arrays.copyOf(bytes, SIGNED_BYTES);
        if (!MessageDigest.isEqual(mac(signed), Arrays.copyOfRange(bytes, SIGNED_BYTES, bytes.length))) {
            return Optional.empty();
        }
        ByteBuffer fields = ByteBuffer.wrap(signed);
        boolean meant = fields.get() == code(purpose);
        UUID account = new UUID(fields.getLong(), fields.getLong());
        byte[] hash = new byte[HASH_BYTES];
        fields.get(hash);
        long expiry = fields.getLong();
        return meant && (expiry == 0 || clock.instant().getEpochSecond() < expiry)
                ? Optional.of(new Recipient(account, HexFormat.of().formatHex(hash)))
                : Optional.empty();
    }

    private String url(Purpose purpose, Recipient recipient, long expiry) {
        byte[] signed = ByteBuffer.allocate(SIGNED_BYTES)
                .put(code(purpose))
                .putLong(recipient.accountId().getMostSignificantBits())
                .putLong(recipient.accountId().getLeastSignificantBits())
                .put(recipient.hash())
                .putLong(expiry)
                .array();
        byte[] token = ByteBuffer.allocate(SIGNED_BYTES + MAC_BYTES)
                .put(signed)
                .put(mac(signed))
                .array();
        return publicUrl + purpose.path + "?token="
                + Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    private static byte code(Purpose purpose) {
        return switch (purpose) {
            case CONFIRM -> 'c';
            case UNSUBSCRIBE -> 'u';
        };
    }

    private byte[] mac(byte[] signed) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key());
            return mac.doFinal(signed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has HMAC-SHA256.", e);
        }
    }

    private SecretKeySpec key() {
        SecretKeySpec known = key;
        if (known == null) {
            known = new SecretKeySpec(vault.decrypt(ciphertext(), CONTEXT), MAC);
            key = known;
        }
        return known;
    }

    private byte[] ciphertext() {
        return database.sql("select ciphertext from email_link_key")
                .query(byte[].class)
                .single();
    }
}
