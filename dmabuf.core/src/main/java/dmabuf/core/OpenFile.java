// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.HoldingKind;
import dmabuf.api.Segment;
import dmabuf.api.StorageFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A descriptor outside, which ends with its mapping at the latest. It keeps the storage where it is, so that what was
 * read from the file stays true.
 */
final class OpenFile implements StorageFile, Holder {
    private final DeviceAttachment opener;
    private final HandedOut file;
    private final List<Extent> extents;
    private final Trace trace;

    private OpenFile(DeviceAttachment opener, HandedOut file, List<Extent> extents, Trace trace) {
        this.opener = opener;
        this.file = file;
        this.extents = extents;
        this.trace = trace;
    }

    /** Opens it; QUOTA when its opener may have no descriptor more, ACCESS when there is none to duplicate. */
    static OpenFile of(DeviceAttachment opener, Storage storage) {
        List<Extent> extents = extents(storage);
        Trace trace = Trace.of(opener.buffer().core()); // Before there is a descriptor that could be lost.
        HandedOut file = HandedOut.of(opener, storage, "storage file", storage.memory()::duplicateDescriptor);
        return new OpenFile(opener, file, extents, trace);
    }

    private static List<Extent> extents(Storage storage) {
        List<Extent> extents = new ArrayList<>();
        long offset = 0;
        for (Segment segment : storage.allocation().segments()) {
            extents.add(new Extent(segment, offset));
            offset += segment.byteSize();
        }
        return List.copyOf(extents);
    }

    @Override
    public int descriptor() {
        return file.descriptor();
    }

    @Override
    public Path path() {
        return Path.of("/proc/self/fd/" + descriptor());
    }

    @Override
    public List<Extent> extents() {
        return extents;
    }

    @Override
    public void close() {
        if (file.isOpen()) {
            opener.buffer().giveUp(this::closeOpen);
        }
    }

    /** A descriptor that does not close, because somebody closed it by its number, holds the storage no more. */
    private void closeOpen() {
        try {
            end();
        } finally {
            opener.buffer().letGo(this);
        }
    }

    @Override
    public HoldingKind kind() {
        return HoldingKind.FILE;
    }

    @Override
    public Trace trace() {
        return trace;
    }

    @Override
    public Owner owner() {
        return opener.owner();
    }

    @Override
    public Optional<String> device() {
        return Optional.of(opener.device());
    }

    @Override
    public boolean keepsBuffer() {
        return false;
    }

    @Override
    public boolean isOver() {
        return !file.isOpen();
    }

    @Override
    public void end() {
        file.close();
    }
}
