// SPDX-License-Identifier: Apache-2.0
package itests.lab.cases;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Exporter;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/** A buffer that is mapped for its devices, and whose dma-buf can be handed to their drivers. */
final class Held implements AutoCloseable {
    private final DmaBuf buffer;
    private final List<Attachment> attachments = new ArrayList<>();
    private final List<Mapping> mappings = new CopyOnWriteArrayList<>();

    private Held(DmaBuf buffer) {
        this.buffer = buffer;
    }

    static Held of(Exporter exporter, String name, long byteSize, String... devices) {
        Held held = new Held(exporter.create(BufferRequest.ofSize(byteSize).withName(name)));
        try {
            held.attachments.addAll(held.buffer.attach(List.of(devices)));
            held.map();
            return held;
        } catch (RuntimeException e) {
            held.close();
            throw e;
        }
    }

    private void map() {
        attachments.forEach(attachment -> mappings.add(attachment.map(
                MapRequest.of(Direction.BIDIRECTIONAL).withMoveListener(_ -> unmap()))));
    }

    private void unmap() {
        mappings.reversed().forEach(Mapping::close);
        mappings.clear();
    }

    /** Lets a further device in, which may move the storage: whoever held it is asked to let go, and maps again. */
    void join(String device) {
        attachments.add(buffer.attach(device));
        unmap();
        map();
    }

    DmaBuf buffer() {
        return buffer;
    }

    Mapping mapping() {
        return mappings.getFirst();
    }

    /** Runs something with the number of a descriptor of the dma-buf; a driver that imports it keeps its own. */
    void lend(Consumer<Integer> driver) {
        try (var file = mapping().openFile()) {
            driver.accept(file.descriptor());
        }
    }

    void write(Consumer<MemorySegment> writer) {
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.WRITE)) {
            writer.accept(access.segment());
        }
    }

    <T> T read(Function<MemorySegment, T> reader) {
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ)) {
            return reader.apply(access.segment());
        }
    }

    @Override
    public void close() {
        unmap();
        attachments.reversed().forEach(Attachment::close);
        buffer.close();
    }
}
