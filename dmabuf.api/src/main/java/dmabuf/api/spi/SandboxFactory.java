// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import org.osgi.annotation.versioning.ProviderType;

/** Opens sandboxes; a service of the core. */
@ProviderType
public interface SandboxFactory {
    /** Returns a new runtime with no device, allocator, mapper, policy or buffer; the caller closes it. */
    Sandbox open();
}
