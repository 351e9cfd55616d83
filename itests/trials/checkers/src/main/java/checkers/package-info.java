// SPDX-License-Identifier: Apache-2.0
/**
 * Rows of {@code itests/reliability} that leave the trying to a tool: Jazzer looks for inputs that end in anything but a
 * documented error, Lincheck for schedules after which a structure answers as no order of the calls would, and jcstress for
 * values that one thread must not see of another. Each is also tried on a {@link checkers.Twin}: a build of our own class in
 * which one thing is wrong, and which it has to catch.
 */
@NullMarked
package checkers;

import org.jspecify.annotations.NullMarked;
