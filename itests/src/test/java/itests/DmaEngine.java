// SPDX-License-Identifier: Apache-2.0
package itests;

import dmabuf.api.Segment;
import dmabuf.api.spi.Mapper;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * A simulated bus master behind an IOMMU. It knows device addresses only; where they lead, its mapper says, page by page,
 * and what lies there, the RAM.
 */
record DmaEngine(Mapper mapper, Ram ram) {
    /** What an IOMMU answers to an address that nothing is mapped at. */
    static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Fault(long address) {
            super("nothing is mapped at " + Stage.hex(address));
        }
    }

    byte[] read(long address, long byteSize) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(byteSize));
        eachPage(address, byteSize, at -> bytes.put(ram.read(new Segment(physical(at), chunk(at, address + byteSize)))));
        return bytes.array();
    }

    void write(long address, byte[] bytes) {
        eachPage(address, bytes.length, at -> {
            int from = Math.toIntExact(at - address);
            int to = from + Math.toIntExact(chunk(at, address + bytes.length));
            ram.write(physical(at), Arrays.copyOfRange(bytes, from, to));
        });
    }

    private void eachPage(long address, long byteSize, LongConsumer action) {
        for (long at = address; at < address + byteSize; at += chunk(at, address + byteSize)) action.accept(at);
    }

    private long chunk(long at, long end) {
        long page = mapper.granule();
        return Math.min(page - at % page, end - at);
    }

    private long physical(long address) {
        return mapper.translate(address).orElseThrow(() -> new Fault(address));
    }
}
