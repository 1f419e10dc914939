package io.bactrian.account;

/** Secrets that are stored encrypted by the {@link Vault}; every bean of this type takes part in a rotation of the master key. */
public interface EncryptedSecrets {
    /** Encrypts every secret with the present master key; returns how many there are. */
    int encryptAnew();
}
