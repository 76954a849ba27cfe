/**
 * Docker Engine over HTTP, through docker-java and its httpclient5 transport. The only user of
 * docker-java: its types and exceptions stop here. Absent on purpose: policy (limits, retries,
 * breaker), which the decorators of {@link dev.longshore.docker} hold, and docker-java's readers of
 * answers, whose enums and fixed fields fail on what a newer daemon says.
 */
@NullMarked
package dev.longshore.docker.javaclient;

import org.jspecify.annotations.NullMarked;
