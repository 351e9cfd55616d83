// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AttachmentInfo;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.FenceInfo;
import dmabuf.api.Segment;
import dmabuf.api.StorageSource;
import java.util.List;
import java.util.Optional;

/** Draws what {@code info} shows of a buffer. */
final class BufferPicture {
    private BufferPicture() {}

    /** What the phase contributes. */
    private record Stored(
            BufferState state, long storageSize, Optional<String> allocator, List<Segment> runs, boolean orphaned,
            Optional<StorageSource> source) {
        static Stored of(Buffer buffer) {
            return switch (buffer.phase()) {
                case Phase.Deferred _ -> none(BufferState.DEFERRED);
                case Phase.Released _ -> none(BufferState.RELEASED);
                case Phase.Backed(Storage storage, boolean orphaned) ->
                    new Stored(
                            BufferState.BACKED, buffer.want().demand().storageSize(),
                            Optional.of(storage.allocator().id()), storage.runs(), orphaned,
                            Optional.of(storage.source()));
            };
        }

        private static Stored none(BufferState state) {
            return new Stored(state, 0, Optional.empty(), List.of(), false, Optional.empty());
        }
    }

    /** Returns a picture: an exact one when nobody is at work on the buffer, else of what was committed last. */
    static BufferInfo of(Buffer buffer) {
        boolean entered = buffer.lock().tryEnter();
        try {
            return committed(buffer);
        } finally {
            if (entered) {
                buffer.lock().leave();
            }
        }
    }

    private static BufferInfo committed(Buffer buffer) {
        BufferRequest request = buffer.request();
        Stored stored = Stored.of(buffer);
        Past past = buffer.past();
        List<Holder> holders = buffer.holders();
        return new BufferInfo(
                buffer.id(), buffer.want().name(), buffer.creator().name(), request.byteSize(), stored.storageSize(),
                request.flags(), request.isReadOnly(), request.latePolicy(), stored.state(),
                buffer.references().size(), count(holders, OpenAccess.class), count(holders, HeldMapping.class),
                attachments(buffer, holders), buffer.laggards(), buffer.members().constraints(), stored.allocator(),
                stored.runs(), past.moves(), stored.orphaned(), past.decision(), past.refusal(),
                stored.source(), fences(holders), buffer.members().leftOut());
    }

    private static int count(List<Holder> holders, Class<? extends Holder> kind) {
        return (int) holders.stream().filter(kind::isInstance).count();
    }

    private static List<FenceInfo> fences(List<Holder> holders) {
        return holders.stream()
                .filter(BufferFence.class::isInstance)
                .map(holder -> ((BufferFence) holder).info())
                .toList();
    }

    private static List<AttachmentInfo> attachments(Buffer buffer, List<Holder> holders) {
        return buffer.members().attachments().stream()
                .map(attachment -> new AttachmentInfo(
                        attachment.device(), attachment.path(), attachment.mappings(holders), attachment.earlyMaps()))
                .toList();
    }
}
