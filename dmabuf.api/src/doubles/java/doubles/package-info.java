// SPDX-License-Identifier: Apache-2.0

/** Doubles at the edge of the SPI: what the core is to an allocator. Shared by tests of the API and the allocators. */
@NullMarked
package doubles;

import org.jspecify.annotations.NullMarked;
