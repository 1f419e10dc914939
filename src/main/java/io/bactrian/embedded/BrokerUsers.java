package io.bactrian.embedded;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import org.apache.activemq.artemis.core.config.impl.SecurityConfiguration;
import org.apache.activemq.artemis.spi.core.security.jaas.InVMLoginModule;
import org.apache.activemq.artemis.spi.core.security.jaas.PropertiesLoginModule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may connect to the embedded broker: this service, with a password that lives as long as the process, and the users of two
 * files in the format of Artemis, which are read again when they change.
 */
final class BrokerUsers extends SecurityConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerUsers.class);
    private static final String SERVICE = "bactrian";
    private static final String PRODUCER = "producer";

    private final Path usersFile;
    private final Path rolesFile;

    /**
     * Reads both files once.
     *
     * @param producerPassword the file with the password of the user {@code producer}, which counts where the users' file has none
     * @param password of the service's own user
     * @throws StartupRefusedException when one cannot be read
     */
    BrokerUsers(Path users, Path roles, Path producerPassword, String password) {
        usersFile = users.toAbsolutePath().normalize();
        rolesFile = roles.toAbsolutePath().normalize();
        addUser(SERVICE, password);
        addRole(SERVICE, "service");
        String own = read(usersFile, "BACTRIAN_BROKER_USERS").getProperty(PRODUCER);
        if (own == null) {
            addUser(PRODUCER, ProducerPassword.at(producerPassword));
            addRole(PRODUCER, PRODUCER);
        } else if (own.equals(PRODUCER)) {
            LOG.warn(
                    "The broker's user \"producer\" has the password \"producer\": change it in {} before others can reach the broker's port.",
                    users);
        }
        read(rolesFile, "BACTRIAN_BROKER_ROLES");
    }

    private static Properties read(Path file, String variable) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new StartupRefusedException(
                    "The file %s of the broker's users cannot be read. Restore it, or set %s to another file."
                            .formatted(file, variable),
                    e);
        }
        return properties;
    }

    @Override
    public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
        return new AppConfigurationEntry[] {
            new AppConfigurationEntry(
                    InVMLoginModule.class.getName(),
                    LoginModuleControlFlag.SUFFICIENT,
                    Map.of(InVMLoginModule.CONFIG_PROP_NAME, this)),
            new AppConfigurationEntry(
                    PropertiesLoginModule.class.getName(),
                    LoginModuleControlFlag.SUFFICIENT,
                    Map.of(
                            "baseDir",
                            "",
                            PropertiesLoginModule.USER_FILE_PROP_NAME,
                            usersFile.toString(),
                            PropertiesLoginModule.ROLE_FILE_PROP_NAME,
                            rolesFile.toString(),
                            "reload",
                            "true"))
        };
    }
}
