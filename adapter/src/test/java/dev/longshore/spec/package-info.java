/** Tests of the translations, seen from the request's side. */
@NullMarked
package dev.longshore.spec;

import org.jspecify.annotations.NullMarked;
