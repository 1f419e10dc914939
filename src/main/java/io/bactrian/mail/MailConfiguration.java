package io.bactrian.mail;

import jakarta.mail.Session;
import java.util.Properties;
import org.apache.camel.component.mail.DefaultJavaMailSender;
import org.apache.camel.component.mail.JavaMailSender;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mail.javamail.JavaMailSenderImpl;

/** What camel-mail needs to send letters. */
@Configuration(proxyBeanMethods = false)
class MailConfiguration {
    /** The mail server that {@code spring.mail} describes, as camel-mail wants it; it is connected to for each letter. */
    @Bean
    JavaMailSender mailServer(ObjectProvider<JavaMailSenderImpl> settings) {
        DefaultJavaMailSender server = new DefaultJavaMailSender();
        JavaMailSenderImpl described = settings.getIfAvailable();
        if (described == null) {
            server.setSession(Session.getInstance(new Properties()));
            server.setProtocol(JavaMailSenderImpl.DEFAULT_PROTOCOL);
            return server;
        }
        server.setSession(described.getSession());
        server.setProtocol(
                described.getProtocol() == null ? JavaMailSenderImpl.DEFAULT_PROTOCOL : described.getProtocol());
        server.setHost(described.getHost());
        server.setPort(described.getPort());
        server.setUsername(filled(described.getUsername()));
        server.setPassword(described.getPassword());
        return server;
    }

    private static @Nullable String filled(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }
}
