// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.Sandbox;
import java.util.List;
import java.util.function.BiConsumer;

/** A board's devices and the real allocators on its board model, ready for a sandbox. */
public final class BoardModel {
    private final Board board;
    private final List<Part> parts;

    /** An allocator that was made for the board. */
    private record Part(AllocatorSpec spec, AllocatorFactory.Product product) {}

    private BoardModel(Board board, List<Part> parts) {
        this.board = board;
        this.parts = parts;
    }

    /**
     * Makes the allocators of a board.
     *
     * @throws DmaBufException NO_ALLOCATOR when nobody makes allocators of a type that the board needs
     */
    public static BoardModel of(Board board, ScenarioServices services) {
        List<Part> parts = board.allocators().stream()
                .map(each -> new Part(
                        each.spec(),
                        factory(each.spec(), services).create(each.configuration(), services.memory())))
                .toList();
        return new BoardModel(board, parts);
    }

    private static AllocatorFactory factory(AllocatorSpec spec, ScenarioServices services) {
        return services.factory(spec.type())
                .orElseThrow(() -> new DmaBufException(Reason.NO_ALLOCATOR, services.missing(spec.type())));
    }

    /** Adds everything to a sandbox. */
    public void populate(Sandbox sandbox) {
        populate(sandbox, (spec, product) -> {
            product.mappers().forEach(sandbox::addMapper);
            sandbox.addAllocator(spec, product.allocator());
        });
    }

    /** Adds the devices to a sandbox, and gives the allocators to who will add them. */
    void populate(Sandbox sandbox, BiConsumer<AllocatorSpec, AllocatorFactory.Product> allocators) {
        parts.forEach(part -> allocators.accept(part.spec(), part.product()));
        board.devices().forEach(each -> sandbox.addDevice(each.device(), each.properties()));
    }
}
