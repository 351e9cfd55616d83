// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import org.osgi.annotation.versioning.ProviderType;

/** A device that is driven from user space through VFIO. */
@ProviderType
public interface UserDevice {
    /** Returns the PCI address. */
    String address();

    /** Returns the VFIO device descriptor; it belongs to the address space, and is closed with it. */
    int descriptor();
}
