// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemorySource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Sources below a root of our own, where plain files stand for the nodes; the kernel's own are tried in the lab. */
class MemorySourcesTest {
    private static final long CAPACITY = 64L << 20;
    private static final MemorySource SYSTEM = MemorySource.heap("system");

    private final RecordedLog log = new RecordedLog();
    private final CLibrary real = new CLibrary();
    private final long page = real.pageSize();
    private String name;

    @TempDir
    Path root;

    @BeforeEach
    void named(TestInfo info) {
        name = info.getTestMethod().orElseThrow().getName();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(Resources.named(name)).isEqualTo(Resources.NONE);
        assertThat(Resources.named(DeviceDouble.NAME)).isEqualTo(Resources.NONE);
    }

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

    private static long descriptorsOf(Path file) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(each -> leadsTo(each, file)).count();
        }
    }

    private static boolean leadsTo(Path descriptor, Path file) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith(file.toString());
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    /** Linux 6.12 loses what some drivers write into huge pages; so a dma-buf of them must be asked for by name. */
    @Test
    void hugePagesAreADmaBufOnlyWhenAsked() throws IOException {
        devices();
        meminfo("HugePages_Total: 4\nHugePages_Free: 4\nHugePages_Rsvd: 0\nHugepagesize: 64 kB\n");
        NativeMemory service = service(new FailingCalls(0, 0));
        Memory first = service.allocate(MemorySource.HUGE_PAGES, 1L << 17, name);
        Memory second = service.allocate(MemorySource.HUGE_UDMABUF, 1L << 16, name);
        Memory third = service.allocate(MemorySource.HUGE_UDMABUF, 1L << 16, name);
        assertThat(List.of(first.source(), second.source())).containsExactly("hugepages", "hugepages+udmabuf");
        assertThat(List.of(first.isDmaBuf(), second.isDmaBuf())).containsExactly(false, true);
        Memory whole = service.join(List.of(second, third), name);
        assertThat(whole.source()).isEqualTo("hugepages+udmabuf");
        assertThat(Resources.named(DeviceDouble.NAME).descriptors()).isEqualTo(1);
        try (Memory mixed = service.join(List.of(first, whole), name)) {
            assertThat(mixed.source()).isEqualTo("hugepages");
            assertThat(mixed.isDmaBuf()).isFalse();
            assertThat(Resources.named(DeviceDouble.NAME).descriptors())
                    .as("one for each of its two files keeps the pages where they were")
                    .isEqualTo(2);
        }
    }

    /** The kernel moves huge pages as it moves others; mlock(2) does not keep them. */
    @Test
    void hugePagesHaveAddressesOnlyWhileADmaBufKeepsThemThere() throws IOException {
        meminfo("HugePages_Total: 4\nHugePages_Free: 4\nHugePages_Rsvd: 0\nHugepagesize: 64 kB\n");
        NativeMemory service = service(new FailingCalls(0, 0));
        Memory first = service.allocate(MemorySource.HUGE_PAGES, 1L << 16, name);
        plant(first, 64);
        assertThat(service.physical(first)).isEmpty();
        devices();
        assertThat(service.physical(first)).contains(List.of(new Segment(64 * page, 1L << 16)));
        assertThat(service.physical(first)).isPresent();
        assertThat(pins()).isEqualTo(1);
        assertThat(first.isDmaBuf()).isFalse();
        int offered = first.duplicateDescriptor();
        assertThat(pins()).as("what is given to others is the file").isEqualTo(1);
        service.closeDescriptor(offered);
        Memory second = service.allocate(MemorySource.HUGE_PAGES, 6L << 20, name);
        plant(second, 128);
        assertThat(service.physical(second)).isPresent();
        assertThat(pins()).as("one more for each 4M").isEqualTo(3);
        Memory third = service.allocate(MemorySource.HUGE_PAGES, 1L << 16, name);
        Memory whole = service.join(List.of(second, first, third), name);
        assertThat(pins()).as("those who know the addresses go on being right").isEqualTo(3);
        plant(whole, 64);
        assertThat(service.physical(whole)).isPresent();
        assertThat(pins()).isEqualTo(4);
        whole.close();
        assertThat(service.inUse()).isZero();
    }

    private static long pins() {
        return Resources.named(DeviceDouble.NAME).descriptors();
    }

    /** Lets the page map say that memory lies at frames from this one on. */
    private void plant(Memory memory, long frame) throws IOException {
        Path map = Files.createDirectories(root.resolve("proc/self")).resolve("pagemap");
        ByteBuffer entries = ByteBuffer.allocate((int) (memory.byteSize() / page) * Long.BYTES).order(ByteOrder.nativeOrder());
        while (entries.hasRemaining()) {
            entries.putLong(1L << 63 | (frame + entries.position() / Long.BYTES));
        }
        try (Arena arena = Arena.ofConfined();
                FileChannel file = FileChannel.open(map, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long address = memory.view(0, 1, CpuMode.READ, arena).address();
            file.write(entries.flip(), address / page * Long.BYTES);
        }
    }

    @Test
    void whatUdmabufDoesNotTakeTogetherStaysApart() throws IOException {
        devices();
        NativeMemory service = service(new FailingCalls(0, 0));
        List<Memory> parts = List.of(
                service.allocate(MemorySource.UDMABUF, 1L << 19, name), service.allocate(MemorySource.UDMABUF, 1L << 20, name));
        Path limit = Files.createDirectories(root.resolve("sys/module/udmabuf/parameters")).resolve("size_limit_mb");
        Files.writeString(limit, "1\n");
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> service.join(parts, name))
                .withMessageContaining("a dma-buf of 1536K is more than it takes, 1M");
        assertThat(parts).allMatch(service::owns);
        Files.delete(limit);
        try (Memory whole = service.join(parts, name)) {
            assertThat(whole.source()).isEqualTo("udmabuf");
        }
        assertThat(service.inUse()).isZero();
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

    @Test
    void joinsInTheOrderAsked() {
        NativeMemory service = service(real);
        Memory first = filled(service, 2 * page, (byte) 1);
        Memory second = filled(service, page, (byte) 2);
        Memory whole = service.join(List.of(second, first), name);
        assertThat(service.owns(first)).isFalse();
        assertThat(service.inUse()).isEqualTo(whole.byteSize()).isEqualTo(3 * page);
        first.close();
        assertThat(service.inUse()).isEqualTo(3 * page);
        try (Arena arena = Arena.ofConfined()) {
            byte[] bytes = whole.view(0, 3 * page, CpuMode.READ, arena).toArray(ValueLayout.JAVA_BYTE);
            assertThat(List.of(bytes[0], bytes[(int) page - 1], bytes[(int) page], bytes[(int) (3 * page) - 1]))
                    .containsExactly((byte) 2, (byte) 2, (byte) 1, (byte) 1);
            refused(
                    Reason.ACCESS,
                    "memory of 2 files has no descriptor: only dma-bufs are joined to one",
                    whole::duplicateDescriptor);
            whole.close();
        }
        assertThat(service.inUse()).isZero();
    }

    /** Huge pages are mapped at multiples of their size only. */
    @Test
    void theWholeIsMappedAsItsPiecesWantIt() {
        NativeMemory service = service(real);
        long piece = 1L << 20;
        Memory whole = service.join(
                List.of(filled(service, piece, (byte) 1), filled(service, piece, (byte) 2), filled(service, piece, (byte) 3)),
                name);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(whole.view(0, 1, CpuMode.READ, arena).address() % piece).isZero();
            whole.close();
        }
    }

    @Test
    void aViewOfTheWholeDiesSafely() {
        NativeMemory service = service(real);
        Memory whole = service.join(List.of(filled(service, page, (byte) 1), filled(service, page, (byte) 2)), name);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment view = whole.view(0, 2 * page, CpuMode.READ_WRITE, arena);
            whole.close();
            assertThat(view.get(ValueLayout.JAVA_BYTE, page)).isZero();
            view.fill((byte) 1);
        }
    }

    @Test
    void whatCannotBeJoinedStaysAsItIs() throws IOException {
        devices();
        NativeMemory service = service(new FailingCalls(0, 0));
        Memory file = service.memfd(page, name);
        Memory heap = service.allocate(SYSTEM, page, name);
        refused(
                Reason.ACCESS,
                "memory of heap:system cannot be joined: only memfds and huge pages can",
                () -> service.join(List.of(file, heap), name));
        assertThatIllegalArgumentException().isThrownBy(() -> service.join(List.of(file, file), name));
        assertThatIllegalArgumentException().isThrownBy(() -> service.join(List.of(), name));
        assertThat(service.owns(file)).isTrue();
        file.close();
        heap.close();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> service.join(List.of(file), name))
                .withMessage("memfd of " + page + " bytes is not of this memory service, or closed");
        assertThat(service.inUse()).isZero();
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

    private Memory filled(NativeMemory service, long byteSize, byte value) {
        Memory memory = service.memfd(byteSize, name);
        try (Arena arena = Arena.ofConfined()) {
            memory.view(0, byteSize, CpuMode.WRITE, arena).fill(value);
        }
        return memory;
    }

    private NativeMemory service(SystemCalls calls) {
        return new NativeMemory(calls, root, CAPACITY, log.logger());
    }

    private static String text(NativeMemory service, MemorySource source) {
        return service.probe(source).text();
    }

    private void devices() throws IOException {
        node("dev/dma_heap/system");
        node("dev/udmabuf");
    }

    private Path node(String path) throws IOException {
        Path node = root.resolve(path);
        Files.createDirectories(node.getParent());
        return Files.createFile(node);
    }

    private void meminfo(String text) throws IOException {
        Files.writeString(Files.createDirectories(root.resolve("proc")).resolve("meminfo"), text);
    }

    private static void refused(
            Reason reason, String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(call)
                .withMessage(message)
                .extracting(DmaBufException::reason)
                .isEqualTo(reason);
    }
}
