// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Objects;

/**
 * Where the memory of a storage comes from.
 *
 * @param name the source in the words of {@link dmabuf.api.spi.Memory#source()}, for example {@code heap:system}
 * @param addresses how its addresses are known
 */
public record StorageSource(String name, AddressKnowledge addresses) {
    /** Checks for nulls. */
    public StorageSource {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(addresses, "addresses");
    }
}
