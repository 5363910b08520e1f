package dev.pleat.report;

/**
 * Where a page comes from.
 *
 * @param sha256 of the model, in hexadecimal
 * @param command what makes the page again, as a shell takes it
 * @param version of Pleat
 * @param date when it was made, as it is to be read
 */
public record Origin(String sha256, String command, String version, String date) {}
