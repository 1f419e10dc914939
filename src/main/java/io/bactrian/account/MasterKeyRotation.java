package io.bactrian.account;

import java.util.List;
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
    private final List<EncryptedSecrets> secrets;
    private final PendingSignIns pendingSignIns;

    MasterKeyRotation(MasterKey masterKey, List<EncryptedSecrets> secrets, PendingSignIns pendingSignIns) {
        this.masterKey = masterKey;
        this.secrets = List.copyOf(secrets);
        this.pendingSignIns = pendingSignIns;
    }

    /**
     * Encrypts every stored secret with the present master key; returns how many there are. Whoever is signing in at an OpenID
     * provider at this moment has to begin again.
     */
    public int rotate() {
        masterKey.renew();
        int count = secrets.stream().mapToInt(EncryptedSecrets::encryptAnew).sum();
        pendingSignIns.forgetAll();
        masterKey.forgetPrevious();
        return count;
    }
}
