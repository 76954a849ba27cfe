/**
 * What ships and is installed: the chart, the installer, the packages, the commands of the README.
 */
@NullMarked
package dev.longshore.product;

import org.jspecify.annotations.NullMarked;
