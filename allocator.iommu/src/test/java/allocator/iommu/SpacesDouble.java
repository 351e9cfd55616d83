// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.IommuService;
import dmabuf.api.spi.IommuSpace;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.SourceState;
import dmabuf.api.spi.UserDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The groups of a machine: one space each, whose mappings outlive its handles. One thread. */
final class SpacesDouble implements IommuService {
    /** What is mapped, in words, by group and address. */
    final Map<String, Map<Long, String>> mapped = new TreeMap<>();

    /** The groups whose spaces are open, once for each handle. */
    final List<String> open = new ArrayList<>();

    /** Refuses the next mapping when it is not empty. */
    String failure = "";

    /** The reason of that. */
    Reason reason = Reason.OUT_OF_MEMORY;

    @Override
    public SourceState state() {
        return new SourceState("vfio-type1", true, "a double");
    }

    @Override
    public IommuSpace open(String group) {
        if (group.equals("9")) {
            throw new DmaBufException(Reason.ACCESS, "/dev/vfio/9: EACCES, owned root:root 0600: add a udev rule");
        }
        open.add(group);
        return new Space(group);
    }

    private final class Space implements IommuSpace {
        private final String group;
        private boolean closed;

        Space(String group) {
            this.group = group;
        }

        @Override
        public String source() {
            return "vfio-type1";
        }

        @Override
        public AddressRanges aperture() {
            return AddressRanges.parse("0..0xfedfffff,0xfef00000..0xffffffffff");
        }

        @Override
        public long granule() {
            return 4096;
        }

        @Override
        public void map(Memory memory, long byteOffset, long byteSize, long ioVirtual) {
            if (!failure.isEmpty() || MemorySource.isHeap(memory)) {
                throw new DmaBufException(reason, failure);
            }
            String text = memory.source() + " " + byteOffset + "+" + byteSize;
            if (mapped.computeIfAbsent(group, _ -> new TreeMap<>()).putIfAbsent(ioVirtual, text) != null) {
                throw new DmaBufException(Reason.INVALID, "taken: " + ioVirtual);
            }
        }

        @Override
        public void unmap(long ioVirtual, long byteSize) {
            if (closed || mapped.get(group).remove(ioVirtual) == null) {
                throw new AssertionError("not mapped: " + ioVirtual);
            }
        }

        @Override
        public UserDevice device(String pciAddress) {
            throw new UnsupportedOperationException("no devices");
        }

        @Override
        public void close() {
            closed = true;
            open.remove(group);
        }
    }
}
