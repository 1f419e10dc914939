package io.bactrian.scrape.select;

/** The selectors of a task, compiled once. */
public final class SelectorPlan {}
