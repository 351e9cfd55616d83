// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A picture of a buffer at one moment.
 *
 * @param id the number of the buffer
 * @param name the name
 * @param owner the bundle that created it
 * @param byteSize the size asked for
 * @param storageSize the size of the storage, the size rounded up to pages; 0 without storage
 * @param flags the flags
 * @param readOnly whether the CPU's views are read-only
 * @param latePolicy what a late attach may cause
 * @param state the state
 * @param references how many handles hold it
 * @param cpuAccesses how many CPU accesses are open
 * @param userMappings how many user mappings are open
 * @param attachments the members, by device name
 * @param laggards the expected devices that have not attached
 * @param constraints the combination of all members
 * @param allocator the allocator whose storage it has, or empty
 * @param segments the storage's segments in CPU physical space, joined; empty without storage, and where the kernel alone
 *     knows them
 * @param moves how often the storage moved
 * @param orphaned whether its allocator left and nobody else can take it; until then storage in use is not. It moves to
 *     the first allocator that comes and has room for it, also to the same one when it is back: a copy, beside the old place
 * @param lastDecision what each allocator answered when storage was last chosen
 * @param lastRefusal why this buffer last refused something, or empty
 * @param source where its memory comes from; empty without storage
 * @param fences the fences that are pending on it, in the order in which they came
 * @param leftOut the optional devices that it goes on without, in the order in which they were left out
 */
public record BufferInfo(
        long id,
        String name,
        String owner,
        long byteSize,
        long storageSize,
        Set<String> flags,
        boolean readOnly,
        LatePolicy latePolicy,
        BufferState state,
        int references,
        int cpuAccesses,
        int userMappings,
        List<AttachmentInfo> attachments,
        List<String> laggards,
        DmaConstraints constraints,
        Optional<String> allocator,
        List<Segment> segments,
        long moves,
        boolean orphaned,
        List<Attempt> lastDecision,
        Optional<Explanation> lastRefusal,
        Optional<StorageSource> source,
        List<FenceInfo> fences,
        List<LeftOut> leftOut) {
    /** Copies the collections. */
    public BufferInfo {
        flags = Set.copyOf(flags);
        attachments = List.copyOf(attachments);
        laggards = List.copyOf(laggards);
        segments = List.copyOf(segments);
        lastDecision = List.copyOf(lastDecision);
        fences = List.copyOf(fences);
        leftOut = List.copyOf(leftOut);
    }

    /** Makes a picture without fences and without devices that were left out. */
    public BufferInfo(
            long id,
            String name,
            String owner,
            long byteSize,
            long storageSize,
            Set<String> flags,
            boolean readOnly,
            LatePolicy latePolicy,
            BufferState state,
            int references,
            int cpuAccesses,
            int userMappings,
            List<AttachmentInfo> attachments,
            List<String> laggards,
            DmaConstraints constraints,
            Optional<String> allocator,
            List<Segment> segments,
            long moves,
            boolean orphaned,
            List<Attempt> lastDecision,
            Optional<Explanation> lastRefusal,
            Optional<StorageSource> source) {
        this(
                id, name, owner, byteSize, storageSize, flags, readOnly, latePolicy,
                state, references, cpuAccesses, userMappings, attachments, laggards, constraints, allocator,
                segments, moves, orphaned, lastDecision, lastRefusal, source, List.of(), List.of());
    }

    /** Makes a picture without a source. */
    public BufferInfo(
            long id,
            String name,
            String owner,
            long byteSize,
            long storageSize,
            Set<String> flags,
            boolean readOnly,
            LatePolicy latePolicy,
            BufferState state,
            int references,
            int cpuAccesses,
            int userMappings,
            List<AttachmentInfo> attachments,
            List<String> laggards,
            DmaConstraints constraints,
            Optional<String> allocator,
            List<Segment> segments,
            long moves,
            boolean orphaned,
            List<Attempt> lastDecision,
            Optional<Explanation> lastRefusal) {
        this(
                id, name, owner, byteSize, storageSize, flags, readOnly, latePolicy,
                state, references, cpuAccesses, userMappings, attachments, laggards, constraints, allocator,
                segments, moves, orphaned, lastDecision, lastRefusal, Optional.empty());
    }
}
