package io.bactrian.scrape.browser;

import io.bactrian.egress.Deadline;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.ForwardingProxy;
import io.bactrian.egress.HttpUrl;
import io.bactrian.egress.ResponseHead;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.page.MediaType;
import io.bactrian.scrape.page.PageAnswer;
import io.bactrian.scrape.page.PageFailure;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.RobotsVerdict;
import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main document of a page under a visit: which URLs it may come from, through redirects, scripts and actions, and what
 * its answers mean. Each is held against the guard's forms and robots.txt before it is requested.
 *
 * <p>What is refused fails the page, whatever asked for it.
 */
final class MainDocument {
    private static final Logger LOG = LoggerFactory.getLogger(MainDocument.class);

    private final Errand errand;
    private final Deadline deadline;
    private final RobotsTxt robots;
    private final ForwardingProxy.Listener listener;
    private final int maxBodySize;
    private final Clock clock;
    private final Set<String> approved = new HashSet<>();

    private HttpUrl url;
    private int redirects;
    private @Nullable PageAnswer answer;
    private @Nullable HttpUrl answered;
    private @Nullable PageFailure failure;
    private byte @Nullable [] body;
    private @Nullable String brokenBy;
    private boolean hasArrived;

    /** How the browser is to go on with an answer. */
    enum Use {
        /** As it came. */
        PASS,
        /** Rendered as HTML, whatever its header says. */
        AS_HTML,
        /** A page without content. */
        EMPTY,
        /** Read here and not rendered. */
        READ,
        /** Not at all. */
        REFUSE
    }

    MainDocument(
            Errand errand,
            Deadline deadline,
            RobotsTxt robots,
            ForwardingProxy.Listener listener,
            int maxBodySize,
            Clock clock) {
        this.errand = errand;
        this.deadline = deadline;
        this.robots = robots;
        this.listener = listener;
        this.maxBodySize = maxBodySize;
        this.clock = clock;
        this.url = errand.asked();
        // It was checked before a browser was taken for it.
        approved.add(url.toString());
    }

    /** Whether a main document may be requested. */
    boolean mayRequest(String target) {
        if (failure != null) {
            return false;
        }
        return approve(() -> HttpUrl.parse(target)) != null;
    }

    private interface Target {
        HttpUrl url();
    }

    private @Nullable HttpUrl approve(Target target) {
        try {
            HttpUrl next = target.url();
            url = next;
            if (errand.options().respectRobotsTxt() && approved.add(next.toString())) {
                RobotsVerdict verdict = robots.check(next, deadline);
                if (!verdict.allowed()) {
                    fail(PageFailure.of(ErrorCode.ROBOTS_DISALLOWED, verdict.reason()));
                    return null;
                }
            }
            return next;
        } catch (EgressRefusedException refused) {
            fail(PageFailure.of(ErrorCode.EGRESS_REFUSED, String.valueOf(refused.getMessage())));
        } catch (EgressFailedException unreachable) {
            fail(PageFailure.of(unreachable));
        } catch (RuntimeException defect) {
            LOG.error("The URL of a page could not be checked", defect);
            fail(PageFailure.of(ErrorCode.EXTRACTION_FAILED, "The page could not be processed."));
        }
        return null;
    }

    /** What is to be done with the head of an answer. */
    Use judge(ResponseHead head, boolean redirected) {
        if (failure != null) {
            return Use.REFUSE;
        }
        brokenBy = null;
        if (!redirected) {
            redirects = 0;
        }
        @Nullable PageFailure unreachable = networkFailure();
        if (unreachable != null) {
            return refuse(unreachable);
        }
        PageAnswer came = new PageAnswer(head, errand.page().plan(), maxBodySize);
        answer = came;
        answered = url;
        @Nullable String location = came.redirection();
        if (location != null && errand.options().followRedirects()) {
            if (++redirects > PageAnswer.MOST_REDIRECTS) {
                return refuse(PageAnswer.tooManyRedirects());
            }
            HttpUrl source = url;
            return approve(() -> source.resolve(location)) == null ? Use.REFUSE : Use.PASS;
        }
        @Nullable PageFailure bad = came.failure(clock);
        if (bad != null) {
            return refuse(bad);
        }
        if (head.status() == 204 || head.status() == 205) {
            return Use.EMPTY;
        }
        if (came.mediaType().kind() != MediaType.Kind.HTML) {
            return Use.READ;
        }
        return isPlainHtml(head) ? Use.PASS : Use.AS_HTML;
    }

    /** Whether Chromium takes it for what the selectors take it for. */
    private static boolean isPlainHtml(ResponseHead head) {
        @Nullable String type = head.header("Content-Type");
        return type != null
                && type.regionMatches(true, 0, "text/html", 0, "text/html".length())
                && head.header("Content-Disposition") == null;
    }

    private Use refuse(PageFailure why) {
        fail(why);
        return Use.REFUSE;
    }

    /** Why the host of the main document cannot be reached, as the proxy knows it; else null. */
    @Nullable
    PageFailure networkFailure() {
        @Nullable RuntimeException why = listener.failure(url.host(), url.port());
        return switch (why) {
            case null -> null;
            case EgressRefusedException refused ->
                PageFailure.of(ErrorCode.EGRESS_REFUSED, String.valueOf(refused.getMessage()));
            case EgressFailedException failed -> PageFailure.of(failed);
            default -> PageFailure.of(ErrorCode.CONNECTION_RESET, String.valueOf(why.getMessage()));
        };
    }

    /** Notes that a document is in the tab. */
    void arrived() {
        hasArrived = true;
    }

    /**
     * Notes that a document was requested and did not come. Where the page has moved by itself, that is its end; the navigation
     * that was asked for by us tells more precisely why.
     *
     * @param reason the browser's name for it (Network.ErrorReason of the DevTools protocol)
     */
    void brokeOff(String reason) {
        if (reason.equals("Aborted")) {
            return;
        }
        brokenBy = reason;
        @Nullable PageFailure why = missing();
        if (hasArrived && why != null) {
            fail(why);
        }
    }

    /**
     * Why there is no document where the page has moved to, or null where there is one. What is in the tab then is a page of the
     * browser's own.
     */
    @Nullable
    PageFailure missing() {
        @Nullable String reason = brokenBy;
        if (reason == null) {
            return null;
        }
        @Nullable PageFailure network = networkFailure();
        return network == null ? NavigationFailure.ofReason(reason, url) : network;
    }

    /** Fails the page; the first failure is the one that counts. */
    void fail(PageFailure why) {
        if (failure == null) {
            failure = why;
        }
    }

    /** Takes a body that was not rendered. */
    void read(byte[] raw) {
        body = raw;
    }

    Deadline deadline() {
        return deadline;
    }

    int maxBodySize() {
        return maxBodySize;
    }

    @Nullable
    PageFailure failure() {
        return failure;
    }

    /** The body of a document that is not rendered, or null. */
    byte @Nullable [] body() {
        return body;
    }

    /** The last answer, or null where none came. */
    @Nullable
    PageAnswer answer() {
        return answer;
    }

    /** Where the last answer came from, or null where none came. */
    @Nullable
    HttpUrl answered() {
        return answered;
    }

    /** Where the document was last requested from. */
    HttpUrl url() {
        return url;
    }
}
