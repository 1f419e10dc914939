package io.bactrian.embedded;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQSecurityException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.filter.Filter;
import org.apache.activemq.artemis.core.postoffice.QueueBinding;
import org.apache.activemq.artemis.core.security.SecurityAuth;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.ServerConsumer;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.impl.AddressInfo;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerPlugin;
import org.apache.activemq.artemis.selector.filter.Filterable;
import org.jspecify.annotations.Nullable;

/**
 * A plugin of the embedded broker that keeps its users apart: each has a bounded number of queues, deletes its own alone, and
 * reads the events of the accounts that it is bound to, whichever queue or protocol it reads them by.
 *
 * <p>The service's own user has no bounds. Whoever is not bound to all accounts reads neither the dead letters of the inbox nor
 * the common queue of answers, which have those of everybody.
 */
public final class ProducerBounds implements ActiveMQServerPlugin {
    private static final String SERVICE = "bactrian";
    private static final SimpleString EVENTS = SimpleString.of("bactrian.tasks.events");
    private static final SimpleString ACCOUNT = SimpleString.of("account_id");
    private static final SimpleString REPLIES = SimpleString.of("bactrian.replies");
    private static final SimpleString DEAD_LETTERS = SimpleString.of("bactrian.tasks.inbox.dlq");
    private static final Set<String> PREFIXES = Set.of("bactrian.replies.", "bactrian.temporary.");

    /** What temporary queues are called, whose permissions are those of {@code bactrian.temporary}. */
    private static final Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private static final int UUID_LENGTH = 36;

    private final AtomicReference<@Nullable ActiveMQServer> server = new AtomicReference<>();
    private volatile int mostQueues = 100;
    private volatile int mostAddresses = 10_000;
    private volatile @Nullable BrokerAccounts accounts;

    /** For the broker, which makes it by its name in {@code broker.xml}. */
    public ProducerBounds() {}

    @Override
    public void init(Map<String, String> properties) {
        mostQueues = Integer.parseInt(properties.getOrDefault("queues-of-a-user", "100"));
        mostAddresses = Integer.parseInt(properties.getOrDefault("addresses", "10000"));
        String file = properties.get("accounts");
        if (file == null) {
            throw new StartupRefusedException(
                    "The plugin ProducerBounds in broker.xml needs the property accounts: the file of the accounts that the broker's users are bound to.");
        }
        accounts = new BrokerAccounts(Path.of(file));
    }

    @Override
    public void registered(ActiveMQServer registering) {
        server.set(registering);
    }

    private static boolean unbounded(@Nullable String user) {
        return user == null || user.equals(SERVICE);
    }

    /** Whether an address is one that producers may make. */
    private static boolean isOfProducers(SimpleString address) {
        String name = address.toString();
        return PREFIXES.stream().anyMatch(name::startsWith)
                || (name.length() == UUID_LENGTH && UUID.matcher(name).matches());
    }

    /**
     * The broker does not say who makes an address, so all users' are bounded together. One that is made by itself, and not for a
     * queue, would stay for ever.
     */
    @Override
    public void beforeAddAddress(AddressInfo address, boolean reload) throws ActiveMQException {
        ActiveMQServer broker = server.get();
        if (reload
                || broker == null
                || !isOfProducers(address.getName())
                || broker.getPostOffice().getAddressInfo(address.getName()) != null) {
            return;
        }
        if (!address.isAutoCreated() && !address.isTemporary()) {
            throw new ActiveMQSecurityException(
                    "The address %s comes with its first queue: listen to it.".formatted(address.getName()));
        }
        if (broker.getPostOffice().getAddresses().size() >= mostAddresses) {
            throw new ActiveMQSecurityException(
                    "The broker has %d addresses, which are as many as it may have: those without queues go within minutes."
                            .formatted(mostAddresses));
        }
    }

    @Override
    public void beforeCreateQueue(QueueConfiguration queue) throws ActiveMQException {
        String user = text(queue.getUser());
        ActiveMQServer broker = server.get();
        if (unbounded(user) || broker == null) {
            return;
        }
        long own = broker.getPostOffice()
                .getAllBindings()
                .filter(QueueBinding.class::isInstance)
                .filter(binding -> String.valueOf(user)
                        .equals(text(((QueueBinding) binding).getQueue().getUser())))
                .count();
        if (own >= mostQueues) {
            throw new ActiveMQSecurityException(
                    "The user %s has %d queues, which are as many as a user may have: delete some first."
                            .formatted(user, own));
        }
    }

