package io.bactrian;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The service, as one Spring Boot application. */
@SpringBootApplication
public class Bactrian {
    public static void main(String[] arguments) {
        SpringApplication.run(Bactrian.class, arguments);
    }
}
