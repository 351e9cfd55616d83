// SPDX-License-Identifier: Apache-2.0

/**
 * Write an allocator, a mapper, an attach policy or a board: what a platform adds to the runtime.
 *
 * <p>Implementations are registered as OSGi services and come and go at any time. The runtime calls them outside
 * locks that other buffers need, each call with a deadline (one second unless configured); an implementation
 * that throws or hangs harms only the request at hand. Null policy, units and errors are those of
 * {@link dmabuf.api}.
 */
@Export
@Version("1.1.0")
@NullMarked
package dmabuf.api.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
