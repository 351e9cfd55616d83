// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Blame;
import dmabuf.api.ConstraintField;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaPath;
import dmabuf.api.Explanation;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.SgTable;
import dmabuf.api.spi.MappingRequest;
import dmabuf.api.spi.Participant;
import dmabuf.core.negotiation.Tables;
import dmabuf.core.negotiation.Verification;
import java.util.List;
import java.util.Optional;

/**
 * How one device sees one storage: its table and, behind an IOMMU, the piece of I/O virtual addresses, which is made at
 * the first map and undone at the last unmap. Used under the buffer's lock.
 */
final class DeviceView {
    private final Storage storage;
    private final DmaPath path;
    private final Optional<SgTable> table;
    private final Optional<Mapped> mapped;
    private int uses;

    private record Mapped(MappedPieces pieces, String domain, MappedPieces.Piece piece) {
        void undo() {
            pieces.remove(domain, piece).ifPresent(owner -> owner.unmap(piece.addresses()));
        }

        boolean isServed() {
            return pieces.isServed(domain, piece);
        }
    }

    private DeviceView(Storage storage, DmaPath path, Optional<SgTable> table, Optional<Mapped> mapped) {
        this.storage = storage;
        this.path = path;
        this.table = table;
        this.mapped = mapped;
    }

    /**
     * Makes the view of a device on storage.
     *
     * @throws DmaBufException NO_ALLOCATOR when the mapper is missing or fails; its own reason when the I/O virtual
     *     address space has no place; TIMED_OUT when it hangs. Nothing is left behind.
     */
    static DeviceView open(Core core, Storage storage, Participant device) {
        if (device.path().iommu().isEmpty()) {
            Optional<SgTable> table = storage.isPlaced()
                    ? Optional.of(storage.table(device.path()))
                    : Optional.empty();
            return new DeviceView(storage, device.path(), table, Optional.empty());
        }
        return open(core, storage, device, device.path().iommu().get());
    }

    private static DeviceView open(Core core, Storage storage, Participant device, String domain) {
        Presence presence = core.presence(false);
        MapperEntry mapper = Optional.ofNullable(presence.mappers().get(domain))
                .orElseThrow(() -> refused(device, Reason.NO_ALLOCATOR, "no mapper for " + domain + " is present"));
        Segment addresses = map(mapper, storage, device);
        MappedPieces pieces = core.mappers().pieces();
        MappedPieces.Piece piece = new MappedPieces.Piece(device, storage.runs(), addresses);
        Optional<String> lie = Verification.mapped(addresses, storage.allocation().byteSize(), device, presence)
                .or(() -> pieces.add(piece, mapper).map(other -> "overlaps what is mapped at " + other));
        if (lie.isPresent()) {
            mapper.unmap(addresses);
            throw refused(device, Reason.NO_ALLOCATOR, mapper.party().title() + ": " + lie.get());
        }
        Mapped mapped = new Mapped(pieces, domain, piece);
        return new DeviceView(
                storage, device.path(), Optional.of(Tables.mapped(device.path(), addresses)), Optional.of(mapped));
    }

    private static Segment map(MapperEntry mapper, Storage storage, Participant device) {
        return switch (mapper.map(new MappingRequest(
                device, storage.runs(), storage.memory(), storage.allocation().byteSize()))) {
            case Reply.Given<Segment>(Segment piece) -> piece;
            case Reply.Late<Segment>(String text) -> throw refused(device, Reason.TIMED_OUT, text);
            case Reply.Thrown<Segment>(var refusal, String text) ->
                throw refused(
                        device, refusal.map(Explanation::reason).orElse(Reason.NO_ALLOCATOR), text);
        };
    }

    private static DmaBufException refused(Participant device, Reason reason, String text) {
        return new DmaBufException(Explanation.of(
                reason, text + " (" + device.device() + ")",
                List.of(Blame.of(device.device(), ConstraintField.IOMMU))));
    }

    /**
     * Returns whether a new map may use it: the same storage and, while it is in use, its mapper, if any, still present. One
     * that is not in use is as good as new where no mapper was asked and the device still goes that way.
     */
    boolean suits(Storage other, DmaPath way) {
        if (storage != other) {
            return false;
        }
        return uses > 0 ? mapped.isEmpty() || mapped.get().isServed() : mapped.isEmpty() && path.equals(way);
    }

    void use() {
        uses++;
    }

    /** Ends one use; the last one undoes the mapping. */
    void release() {
        uses--;
        if (uses == 0 && mapped.isPresent()) {
            mapped.get().undo();
        }
    }

    Storage storage() {
        return storage;
    }

    /** Returns the device's table; empty where the kernel alone knows the addresses. */
    Optional<SgTable> table() {
        return table;
    }
}
