// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.spi.BoardReader;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.SandboxFactory;

/**
 * What certification works with.
 *
 * @param sandboxes opens the real core, empty
 * @param memory the door to real memory
 * @param boards reads device trees
 */
public record Tools(SandboxFactory sandboxes, MemoryService memory, BoardReader boards) {}
