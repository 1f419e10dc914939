package io.bactrian.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasterKeyTest {
    private static final byte[] PLAIN = "msk_secret".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONTEXT = {1, 2, 3};

    @TempDir
    Path directory;

    @Test
    void theFileIsMadeOnceAndForItsOwnerAlone() throws IOException {
        Path data = directory.resolve("var");

        byte[] first = fromDirectory(data).key().getEncoded();

        Path file = data.resolve("keys/master.key");
        assertThat(Base64.getDecoder().decode(Files.readString(file).strip()))
                .hasSize(32)
                .isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
        assertThat(fromDirectory(data).key().getEncoded()).isEqualTo(first);
    }

    @Test
    void aFileThatOthersMayReadIsClosedToThem() throws IOException {
        fromDirectory(directory);
        Path file = directory.resolve("keys/master.key");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        fromDirectory(directory);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void startsAtOnceAgreeOnOneKey() {
        Set<String> keys = ConcurrentHashMap.newKeySet();

        IntStream.range(0, 16)
                .parallel()
                .forEach(i -> keys.add(Base64.getEncoder()
                        .encodeToString(fromDirectory(directory).key().getEncoded())));

        assertThat(keys).hasSize(1);
    }

    @Test
    void aConfiguredKeyLeavesNoFile() {
        new MasterKey(AccountNode.MASTER_KEY, List.of(), directory.toString());

        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aKeyThatIsNoneSaysWhatItMustBe() throws IOException {
        assertThatThrownBy(() -> new MasterKey("AAAA", List.of(), "unused"))
                .hasMessage(
                        "The property bactrian.secrets.master-key has 3 bytes: it must be base64 of 32 random bytes.");
        assertThatThrownBy(() -> new MasterKey("not base64!", List.of(), "unused"))
                .hasMessageContaining("is not base64");
        Files.createDirectories(directory.resolve("keys"));
        Files.writeString(directory.resolve("keys/master.key"), "damaged\n");
        assertThatThrownBy(() -> fromDirectory(directory)).hasMessageContaining("master.key");
    }

    @Test
    void aDirectoryThatCannotBeMadeSaysWhatToDo() throws IOException {
        Path file = Files.createFile(directory.resolve("occupied"));

        assertThatThrownBy(() -> fromDirectory(file))
                .hasMessageContaining("set bactrian.secrets.master-key, or bactrian.data-directory");
    }

    @Test
    void whatIsEncryptedIsReadWithTheSameKeyAndContextOnly() {
        Vault vault = new Vault(new MasterKey(AccountNode.MASTER_KEY, List.of(), "unused"));
        byte[] ciphertext = vault.encrypt(PLAIN, CONTEXT);

        assertThat(vault.decrypt(ciphertext, CONTEXT)).isEqualTo(PLAIN);
        assertThat(vault.encrypt(PLAIN, CONTEXT)).isNotEqualTo(ciphertext);
        assertThatThrownBy(() -> vault.decrypt(ciphertext, new byte[] {9})).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new Vault(fromDirectory(directory)).decrypt(ciphertext, CONTEXT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another master key");
        ciphertext[ciphertext.length - 1] ^= 1;
        assertThatThrownBy(() -> vault.decrypt(ciphertext, CONTEXT)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> vault.decrypt(new byte[0], CONTEXT)).isInstanceOf(IllegalStateException.class);
    }

    private static MasterKey fromDirectory(Path data) {
        return new MasterKey("", List.of(), data.toString());
    }
}
