/**
 * The image service: pulling, listing, removing, and the sandbox image. An image is known by
 * Docker's own id in every answer, whatever name it was asked for by. No image state is kept here:
 * answers come from {@link dev.longshore.docker.ImageCatalog}; credentials live as long as one call
 * and are never printed.
 */
@NullMarked
package dev.longshore.image;

import org.jspecify.annotations.NullMarked;
