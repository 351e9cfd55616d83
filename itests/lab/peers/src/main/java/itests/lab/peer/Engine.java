// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * QEMU's edu device (docs/specs/edu.rst): a DMA engine with 4 KiB of its own, between which and the memory it copies. It
 * drops all but the lower 28 bits of an address.
 */
public final class Engine implements AutoCloseable {
    /** The most that one transfer takes here: the emulator of QEMU 7.2 ends over 4096. */
    public static final int MOST = 2048;

    private static final int SOURCE = 0x80;
    private static final int TARGET = 0x88;
    private static final int COUNT = 0x90;
    private static final int COMMAND = 0x98;
    private static final int IDENTITY = 0xed;
    private static final long OWN_MEMORY = 0x40000;
    private static final long START = 1;
    private static final long TO_MEMORY = 2;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    // include/uapi/linux/vfio.h, linux/pci_regs.h
    private static final long VFIO_DEVICE_GET_REGION_INFO = 0x3b6c;
    private static final int BAR0 = 0;
    private static final int CONFIG = 7;
    private static final int PCI_COMMAND = 4;
    private static final int MEMORY_AND_MASTER = 6;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final VarHandle REGISTER = LONG.varHandle();
    private static final VarHandle REGISTER32 = INT.varHandle();

    private final Arena arena;
    private final MemorySegment registers;

    private Engine(Arena arena, MemorySegment registers) {
        this.arena = arena;
        this.registers = registers;
        if (((int) REGISTER32.getVolatile(registers, 0L) & 0xff) != IDENTITY) {
            throw new IllegalStateException("this is no edu device");
        }
    }

    /** Returns the PCI address of the machine's engine, such as 0000:00:04.0; empty where there is none. */
    public static Optional<String> address() {
        return ScanOut.pci("0x1234", "0x11e8").map(path -> path.getFileName().toString());
    }

    /** Drives the engine by its VFIO descriptor, which stays the caller's. */
    public static Engine ofVfio(int device) {
        Arena arena = Arena.ofShared();
        MemorySegment config = region(device, CONFIG, arena);
        MemorySegment command = arena.allocate(SHORT);
        Posix.read(device, command, config.get(LONG, 24) + PCI_COMMAND);
        command.set(SHORT, 0, (short) (command.get(SHORT, 0) | MEMORY_AND_MASTER));
        Posix.write(device, command, config.get(LONG, 24) + PCI_COMMAND);
        MemorySegment bar = region(device, BAR0, arena);
        return new Engine(arena, Posix.map(device, bar.get(LONG, 24), bar.get(LONG, 16), arena));
    }

    private static MemorySegment region(int device, int index, Arena arena) {
        MemorySegment info = arena.allocate(32, 8);
        info.set(INT, 0, (int) info.byteSize());
        info.set(INT, 8, index);
        Posix.ioctl("VFIO_DEVICE_GET_REGION_INFO", device, VFIO_DEVICE_GET_REGION_INFO, info);
        return info;
    }

    /** Drives the engine by its files in sysfs, where no driver and no IOMMU stand before it. */
    public static Engine ofSysfs(String address) {
        Path folder = Path.of("/sys/bus/pci/devices", address);
        Arena arena = Arena.ofShared();
        int config = Posix.open(folder.resolve("config").toString());
        int bar = Posix.open(folder.resolve("resource0").toString());
        try {
            Files.writeString(folder.resolve("enable"), "1");
            MemorySegment command = arena.allocate(SHORT);
            Posix.read(config, command, PCI_COMMAND);
            command.set(SHORT, 0, (short) (command.get(SHORT, 0) | MEMORY_AND_MASTER));
            Posix.write(config, command, PCI_COMMAND);
            return new Engine(arena, Posix.map(bar, 0, Files.size(folder.resolve("resource0")), arena));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Posix.close(config);
            Posix.close(bar);
        }
    }

    /** Reads memory into the engine: at most {@value #MOST} bytes at a device address. */
    public void load(long address, int bytes) {
        transfer(address, OWN_MEMORY, bytes, START);
    }

    /** Writes what the engine holds to memory. */
    public void store(long address, int bytes) {
        transfer(OWN_MEMORY, address, bytes, START | TO_MEMORY);
    }

    /** Copies from one device address to another through the engine. */
    public void copy(long from, long to, int bytes) {
        for (int done = 0; done < bytes; done += MOST) {
            int part = Math.min(MOST, bytes - done);
            load(from + done, part);
            store(to + done, part);
        }
    }

    private void transfer(long from, long to, int bytes, long command) {
        if (bytes > MOST) {
            throw new IllegalArgumentException(bytes + " bytes are more than " + MOST);
        }
        REGISTER.setVolatile(registers, (long) SOURCE, from);
        REGISTER.setVolatile(registers, (long) TARGET, to);
        REGISTER.setVolatile(registers, (long) COUNT, (long) bytes);
        REGISTER.setVolatile(registers, (long) COMMAND, command);
        long begin = System.nanoTime();
        while (((long) REGISTER.getVolatile(registers, (long) COMMAND) & START) != 0) {
            if (System.nanoTime() - begin > LIMIT.toNanos()) {
                throw new IllegalStateException("the engine does not end its transfer");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
