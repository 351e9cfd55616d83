// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** One mapper on its way to serve a domain: what is in use there is offered to it, each piece once. */
final class Succession {
    private final MappedPieces pieces;
    private final MapperEntry successor;
    private final Set<MappedPieces.Piece> offered = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<MappedPieces.Piece> adopted = new ArrayList<>();

    Succession(MappedPieces pieces, MapperEntry successor) {
        this.pieces = pieces;
        this.successor = successor;
    }

    /** Offers what was not offered yet. Calls the mapper only when there is such a piece. */
    void offer() {
        adopted.addAll(successor.adopt(
                pieces.ofOthers(successor).stream().filter(offered::add).toList()));
    }

    /** Lets the successor answer for what it took over; what is no longer in use is unmapped there. */
    void end() {
        pieces.handOver(adopted, successor).forEach(piece -> successor.unmap(piece.addresses()));
    }
}
