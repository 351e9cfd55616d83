// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemorySource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What each source of the machine offers, what is missing and how to mend it, and that nothing is left of what fails. */
class MemorySourcesTest extends SourceStage {
    @Test
    void whatIsMissingIsNamedWithTheKernelOption() {
        NativeMemory service = service(real);
        assertThat(service.heaps()).isEmpty();
        assertThat(service.probe(MemorySource.MEMFD).isUsable()).isTrue();
        assertThat(text(service, SYSTEM))
                .isEqualTo(root + "/dev/dma_heap/system: ENOENT (kernel option CONFIG_DMABUF_HEAPS_SYSTEM, or modprobe"
                        + " system_heap)");
        assertThat(text(service, MemorySource.heap("reserved")))
                .isEqualTo(root + "/dev/dma_heap/reserved: ENOENT (kernel option CONFIG_DMABUF_HEAPS_CMA, and an area,"
                        + " for example cma=64M on its command line)");
        assertThat(text(service, MemorySource.UDMABUF))
                .isEqualTo(root + "/dev/udmabuf: ENOENT (kernel option CONFIG_UDMABUF, or modprobe udmabuf)");
        assertThat(text(service, MemorySource.HUGE_PAGES))
                .isEqualTo("the kernel has no huge pages: kernel option CONFIG_HUGETLBFS");
        for (MemorySource source : List.of(SYSTEM, MemorySource.UDMABUF)) {
            refused(Reason.ACCESS, text(service, source), () -> service.allocate(source, page, name));
        }
    }

    @Test
    void whatIsDeniedIsNamedWithItsOwnerGroupAndMode() throws IOException {
        Path node = node("dev/dma_heap/system");
        Files.setPosixFilePermissions(node, PosixFilePermissions.fromString("rw-------"));
        NativeMemory denied = service(new FailingCalls(1, Errno.EACCES.number()));
        String owner = Files.getOwner(node).getName();
        assertThat(text(denied, SYSTEM))
                .startsWith(node + ": EACCES (owned by " + owner + ":")
                .endsWith(", mode 0600: give a group access, by a udev rule with GROUP and MODE=\"0660\")");
    }

    @Test
    void aFileThatIsNoDeviceSaysWhatTheKernelLacks() throws IOException {
        node("dev/dma_heap/system");
        NativeMemory service = service(real);
        assertThat(service.heaps()).containsExactly("system");
        assertThat(service.probe(SYSTEM).isUsable()).isTrue();
        refused(
                Reason.ACCESS,
                "ioctl(" + root + "/dev/dma_heap/system, DMA_HEAP_IOCTL_ALLOC): ENOTTY (the kernel lacks"
                        + " CONFIG_DMABUF_HEAPS)",
                () -> service.allocate(SYSTEM, page, name));
    }

