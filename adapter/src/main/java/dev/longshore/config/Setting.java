package dev.longshore.config;

/**
 * A value that a configuration file gives.
 *
 * @param key a flag's {@link Flag#key()}
 * @param text as it would be typed after the flag; the items of a list with commas between
 * @param place file and line, as messages show it
 */
record Setting(String key, String text, String place) {}