    /** Of events, a queue gets those alone that its maker may read; clients see the filter that they have asked for. */
    @Override
    public void afterCreateQueue(Queue queue) {
        bound(queue);
    }

    /** Binds the queues that were there before the broker started, as {@link #afterCreateQueue} does those that come. */
    static void bindAll(ActiveMQServer broker) {
        broker.getBrokerPlugins().stream()
                .filter(ProducerBounds.class::isInstance)
                .map(ProducerBounds.class::cast)
                .forEach(bounds -> broker.getPostOffice()
                        .getAllBindings()
                        .filter(QueueBinding.class::isInstance)
                        .forEach(binding -> bounds.bound(((QueueBinding) binding).getQueue())));
    }

    private void bound(Queue queue) {
        BrokerAccounts bound = accounts;
        String user = text(queue.getUser());
        if (EVENTS.equals(queue.getAddress()) && !unbounded(user) && bound != null) {
            queue.setFilter(new OwnEvents(queue.getFilter(), bound, user));
        }
    }

    @Override
    public void beforeDestroyQueue(
            Queue queue,
            @Nullable SecurityAuth session,
            boolean checkConsumerCount,
            boolean removeConsumers,
            boolean autoDeleteAddress)
            throws ActiveMQException {
        String user = session == null ? null : session.getUsername();
        if (!unbounded(user) && !String.valueOf(user).equals(text(queue.getUser()))) {
            throw new ActiveMQSecurityException(
                    "The queue %s is not the user %s's: only who has made a queue deletes it."
                            .formatted(queue.getName(), user));
        }
    }

    /** Holds for what was in a queue before its reader was bound, and for queues that somebody else has made. */
    @Override
    public boolean canAccept(ServerConsumer consumer, MessageReference reference) {
        Queue queue = reference.getQueue();
        SimpleString address = queue.getAddress();
        boolean events = EVENTS.equals(address);
        boolean common = REPLIES.equals(address) || DEAD_LETTERS.equals(address);
        if (!events && !common && !isOfProducers(address)) {
            return true;
        }
        ActiveMQServer broker = server.get();
        ServerSession session = broker == null ? null : broker.getSessionByID(consumer.getSessionID());
        String user = session == null ? "" : session.getUsername();
        BrokerAccounts bound = accounts;
        if (unbounded(user) || bound == null) {
            return true;
        }
        if (events) {
            return bound.allows(user, account(reference.getMessage()));
        }
        if (common) {
            return bound.all(user);
        }
        String owner = text(queue.getUser());
        // The service makes a queue where an answer comes before somebody listens; nobody knows then whose it is.
        return String.valueOf(user).equals(owner) || bound.all(user) || (unbounded(owner) && !queue.isTemporary());
    }

    private static @Nullable String account(Message message) {
        Object account = message.getObjectProperty(ACCOUNT.toString());
        return account == null ? null : account.toString();
    }

    private static @Nullable String text(@Nullable SimpleString value) {
        return value == null || value.isEmpty() ? null : value.toString();
    }

    /** What a queue of events takes, besides what its maker has asked for. */
    private record OwnEvents(
            @Nullable Filter asked,
            BrokerAccounts accounts,
            @Nullable String user) implements Filter {
        @Override
        public boolean match(Message message) {
            return accounts.allows(user, account(message)) && (asked == null || asked.match(message));
        }

        @Override
        public boolean match(Map<String, String> map) {
            return accounts.allows(user, map.get(ACCOUNT.toString())) && (asked == null || asked.match(map));
        }

        @Override
        public boolean match(Filterable filterable) {
            Object account = filterable.getProperty(ACCOUNT);
            return accounts.allows(user, account == null ? null : account.toString())
                    && (asked == null || asked.match(filterable));
        }

        @Override
        public @Nullable SimpleString getFilterString() {
            return asked == null ? null : asked.getFilterString();
        }
    }
}
