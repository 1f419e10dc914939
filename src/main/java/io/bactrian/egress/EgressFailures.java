package io.bactrian.egress;

import io.bactrian.egress.EgressFailedException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.jspecify.annotations.Nullable;

/** Turns what the HTTP client throws into the failures that Bactrian knows. */
final class EgressFailures {
    private EgressFailures() {}

    static EgressFailedException of(IOException failure, HttpUrl url) {
        String host = url.host();
        return switch (failure) {
            case UnknownHostException unknown ->
                failed(Reason.DNS_FAILURE, "The host " + host + " does not resolve.", unknown);
            case InterruptedIOException timeout ->
                failed(Reason.TIMEOUT, "The host " + host + " did not answer in time.", timeout);
            case NoRouteToHostException noRoute ->
                failed(Reason.CONNECTION_REFUSED, "No way leads to " + host + ".", noRoute);
            case ConnectException refused ->
                failed(
                        Reason.CONNECTION_REFUSED,
                        "The host " + host + " refuses connections on port " + url.port() + ".",
                        refused);
            case SSLException tls -> ofTls(tls, host);
            case MessageConstraintException constraint ->
                failed(
                        Reason.HEAD_TOO_LARGE,
                        "The header of the answer of " + host + " is larger than the limits.",
                        constraint);
            case ContentCoding.UndecodableException coding ->
                failed(
                        Reason.UNDECODABLE_BODY,
                        "The body cannot be decoded: " + Excerpt.of(String.valueOf(coding.getMessage())) + ".",
                        coding);
            case ClientProtocolException protocol ->
                failed(Reason.MALFORMED_ANSWER, "What " + host + " answered is not HTTP.", protocol);
            default -> reset(host, failure);
        };
    }

    private static EgressFailedException ofTls(SSLException failure, String host) {
        if (failure.getCause() instanceof SocketException) {
            return reset(host, failure);
        }
        String why = Excerpt.of(String.valueOf(failure.getMessage()));
        return failed(Reason.TLS_ERROR, "TLS with " + host + " failed: " + why + ".", failure);
    }

    static EgressFailedException deadlinePassed(HttpUrl url, Throwable cause) {
        return failed(Reason.TIMEOUT, "The answer of " + url.host() + " was not complete in time.", cause);
    }

    /** Whether a connection died under a request before anything of the answer came. */
    static boolean isConnectionLoss(IOException failure) {
        return failure instanceof NoHttpResponseException
                || failure instanceof ConnectionClosedException
                || (failure instanceof SocketException && !(failure instanceof ConnectException))
                || (failure instanceof SSLException && isTransport(failure.getCause()));
    }

    private static boolean isTransport(@Nullable Throwable cause) {
        return cause instanceof SocketException || cause instanceof EOFException;
    }

    private static EgressFailedException reset(String host, IOException cause) {
        return failed(
                Reason.CONNECTION_RESET,
                "The connection to " + host + " was closed before the whole answer had arrived.",
                cause);
    }

    private static EgressFailedException failed(Reason reason, String message, Throwable cause) {
        return new EgressFailedException(reason, message, cause);
    }
}
