// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.CpuMode;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is wrong is refused, each with a message that says what would be right. */
class BadInputTest {
    private final Bench bench = new Bench().devices("/soc/cam@1", "/soc/codec@2", "/bus/codec@2");

    BadInputTest() {
        bench.pool("pool", 0, 0x1000_0000L);
    }

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void sizesBelowOne() {
        for (long size : new long[] {-1, 0, Long.MIN_VALUE}) {
            refuses(
                    Reason.INVALID, "size=" + size + " is not allowed: a buffer has at least 1 byte, at most 2^63-1",
                    () -> bench.buffer(size));
        }
    }

    @Test
    void sizesBeyondAllMemory() {
        for (long size : new long[] {1L << 31, Long.MAX_VALUE}) {
            DmaBuf frame = bench.buffer(size);
            DmaBufException refusal =
                    Bench.refusal(() -> frame.attach("cam@1").map(Direction.TO_DEVICE));
            assertThat(refusal.reason()).as("size %d", size).isEqualTo(Reason.OUT_OF_MEMORY);
            assertThat(frame.info().state()).isEqualTo(BufferState.DEFERRED);
            assertThat(Bench.refusal(() -> frame.beginCpuAccess(CpuMode.READ)).reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        }
    }

    @Test
    void aBufferLargerThanTheCap() {
        try (Bench capped = new Bench(
                new Settings(Duration.ofSeconds(20), Duration.ofSeconds(1), OptionalLong.of(8192)))) {
            PoolAllocator pool = capped.pool("pool", 0, 0x1000_0000L);
            DmaBuf small = capped.buffer(4096);
            small.beginCpuAccess(CpuMode.READ).close();
            refuses(
                    Reason.OUT_OF_MEMORY,
                    "no storage for buffer frame: pool the cap of 8K bytes has no room for 8K: 4K are in use",
                    () -> capped.buffer(8192).beginCpuAccess(CpuMode.READ));
            assertThat(pool.statistics().live()).isEqualTo(1);
            small.close();
            capped.buffer(8192).beginCpuAccess(CpuMode.READ).close();
        }
    }

    @Test
    void unknownNames() {
        DmaBuf frame = bench.buffer(4096);
        refuses(Reason.INVALID, "unknown device cam@2; near are /soc/cam@1", () -> frame.attach("cam@2"));
        refuses(Reason.INVALID, "unknown device quite-another", () -> frame.attach("quite-another"));
        refuses(
                Reason.INVALID, "device name codec@2 means several: [/bus/codec@2, /soc/codec@2]",
                () -> frame.attach("codec@2"));
        refuses(Reason.INVALID, "no device matches (family=none)", () -> frame.attach("(family=none)"));
        assertThat(Bench.refusal(() -> frame.attach("(family=none")))
                .hasMessageStartingWith("'(family=none' is no LDAP filter: ");
        assertThat(Bench.refusal(() -> bench.exporter.merge(List.of("nobody"))).reason()).isEqualTo(Reason.INVALID);
        assertThat(Bench.refusal(() -> bench.exporter.device("nobody")).reason()).isEqualTo(Reason.INVALID);
        assertThat(bench.exporter.plan(BufferRequest.ofSize(1), List.of("nobody")).refusal().orElseThrow().reason())
                .isEqualTo(Reason.INVALID);
        assertThat(frame.info().attachments()).isEmpty();
    }

    @Test
    void devicesThatContradict() {
        refuses(
                Reason.INVALID, "device /soc/cam@1 of sandbox is present already, from sandbox",
                () -> bench.device("/soc/cam@1", ""));
        refuses(
                Reason.INVALID, "the parent nobody is not present",
                () -> bench.sandbox.addDevice(Device.ofParent("part", List.of(Bench.path("")), "nobody"), Map.of()));
        refuses(
                Reason.INVALID, "device right is registered under another name, wrong",
                () -> bench.sandbox.addDevice(
                        Device.of("right", List.of(Bench.path(""))), Map.of("name", "wrong")));
        bench.device("whole", "range=0x0..0xfff");
        assertThat(Bench.refusal(() -> bench.sandbox.addDevice(
                        Device.ofParent("part", List.of(Bench.path("range=0x1000..0x1fff")), "whole"), Map.of())))
                .hasMessageStartingWith("device part does not lie within its parent whole: range or pools lie outside");
        assertThat(bench.exporter.devices()).hasSize(4);
    }

    @Test
    void configurationsOutsideTheirDomain() {
        refuses(
                Reason.INVALID, "foreignDeadlineMillis=0 of dmabuf.core: write a number from 1 to 60000",
                () -> Settings.of(Map.of("foreignDeadlineMillis", 0L)));
        refuses(
                Reason.INVALID, "moveDeadlineMillis=60001 of dmabuf.core: write a number from 0 to 60000",
                () -> Settings.of(Map.of("moveDeadlineMillis", "60001")));
        refuses(
                Reason.INVALID,
                "cap=a lot of dmabuf.core: 'a lot' is not a number: write decimal, 0x or 0b, with K, M or G for a size",
                () -> Settings.of(Map.of("cap", "a lot")));
        refuses(
                Reason.INVALID,
                "cap=0xffffffffffffffff of dmabuf.core: write a number from 0 to 9223372036854775807",
                () -> Settings.of(Map.of("cap", "0xffffffffffffffff")));
        refuses(
                Reason.INVALID,
                "unknown key 'capacity' of dmabuf.core: the keys are accessBits, cap, foreignDeadlineMillis,"
                        + " leakLevel, moveDeadlineMillis, recycledBytes, recycledIdleMillis",
                () -> Settings.of(Map.of("capacity", "1M")));
        refuses(
                Reason.INVALID,
                "accessBits=1=SYSTEM,64=X of dmabuf.core: '64=X' names no bit: write a number from 0 to 63, '=' and a"
                        + " name",
                () -> Settings.of(Map.of("accessBits", new String[] {"1=SYSTEM", "64=X"})));
        assertThat(Settings.of(Map.of())).isEqualTo(Settings.DEFAULT);
        assertThat(Settings.of(Map.of("foreignDeadlineMillis", 250L, "cap", "64M")))
                .isEqualTo(new Settings(
                        Duration.ofMillis(250), Duration.ofSeconds(1), OptionalLong.of(64 * Bench.MIB)));
    }

    private static void refuses(Reason reason, String message, Runnable action) {
        DmaBufException refusal = Bench.refusal(action::run);
        assertThat(refusal).hasMessage(message);
        assertThat(refusal.reason()).isEqualTo(reason);
    }
}
