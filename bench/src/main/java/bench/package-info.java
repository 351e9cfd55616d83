// SPDX-License-Identifier: Apache-2.0
/** The rows of {@code bench/run}: {@link Rows} says what is measured, {@link Bench} measures it, {@link Side} is one of the programs. */
@NullMarked
package bench;

import org.jspecify.annotations.NullMarked;
