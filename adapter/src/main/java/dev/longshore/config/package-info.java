/**
 * Options: flags to one record tree, checked once, all problems at once. Read by Main and cli only,
 * which hand each class the values it needs; the environment comes in as a map.
 */
@NullMarked
package dev.longshore.config;

import org.jspecify.annotations.NullMarked;
