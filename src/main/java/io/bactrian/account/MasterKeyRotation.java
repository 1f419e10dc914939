package io.bactrian.account;

import org.springframework.stereotype.Service;

/**
 * The change of the master key: everything that is stored encrypted is encrypted anew.
 *
 * <p>A configured key is changed by configuration, the old one named as a previous key; a key in the data directory is made
 * anew here. A rotation that was interrupted is completed by the next.
 */
@Service
public final class MasterKeyRotation {
    private final MasterKey masterKey;
    private final MapKeys mapKeys;
    private final SigningKeys signingKeys;
    private final PendingSignIns pendingSignIns;

    MasterKeyRotation(MasterKey masterKey, MapKeys mapKeys, SigningKeys signingKeys, PendingSignIns pendingSignIns) {
        this.masterKey = masterKey;
        this.mapKeys = mapKeys;
        this.signingKeys = signingKeys;
        this.pendingSignIns = pendingSignIns;
    }

    /**
     * Encrypts every stored secret with the present master key; returns how many there are. Whoever is signing in at an OpenID
     * provider at this moment has to begin again.
     */
    public int rotate() {
        masterKey.renew();
        int secrets = mapKeys.encryptAnew() + signingKeys.encryptAnew();
        pendingSignIns.forgetAll();
        masterKey.forgetPrevious();
        return secrets;
    }
}
