// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Collection;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The central service that creates buffers; the counterpart of the 2014 proposal's /dev/cenalloc. Every bundle that
 * gets it from the service registry gets its own view: buffers belong to the bundle that created them, whichever
 * service object it used, until that bundle stops.
 *
 * <p>Wherever a device is named, its name, a unique short name (the last part of its path) or an LDAP filter over its
 * properties without their {@code dmabuf.device.} prefix will do; of several matches of a filter the first by path is
 * taken. An unknown name is INVALID; the message offers the near ones. After the runtime stopped every method answers
 * GONE.
 */
@ProviderType
public interface Exporter {
    /**
     * Creates a buffer. No memory is used.
     *
     * @return a handle that holds a reference until it is closed
     * @throws DmaBufException INVALID for a flag that neither {@link BufferFlags} nor a present allocator knows
     */
    DmaBuf create(BufferRequest request);

    /**
     * Creates a set of buffers that rotate. No memory is used before {@link BufferSet#prepare()} or the first acquisition.
     * Its buffers are listed and opened like others once they have storage.
     *
     * @throws DmaBufException INVALID for an unknown flag
     */
    BufferSet createSet(SetRequest request);

    /** Returns all living sets of all owners, by id. */
    List<SetInfo> sets();

    /**
     * Returns this owner's own reference to a living buffer, also one of another bundle; the caller closes it.
     *
     * @throws DmaBufException INVALID when no buffer ever had this id, GONE when it is released
     */
    DmaBuf open(long id);

    /**
     * Returns this owner's own reference to the buffer behind a handle of another owner.
     *
     * @throws DmaBufException INVALID when the handle is not of this runtime: a foreign buffer is refused, never
     *     ignored; GONE when the buffer is released
     */
    DmaBuf share(DmaBuf handle);

    /**
     * Answers, for these devices and this size, which allocator would serve and how, or what is in the way. Asks the
     * allocators as a first map would, verifies, and gives everything back; never throws for a refusal, which is part
     * of the answer.
     */
    Plan plan(BufferRequest request, Collection<String> devices);

    /**
     * Combines the constraints of devices, without a buffer and so without a size.
     *
     * @throws DmaBufException INCOMPATIBLE when they leave nothing
     */
    DmaConstraints merge(Collection<String> devices);

    /** Returns the device that a name, short name or filter means. */
    DeviceInfo device(String name);

    /** Returns all present devices, by name. */
    List<DeviceInfo> devices();

    /** Returns all registered allocators in the order of selection, the ones on standby last. */
    List<AllocatorInfo> allocators();

    /** Returns the names that the platform gives to bits of the access mask; they may change. */
    AccessBits accessBits();

    /** Returns all living buffers of all owners, by id. */
    List<BufferInfo> buffers();

    /** Returns everybody who holds something, or is charged for something, by name. */
    List<OwnerInfo> owners();

    /** Returns all that is open of all owners, by the id of the buffer. */
    List<HoldingInfo> holdings();

    /** Returns all quotas that are in force, by name; one that each owner has for itself, once for each that uses it. */
    List<QuotaInfo> quotas();
}
