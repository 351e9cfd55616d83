// SPDX-License-Identifier: Apache-2.0

/**
 * The conformance suite for allocators: named checks, each of one promise of the SPI, of the allocator in any bundle.
 * The bundle is installed behind a curtain, so that nobody but the suite meets what it offers, and is uninstalled
 * afterwards.
 */
@NullMarked
package dmabuf.shell.certify;

import org.jspecify.annotations.NullMarked;
