// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.FenceUsage;
import dmabuf.api.HoldingKind;
import dmabuf.api.SyncFile;
import java.util.Optional;

/** A sync_file that was handed out. It ends with its mapping at the latest, so it is in nobody's way but that of the mapping. */
final class OpenSyncFile implements SyncFile, Holder {
    private final DeviceAttachment opener;
    private final HandedOut file;
    private final Trace trace;

    private OpenSyncFile(DeviceAttachment opener, HandedOut file, Trace trace) {
        this.opener = opener;
        this.file = file;
        this.trace = trace;
    }

    /** Opens it; QUOTA when its opener may have no descriptor more, ACCESS where there is none. */
    static OpenSyncFile of(DeviceAttachment opener, Storage storage, FenceUsage usage) {
        Trace trace = Trace.of(opener.buffer().core()); // Before there is a descriptor that could be lost.
        HandedOut file = HandedOut.of(opener, storage, "sync file", () -> storage.memory().exportSyncFile(usage));
        return new OpenSyncFile(opener, file, trace);
    }

    @Override
    public int descriptor() {
        return file.descriptor();
    }

    @Override
    public void close() {
        if (file.isOpen()) {
            opener.buffer().giveUp(this::closeOpen);
        }
    }

    private void closeOpen() {
        try {
            end();
        } finally {
            opener.buffer().letGo(this);
        }
    }

    @Override
    public HoldingKind kind() {
        return HoldingKind.SYNC_FILE;
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
    public boolean isMovable() {
        return true;
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
