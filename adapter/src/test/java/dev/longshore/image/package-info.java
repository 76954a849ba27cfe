/** Tests of the image service. */
@NullMarked
package dev.longshore.image;

import org.jspecify.annotations.NullMarked;
