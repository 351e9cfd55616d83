// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.LatePolicy;
import dmabuf.api.Mapping;
import dmabuf.api.SgTable;
import dmabuf.api.StorageFile;
import dmabuf.api.UserMapping;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** A buffer in each state in which its allocator can leave: deferred, idle, mapped, in a CPU access, mapped for a user. */
final class FiveStates {
    static final int SIZE = 300_000;

    final DmaBuf deferred;
    final DmaBuf idle;
    final DmaBuf mapped;
    final DmaBuf accessed;
    final DmaBuf held;

    private final Attachment member;
    private final Mapping mapping;
    private final SgTable table;
    private final CpuAccess access;
    private final UserMapping user;

    /** Makes them all members of one device. Nothing of the idle one may be asked to move by a late attach. */
    FiveStates(Stage stage, String device) {
        deferred = stage.buffer(BufferRequest.ofSize(SIZE).withName("deferred"));
        idle = stage.buffer(BufferRequest.ofSize(SIZE).withName("idle").withLatePolicy(LatePolicy.REFUSE));
        mapped = stage.buffer(BufferRequest.ofSize(SIZE).withName("mapped"));
        accessed = stage.buffer(BufferRequest.ofSize(SIZE).withName("accessed"));
        held = stage.buffer(BufferRequest.ofSize(SIZE).withName("held"));
        member = deferred.attach(device);
        List.of(idle, accessed, held).forEach(buffer -> buffer.attach(device));
        backed().forEach(buffer -> Pattern.fill(buffer, buffer.id()));
        mapping = mapped.attach(device).map(Direction.BIDIRECTIONAL);
        table = mapping.table();
        access = accessed.beginCpuAccess(CpuMode.READ_WRITE);
        user = held.mapForUser(CpuRequest.of(CpuMode.READ_WRITE));
    }

    List<DmaBuf> backed() {
        return List.of(idle, mapped, accessed, held);
    }

    List<DmaBuf> inUse() {
        return List.of(mapped, accessed, held);
    }

    /** Returns the pictures of some of them. */
    static List<BufferInfo> infos(List<DmaBuf> buffers) {
        return buffers.stream().map(DmaBuf::info).toList();
    }

    void verify() {
        backed().forEach(buffer -> assertThat(Pattern.read(buffer)).as(buffer.info().name()).isEqualTo(written(buffer)));
    }

    /** Looks through the handles that have been open since before. */
    void verifyOpenHandles() {
        assertThat(mapping.table()).isEqualTo(table);
        try (StorageFile file = mapping.openFile()) {
            assertThat(Ram.contents(file, SIZE)).isEqualTo(written(mapped));
        }
        assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(written(accessed));
        try (CpuAccess use = user.begin()) {
            assertThat(use.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(written(held));
        }
        assertThat(deferred.info().state()).isEqualTo(BufferState.DEFERRED);
    }

    private static byte[] written(DmaBuf buffer) {
        return Pattern.of(buffer.id(), SIZE);
    }

    void letGo() {
        mapping.close();
        access.close();
        user.close();
    }

    Mapping mapDeferred() {
        return member.map(Direction.TO_DEVICE);
    }

    void free() {
        backed().forEach(DmaBuf::close);
        deferred.close();
    }
}
