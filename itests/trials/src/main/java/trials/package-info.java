// SPDX-License-Identifier: Apache-2.0
/**
 * The rows of {@code itests/reliability}: each is a program that tries for long, with a real framework, real bundles and real
 * memory, to make the runtime lose something, and says how far it came. {@link Row} is what a row does for the table.
 */
@NullMarked
package trials;

import org.jspecify.annotations.NullMarked;
