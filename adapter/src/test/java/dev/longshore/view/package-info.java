/** Tests of the view, against a fake daemon that can be slow, mute or away. */
@NullMarked
package dev.longshore.view;

import org.jspecify.annotations.NullMarked;
