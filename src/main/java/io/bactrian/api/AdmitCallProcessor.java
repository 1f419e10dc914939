package io.bactrian.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.account.Admins;
import io.bactrian.account.AuthenticationException;
import io.bactrian.account.Caller;
import io.bactrian.account.Permission;
import io.bactrian.api.contract.Contract;
import io.bactrian.api.contract.Operation;
import io.bactrian.api.contract.Parameters;
import io.bactrian.api.contract.RequestValidator;
import io.bactrian.outage.DiskSpace;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.springboot.PlatformHttpMessage;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The first step of every operation: reads the request and lets it pass if its caller is known, has calls left, may do this, and has
 * asked for something that the contract allows, in this order. New work needs room on the disk, too.
 *
 * <p>The route's id names the operation. Nothing that a client sends becomes a Camel header; the steps that follow see the
 * {@link ApiCall} only.
 */
@Component("admitCall")
final class AdmitCallProcessor implements Processor {
    /** The exchange property that has the servlet request. */
    static final String REQUEST = "http-request";

    /** The exchange property that has the servlet response. */
    static final String RESPONSE = "http-response";

    private final Contract contract;
    private final RequestValidator validator;
    private final RequestCredentials credentials;
    private final CallLimits limits;
    private final ClientAddress address;
    private final Admins admins;
    private final DiskSpace disk;
    private final RequestBodies bodies;

    AdmitCallProcessor(
            Contract contract,
            RequestValidator validator,
            RequestCredentials credentials,
            CallLimits limits,
            ClientAddress address,
            Admins admins,
            DiskSpace disk,
            RequestBodies bodies) {
        this.contract = contract;
        this.validator = validator;
        this.credentials = credentials;
        this.limits = limits;
        this.address = address;
        this.admins = admins;
        this.disk = disk;
        this.bodies = bodies;
    }

    @Override
    public void process(Exchange exchange) throws IOException {
        PlatformHttpMessage message = exchange.getMessage(PlatformHttpMessage.class);
        // Later steps replace the message, and with it the way to the request and the response.
        exchange.setProperty(REQUEST, message.getRequest());
        exchange.setProperty(RESPONSE, message.getResponse());
        ClientRequest request = ClientRequest.of(message.getRequest());
        Operation operation = contract.operation(ExchangeHelper.getRouteId(exchange));
        HttpServletResponse response = message.getResponse();
        Caller caller = null;
        if (operation.open()) {
            limits.countAnonymous(operation.rateLimit(), request, response);
        } else {
            caller = caller(operation, request, response);
            request.setAttribute(Caller.class.getName(), caller);
            limits.count(caller, operation, response);
            if (operation.admin()) {
                admins.require(caller);
            }
            if (operation.permission() != null) {
                caller.permissions().require(permission(operation.permission()));
            }
        }
        if (operation.method().equals("POST") && !operation.path().startsWith("/auth/")) {
            disk.requireRoom();
        }
        Parameters parameters = validator.parameters(operation, query(request.getQueryString()), request::getHeader);
        byte[] bytes = {};
        JsonNode body = null;
        if (validator.takesBody(operation)) {
            RequestBody sent = bodies.read(request, address.networkOf(request), RequestBodies.limit(operation));
            exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
                @Override
                public void onDone(Exchange done) {
                    sent.close();
                }
            });
            bytes = sent.bytes();
            body = validator.body(operation, bytes, request.getHeader("Content-Type"));
        }
        exchange.getMessage()
                .setBody(new ApiCall(
                        operation,
                        caller,
                        address.networkOf(request),
                        parameters,
                        path(operation, request),
                        body,
                        sha256(bytes)));
    }

    /** Who fails to say who it is, is counted by address, so that guessing keys soon ends. */
    private Caller caller(Operation operation, ClientRequest request, HttpServletResponse response) {
        try {
            return credentials.caller(request);
        } catch (AuthenticationException | CsrfException unknown) {
            limits.countAnonymous(operation.rateLimit(), request, response);
            throw unknown;
        }
    }

    static Permission permission(String value) {
        return Arrays.stream(Permission.values())
                .filter(permission -> permission.value().equals(value))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("The contract names an unknown permission: " + value));
    }

    private static Map<String, List<String>> query(@Nullable String query) {
        Map<String, List<String>> parameters = new HashMap<>();
        for (String pair : query == null ? new String[0] : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            parameters
                    .computeIfAbsent(decode(name.replace('+', ' ')), key -> new ArrayList<>())
                    .add(decode(value.replace('+', ' ')));
        }
        return parameters;
    }

    private static Map<String, String> path(Operation operation, HttpServletRequest request) {
        String[] names = operation.path().split("/", -1);
        String[] values = request.getRequestURI().split("/", -1);
        Map<String, String> path = new LinkedHashMap<>();
        for (int i = 0; i < Math.min(names.length, values.length); i++) {
            if (names[i].startsWith("{")) {
                path.put(names[i].substring(1, names[i].length() - 1), decode(values[i]));
            }
        }
        return path;
    }

    private static String decode(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return segment;
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
