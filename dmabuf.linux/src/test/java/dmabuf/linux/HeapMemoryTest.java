// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemorySource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Memory of DMA-BUF heaps: the calls that it takes, and the files that stay open for it. */
class HeapMemoryTest extends SourceStage {
    @Test
    void accessesOfADmaBufAreBracketed() throws IOException {
        devices();
        FailingCalls calls = new FailingCalls(0, 0);
        NativeMemory service = service(calls);
        Memory heap = service.allocate(SYSTEM, page, name);
        assertThat(heap.isDmaBuf()).isTrue();
        assertThat(calls.devices().asked).containsExactly(Ioctl.DMA_BUF_SET_NAME_B);
        heap.beginCpuAccess(CpuMode.READ);
        heap.endCpuAccess(CpuMode.READ);
        assertThat(calls.devices().asked).hasSize(3).endsWith(Ioctl.DMA_BUF_IOCTL_SYNC, Ioctl.DMA_BUF_IOCTL_SYNC);
        service.zero(heap);
        assertThat(calls.devices().asked).hasSize(5);
        heap.close();
        heap.endCpuAccess(CpuMode.READ);
        refused(Reason.GONE, "the memory of " + page + " bytes is closed", () -> heap.beginCpuAccess(CpuMode.READ));
        try (Memory plain = service.memfd(page, name)) {
            plain.beginCpuAccess(CpuMode.READ_WRITE);
            plain.endCpuAccess(CpuMode.READ_WRITE);
            assertThat(plain.isDmaBuf()).isFalse();
            assertThat(plain.holders()).isEqualTo(OptionalLong.empty());
        }
        assertThat(calls.devices().asked).hasSize(5);
    }

    /** Allocated, named, begun, ended: what C does, and the name. The node is opened once. */
    @Test
    void aMemoryOfAHeapTakesNoCallsBeyondThoseOfC() throws IOException {
        devices();
        FailingCalls calls = new FailingCalls(0, 0);
        NativeMemory service = service(calls);
        endAccess(service);
        int before = calls.made();
        endAccess(service);
        assertThat(calls.made() - before).isEqualTo(4);
        service.stop();
    }

    private void endAccess(NativeMemory service) {
        try (Memory heap = service.allocate(SYSTEM, page, name)) {
            heap.beginCpuAccess(CpuMode.READ);
            heap.endCpuAccess(CpuMode.READ);
        }
    }

    @Test
    void theNodeOfAHeapIsClosedWhenTheServiceStops() throws IOException {
        devices();
        Path node = root.resolve("dev/dma_heap/system").toRealPath();
        NativeMemory service = service(new FailingCalls(0, 0));
        service.allocate(SYSTEM, page, name).close();
        assertThat(descriptorsOf(node)).isEqualTo(1);
        service.stop();
        assertThat(descriptorsOf(node)).isZero();
        refused(Reason.GONE, "the memory service has stopped", () -> service.allocate(SYSTEM, page, name));
        assertThat(descriptorsOf(node)).isZero();
        assertThat(service.inUse()).isZero();
    }

    /** The kept node is not asked again when it fails; one that has no room is. */
    @Test
    void aNodeThatFailsIsOpenedAgainOnce() throws IOException {
        devices();
        Path node = root.resolve("dev/dma_heap/system").toRealPath();
        FailingCalls dead = new FailingCalls(4, Errno.ENODEV.number());
        NativeMemory service = service(dead);
        service.allocate(SYSTEM, page, name).close();
        assertThat(dead.made()).as("open, allocate, name").isEqualTo(3);
        service.allocate(SYSTEM, page, name).close();
        assertThat(dead.made()).as("allocate in vain; open, allocate, name").isEqualTo(7);
        Files.delete(node);
        service.stop();

        Files.createFile(node);
        FailingCalls full = new FailingCalls(4, Errno.ENOMEM.number());
        NativeMemory other = service(full);
        other.allocate(SYSTEM, page, name).close();
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> other.allocate(SYSTEM, page, name))
                .withMessageContaining("the heap has no room for that");
        assertThat(full.made()).isEqualTo(4);
        other.stop();
        assertThat(descriptorsOf(node)).isZero();
    }

    /** A number that is closed may be another file's the next moment. */
    @Test
    void whoClosesInTheMidstOfACallLeavesItTheFile() throws IOException {
        devices();
        FailingCalls calls = new FailingCalls(0, 0);
        NativeMemory service = service(calls);
        Memory heap = service.allocate(SYSTEM, page, name);
        calls.devices().duringSync = () -> {
            heap.close();
            assertThat(Resources.named(DeviceDouble.NAME).descriptors()).isEqualTo(1);
            refused(Reason.GONE, "the memory of " + page + " bytes is closed", () -> heap.beginCpuAccess(CpuMode.READ));
        };
        heap.beginCpuAccess(CpuMode.READ);
        assertThat(Resources.named(DeviceDouble.NAME).descriptors()).isZero();
        assertThat(service.inUse()).isZero();
        heap.endCpuAccess(CpuMode.READ);
        service.stop();
    }

    /** A hole in the file would take the pages from our view and leave the dma-buf the old ones. */
    @Test
    void theFileBelowADmaBufIsNeverPunched() throws IOException {
        devices();
        NativeMemory service = service(new FailingCalls(0, 0));
        try (Memory memory = service.allocate(MemorySource.UDMABUF, page, name)) {
            service.zero(memory);
            assertThat(Resources.named(name).mappings()).isEqualTo(1);
        }
    }
}
