// SPDX-License-Identifier: Apache-2.0
package itests.bundles.rogue;

import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import java.util.List;

/** Allocations that are not what was asked for, made of one that is. */
record Lies(MemoryService service, AllocationRequest request, Allocation honest) {
    @SuppressWarnings("NullAway") // null is one of the lies
    Allocation tell(String kind) {
        Segment piece = honest.segments().getFirst();
        long page = request.pageSize();
        return switch (kind) {
            case "null" -> null;
            case "short" -> at(new Segment(piece.address(), piece.byteSize() - page));
            case "long" -> at(new Segment(piece.address(), piece.byteSize() + page));
            case "outside" -> at(new Segment(0x9000_0000L, piece.byteSize()));
            case "beyond" -> at(new Segment(-page, piece.byteSize()));
            case "misaligned" -> at(new Segment(piece.address() + page, piece.byteSize()));
            case "pieces" -> at(
                    new Segment(piece.address() + (8 << 20), piece.byteSize() - page), new Segment(piece.address(), page));
            case "itself" -> at(new Segment(piece.address(), page), new Segment(piece.address(), piece.byteSize() - page));
            case "overlap" -> at(new Segment(0x2000_0000L, piece.byteSize()));
            case "small" -> Allocation.of(request.memory(page), honest.segments()).withCookie(honest.cookie());
            case "closed" -> closed();
            case "foreign" -> Allocation.of(new OwnMemory(honest.memory()), honest.segments()).withCookie(honest.cookie());
            case "brought" -> Allocation.of(service.memfd(request.storageSize(), "brought"), honest.segments())
                    .withCookie(honest.cookie());
            default -> honest;
        };
    }

    private Allocation at(Segment... places) {
        return honest.movedTo(List.of(places));
    }

    private Allocation closed() {
        Memory memory = service.memfd(request.storageSize(), "closed");
        memory.close();
        return Allocation.of(memory, honest.segments()).withCookie(honest.cookie());
    }
}
