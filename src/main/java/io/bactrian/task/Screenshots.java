package io.bactrian.task;

import io.bactrian.NotFoundException;
import io.bactrian.scrape.Screenshot;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The pictures of a task's pages, kept as long as its rows. */
@Service
public class Screenshots {
    /** The name, in a row's metadata, of the path that a screenshot is had at. */
    public static final String URL = "screenshot_url";

    private final JdbcClient database;

    Screenshots(JdbcClient database) {
        this.database = database;
    }

    /** The path of the screenshot of the page at a position; in paths, pages count from 1. */
    static String path(UUID task, int position) {
        return "/tasks/" + task + "/screenshots/" + (position + 1);
    }

    void insert(UUID task, int position, Screenshot screenshot) {
        database.sql("INSERT INTO task_screenshot (task_id, position, png) VALUES (?, ?, ?)")
                .params(task, position, screenshot.png())
                .update();
    }

    /** The numbers of the pages that a task has screenshots of, from 1. */
    public List<Integer> pages(UUID task) {
        return database.sql("SELECT position + 1 FROM task_screenshot WHERE task_id = ? ORDER BY position")
                .param(task)
                .query(Integer.class)
                .list();
    }

    /**
     * The screenshot of a page, in PNG.
     *
     * @param task one of the caller's own
     * @param page the page's number among its task's URLs, from 1
     * @throws NotFoundException when there is none
     */
    public byte[] find(UUID task, long page) {
        return database.sql("SELECT png FROM task_screenshot WHERE task_id = ? AND position = ?")
                .params(task, page - 1)
                .query((row, number) -> row.getBytes(1))
                .optional()
                .orElseThrow(() -> new NotFoundException("Screenshot"));
    }
}
