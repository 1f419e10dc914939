package io.bactrian.account;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;

/**
 * Encrypts with the master key: AES-256-GCM, a random nonce for each text. Decrypts with previous master keys too.
 *
 * <p>A ciphertext is one byte of format version, 12 bytes of nonce, then the encrypted text with its 16-byte tag. It is bound
 * to a context, so that one row's ciphertext cannot be moved to another. Whoever stores ciphertexts is an
 * {@link EncryptedSecrets}, or they are unreadable after the next rotation of the master key.
 */
@Component
public final class Vault {
    private static final byte VERSION = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final MasterKey masterKey;

    Vault(MasterKey masterKey) {
        this.masterKey = masterKey;
    }

    /**
     * The ciphertext of a secret.
     *
     * @param context what the secret is and whose, such as the table and the row's id; decrypting takes the same
     */
    public byte[] encrypt(byte[] plain, byte[] context) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            byte[] encrypted =
                    cipher(Cipher.ENCRYPT_MODE, masterKey.key(), nonce, context).doFinal(plain);
            return ByteBuffer.allocate(1 + NONCE_BYTES + encrypted.length)
                    .put(VERSION)
                    .put(nonce)
                    .put(encrypted)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available on this Java platform.", e);
        }
    }

    /**
     * The secret that was encrypted in that context.
     *
     * @throws IllegalStateException if it was encrypted with another master key or for another context, or is damaged
     */
    public byte[] decrypt(byte[] ciphertext, byte[] context) {
        ByteBuffer buffer = ByteBuffer.wrap(ciphertext);
        if (buffer.remaining() <= 1 + NONCE_BYTES || buffer.get() != VERSION) {
            throw new IllegalStateException("A stored secret is not in the format of this version of Bactrian.");
        }
        byte[] nonce = new byte[NONCE_BYTES];
        buffer.get(nonce);
        List<SecretKeySpec> keys = new ArrayList<>();
        keys.add(masterKey.key());
        keys.addAll(masterKey.previous());
        IllegalStateException unreadable = new IllegalStateException(
                "A stored secret was encrypted with another master key: set bactrian.secrets.master-key (or restore keys/master.key in the data directory) to the key that was in use, or name that key in bactrian.secrets.previous-master-keys.");
        for (SecretKeySpec key : keys) {
            try {
                return cipher(Cipher.DECRYPT_MODE, key, nonce, context)
                        .doFinal(ciphertext, buffer.position(), buffer.remaining());
            } catch (GeneralSecurityException e) {
                unreadable.addSuppressed(e);
            }
        }
        throw unreadable;
    }

    private static Cipher cipher(int mode, SecretKeySpec key, byte[] nonce, byte[] context)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(context);
        return cipher;
    }
}
