package io.bactrian.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class SecurityHeadersTest {
    private final MockHttpServletRequest request = new MockHttpServletRequest();
    private final MockHttpServletResponse response = new MockHttpServletResponse();

    @Test
    void aRequestByHttpsIsAskedToStayWithIt() {
        request.setSecure(true);

        SecurityHeaders.set(request, response, false);

        assertThat(response.getHeader("Strict-Transport-Security")).isEqualTo("max-age=31536000");
    }

    @Test
    void aRequestByPlainHttpIsNot() {
        SecurityHeaders.set(request, response, true);

        assertThat(response.getHeader("Strict-Transport-Security")).isNull();
    }
}
