// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.Device;
import dmabuf.api.Exporter;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The real core with participants that are handed to it instead of found in the service registry: for scenarios and for
 * dry runs on a board that is not this machine. It shares nothing with the machine's exporter but the memory service.
 */
@ProviderType
public interface Sandbox extends AutoCloseable {
    /** Returns the exporter as the named owner sees it. */
    Exporter exporter(String owner);

    /** Stops an owner as if it were a bundle that stops: what it holds is reclaimed. */
    void removeOwner(String owner);

    /**
     * Adds a device.
     *
     * @param properties what filters see, without the prefix {@code dmabuf.device.}
     * @throws dmabuf.api.DmaBufException INVALID when the name is taken, or the device does not lie within its parent
     */
    void addDevice(Device device, Map<String, ?> properties);

    /** Removes a device as if its service left; harmless when absent. */
    void removeDevice(String name);

    /**
     * Adds an allocator.
     *
     * @throws dmabuf.api.DmaBufException INVALID when the id is taken: it then stands by and takes over when the
     *     holder leaves
     */
    void addAllocator(AllocatorSpec spec, Allocator allocator);

    /** Removes the holder of an id as if its service left; harmless when absent. */
    void removeAllocator(String id);

    /** Adds a mapper; a second one for a domain stands by. */
    void addMapper(Mapper mapper);

    /** Removes a mapper as if its service left; harmless when absent. */
    void removeMapper(Mapper mapper);

    /** Adds an attach policy. */
    void addPolicy(AttachPolicy policy);

    /**
     * Puts a quota in force, in the place of one with the same name.
     *
     * @param configuration as one of the factory PID {@code dmabuf.quota}: {@code name}, {@code parent}, {@code owners},
     *     {@code pools}, {@code bytes}, {@code descriptors}, {@code perOwner}
     * @throws dmabuf.api.DmaBufException INVALID for an unknown key or a value that is none, with everything as before
     */
    void putQuota(Map<String, ?> configuration);

    /** Takes a quota away; harmless when absent. */
    void removeQuota(String name);

    /** Returns the warnings that were logged since the sandbox was opened, in order. */
    List<String> warnings();

    /** Ends everything; every native resource is back when it returns. */
    @Override
    void close();
}
