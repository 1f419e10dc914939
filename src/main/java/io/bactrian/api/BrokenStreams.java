package io.bactrian.api;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Lets an answer that fails half way break its connection.
 *
 * <p>Its status has been sent by then, and a proper end would let a reader take half a download for the whole.
 */
@Component
final class BrokenStreams implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
    private static final String BREAK = BrokenStreams.class.getName();

    /** Closes the client's connection at once, without the end of the answer. */
    static void breakOff(ServletRequest request) {
        if (request.getAttribute(BREAK) instanceof Runnable close) {
            close.run();
        }
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.addEngineValves(new Breakable());
    }

    /** Keeps the way to the connection, which no servlet has. */
    private static final class Breakable extends ValveBase {
        Breakable() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            Runnable close = () -> response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, null);
            request.setAttribute(BREAK, close);
            getNext().invoke(request, response);
        }
    }
}
