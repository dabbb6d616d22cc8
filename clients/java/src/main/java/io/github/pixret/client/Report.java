package io.github.pixret.client;

/**
 * The report of a session.
 *
 * @param json byte for byte what scoring locally gives, as UTF-8
 * @param signature its signature file by the server's key; empty when the server has none
 */
public record Report(String json, String signature) {}
