package io.bactrian.search;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * What an account's owner decides of a saved search.
 *
 * @param params of the job that each run is, as clients send them
 * @param schedule a cron expression
 * @param timezone the name of the zone that the schedule is read in
 * @param onlyNew whether nothing is told of a run that found no place but such as earlier runs had found
 * @param notifyWebhook whether the event {@code search.completed} is published
 * @param notifyOwner whether a letter goes to the account's own address
 * @param notifyEmail the address that a letter goes to instead, or null
 */
public record SearchDefinition(
        String name,
        ObjectNode params,
        String schedule,
        String timezone,
        boolean active,
        boolean onlyNew,
        boolean notifyWebhook,
        boolean notifyOwner,
        @Nullable String notifyEmail) {}
