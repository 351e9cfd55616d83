// SPDX-License-Identifier: Apache-2.0
/** What is measured of the runtime, and the opponents that are written in Java: a benchmark of JMH or a {@link Gauge} each. */
@NullMarked
package bench.work;

import org.jspecify.annotations.NullMarked;
