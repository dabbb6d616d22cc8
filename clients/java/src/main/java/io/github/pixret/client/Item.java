package io.github.pixret.client;

/** What was predicted for one query: a {@link Prediction} or a {@link Ranking}. */
public sealed interface Item permits Prediction, Ranking {}
