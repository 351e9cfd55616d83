// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The worst that alternatives can do to an attach: as many choices as the search allows, and none that an allocator takes. */
class AlternativesBoundTest {
    private final Bench bench = new Bench();
    private final PoolAllocator pool = bench.pool("pool", 0, 0x1000_0000L);

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    /** Adds devices of two ways each, so that as many choices arise as there are subsets of them. */
    private List<String> pairs(int count) {
        List<String> names = IntStream.range(0, count).mapToObj(i -> String.format("d%02d", i)).toList();
        names.forEach(name -> bench.sandbox.addDevice(
                Device.of(name, List.of(Bench.path("align=8"), Bench.path("align=16"))), Map.of()));
        return names;
    }

    @Test
    void anAllocatorIsAskedOnceForEachWayAndTheSearchEndsAtItsBound() {
        pool.accepts = device -> device.path().constraints().alignment() == 16;
        List<String> names = pairs(13);
        DmaBuf frame = bench.buffer(4096);
        BufferInfo before = frame.info();
        DmaBufException refusal = Bench.refusal(() -> frame.attach(names));
        assertThat(refusal.reason()).isEqualTo(Reason.TOO_COMPLEX);
        assertThat(pool.matches).as("two ways of 13 devices").hasValueLessThanOrEqualTo(26);
        assertThat(frame.info()).usingRecursiveComparison().ignoringFields("lastRefusal").isEqualTo(before);

        List<Attachment> fewer = frame.attach(names.subList(0, 12));
        assertThat(frame.info().attachments()).extracting(info -> info.path().constraints().alignment())
                .as("the last of 4,096 choices is the only one").hasSize(12).containsOnly(16L);
        assertThat(fewer.getFirst().map(Direction.TO_DEVICE).allocator()).isEqualTo("pool");
    }

    @Test
    void aNewcomerIsTriedWithTheWaysThatMappedDevicesHave() {
        List<String> names = pairs(13);
        DmaBuf frame = bench.buffer(4096);
        List<Attachment> members = frame.attach(names.subList(0, 12));
        members.forEach(member -> member.map(Direction.TO_DEVICE));
        frame.attach(names.subList(12, 13)).getFirst().map(Direction.TO_DEVICE);
        assertThat(frame.info().attachments()).extracting(info -> info.path().constraints().alignment())
                .as("the first choice of all").containsOnly(8L);
    }
}