    @Test
    void hugePagesTellHowManyAreFree() throws IOException {
        meminfo("HugePages_Total: 4\nHugePages_Free: 3\nHugePages_Rsvd: 1\nHugepagesize: 2048 kB\n");
        NativeMemory service = service(real);
        assertThat(service.unit(MemorySource.HUGE_PAGES)).isEqualTo(2L << 20);
        assertThat(service.probe(MemorySource.HUGE_PAGES).isUsable()).isTrue();
        assertThat(text(service, MemorySource.HUGE_PAGES))
                .isEqualTo("huge pages of 2M: 2 of 4 free");
        assertThat(text(service, MemorySource.HUGE_UDMABUF)).startsWith(root + "/dev/udmabuf: ENOENT");
        node("dev/udmabuf");
        assertThat(text(service, MemorySource.HUGE_UDMABUF))
                .isEqualTo("huge pages of 2M: 2 of 4 free; " + root + "/dev/udmabuf: usable; unsafe for drivers that write"
                        + " by the CPU (vmap, as vivid does): Linux 6.12 loses data");
        meminfo("HugePages_Total: 4\nHugePages_Free: 1\nHugePages_Rsvd: 1\nHugepagesize: 2048 kB\n");
        assertThat(service.probe(MemorySource.HUGE_PAGES).isUsable()).isFalse();
        assertThat(text(service, MemorySource.HUGE_PAGES))
                .isEqualTo("huge pages of 2M: 0 of 4 free: write a number to /proc/sys/vm/nr_hugepages, or boot with"
                        + " hugepages=N");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> service.allocate(MemorySource.HUGE_PAGES, page, name))
                .withMessage("size " + page + " is no multiple of the page size 2097152, or 0");
    }

    /** The kernel would kill the process instead. */
    @Test
    void aHeapIsNotAskedForMoreThanTheMachineHas() throws IOException {
        devices();
        meminfo("MemAvailable: 8000 kB\n");
        FailingCalls calls = new FailingCalls(0, 0);
        NativeMemory service = service(calls);
        for (MemorySource source : List.of(SYSTEM, MemorySource.UDMABUF)) {
            refused(
                    Reason.OUT_OF_MEMORY,
                    source + " is not asked for 8M: 8000K are available, of which an eighth stays; the kernel would end"
                            + " this process",
                    () -> service.allocate(source, 8L << 20, name));
        }
        assertThat(calls.made()).isZero();
        assertThat(service.inUse()).isZero();
        service.allocate(SYSTEM, 4L << 20, name).close();
    }

    /** A look at the machine holds for a sixteenth of what it found. */
    @Test
    void littleIsAskedForWithoutALookAtTheMachine() throws IOException {
        devices();
        meminfo("MemAvailable: 8192 kB\n");
        NativeMemory service = service(new FailingCalls(0, 0));
        service.allocate(SYSTEM, page, name).close();
        meminfo("MemAvailable: 0 kB\n");
        refused(
                Reason.OUT_OF_MEMORY,
                SYSTEM + " is not asked for 4K: 0 are available, of which an eighth stays; the kernel would end this"
                        + " process",
                () -> {
                    for (long asked = 0; asked <= (8 << 20) / 16; asked += page) {
                        service.allocate(SYSTEM, page, name).close();
                    }
                });
    }

    /** What the group uses already is not there, but for files that the kernel reads again. */
    @Test
    void aHeapIsNotAskedForMoreThanTheControlGroupHasLeft() throws IOException {
        devices();
        meminfo("MemAvailable: 8000000 kB\n");
        Path group = Files.createDirectories(root.resolve("sys/fs/cgroup/a"));
        Files.createDirectories(root.resolve("proc/self"));
        Files.writeString(root.resolve("proc/self/mountinfo"), "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
        Files.writeString(root.resolve("proc/self/cgroup"), "0::/a\n");
        Files.writeString(group.resolve("memory.max"), (16 << 20) + "\n");
        Files.writeString(group.resolve("memory.current"), (12 << 20) + "\n");
        NativeMemory service = service(new FailingCalls(0, 0));
        refused(
                Reason.OUT_OF_MEMORY,
                SYSTEM + " is not asked for 4M: 4M are available, of which an eighth stays; the kernel would end this"
                        + " process",
                () -> service.allocate(SYSTEM, 4L << 20, name));
        Files.writeString(group.resolve("memory.stat"), "anon 4194304\ninactive_file 4194304\n");
        service.allocate(SYSTEM, 4L << 20, name).close();
    }

    @Test
    void aDmaBufIsNotLargerThanTheModuleTakes() throws IOException {
        devices();
        Path limit = Files.createDirectories(root.resolve("sys/module/udmabuf/parameters")).resolve("size_limit_mb");
        Files.writeString(limit, "1\n");
        NativeMemory service = service(new FailingCalls(0, 0));
        refused(
                Reason.OUT_OF_MEMORY,
                root + "/dev/udmabuf: a dma-buf of 2M is more than it takes, 1M (raise " + limit + ")",
                () -> service.allocate(MemorySource.UDMABUF, 2L << 20, name));
        service.allocate(MemorySource.UDMABUF, 1L << 20, name).close();
    }

    @Test
    void aPciResourceIsMappedShared() throws IOException {
        Path file = node("sys/bus/pci/devices/0000:00:04.0/resource0");
        Files.write(file, new byte[(int) page]);
        NativeMemory service = service(real);
        try (Memory registers = service.pciResource("0000:00:04.0", 0);
                Arena arena = Arena.ofConfined()) {
            assertThat(registers.source()).isEqualTo("pci:0000:00:04.0/resource0");
            assertThat(registers.byteSize()).isEqualTo(page);
            assertThat(service.inUse()).isZero();
            registers.view(0, page, CpuMode.WRITE, arena).set(ValueLayout.JAVA_BYTE, 8, (byte) 5);
            assertThat(Files.readAllBytes(file)[8]).isEqualTo((byte) 5);
            refused(
                    Reason.ACCESS,
                    "memory of pci:0000:00:04.0/resource0 cannot be joined: only memfds and huge pages can",
                    () -> service.join(List.of(registers), name));
        }
        assertThat(service.inUse()).isZero();
        for (String address : List.of("0000:00:04.0", "0000:00:05.0", "../devices/0000:00:04.0")) {
            assertThatExceptionOfType(DmaBufException.class)
                    .isThrownBy(() -> service.pciResource(address, 1))
                    .withMessageStartingWith("PCI device " + address + " has no resource 1: ")
                    .extracting(DmaBufException::reason)
                    .isEqualTo(Reason.INVALID);
        }
    }

    @Test
    void everyFailingCallLeavesNothingBehind() throws IOException {
        devices();
        meminfo("HugePages_Total: 4\nHugePages_Free: 4\nHugePages_Rsvd: 0\nHugepagesize: 64 kB\n");
        for (int errno : FailingCalls.ERRNOS) {
            for (MemorySource source :
                    List.of(SYSTEM, MemorySource.UDMABUF, MemorySource.MEMFD, MemorySource.HUGE_UDMABUF,
                            MemorySource.HUGE_PAGES)) {
                boolean failed = true;
                for (int n = 1; failed; n++) {
                    FailingCalls calls = new FailingCalls(n, errno);
                    NativeMemory service = service(calls);
                    useAll(service, source);
                    assertThat(Resources.named(name)).isEqualTo(Resources.NONE);
                    assertThat(Resources.named(DeviceDouble.NAME)).isEqualTo(Resources.NONE);
                    assertThat(service.inUse()).isZero();
                    service.stop();
                    failed = calls.made() >= n;
                }
            }
        }
    }

    /** A whole life; it ends early with a documented error where a call fails. */
    private void useAll(NativeMemory service, MemorySource source) throws IOException {
        List<Memory> all = new ArrayList<>();
        try {
            all.add(service.allocate(source, service.unit(source), name));
            service.zero(all.getFirst());
            all.getFirst().holders();
            service.closeDescriptor(all.getFirst().duplicateDescriptor());
            MemorySource file = source.kind() == MemorySource.Kind.HEAP ? MemorySource.MEMFD : source;
            all.add(service.allocate(file, service.unit(file), name));
            all.add(service.allocate(file, service.unit(source), name));
            service.copy(all.getFirst(), all.getLast());
            plant(all.getLast(), 16);
            service.physical(all.getLast());
            all.add(service.join(List.of(all.get(1), all.get(2)), name));
            service.zero(all.getLast());
        } catch (DmaBufException e) {
            assertThat(e.reason()).isIn(Reason.OUT_OF_MEMORY, Reason.ACCESS, Reason.BUSY);
        } catch (OutOfMemoryError e) {
            assertThat(e).hasMessageStartingWith("planted in ");
        } finally {
            all.forEach(Memory::close);
        }
    }
}
