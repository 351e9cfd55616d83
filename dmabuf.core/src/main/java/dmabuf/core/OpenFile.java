// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.StorageFile;
import dmabuf.core.quota.Amount;
import dmabuf.core.quota.Charge;
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
    private final int descriptor;
    private final List<Extent> extents;
    private final Charge charge;
    private volatile boolean open = true;

    private OpenFile(DeviceAttachment opener, int descriptor, List<Extent> extents, Charge charge) {
        this.opener = opener;
        this.descriptor = descriptor;
        this.extents = extents;
        this.charge = charge;
    }

    /** Opens it; QUOTA when its opener may have no descriptor more, ACCESS when there is none to duplicate. */
    static OpenFile of(DeviceAttachment opener, Storage storage) {
        Charge charge = opener.buffer().core().quotas().open(opener.owner(), storage.allocator().id(), Optional.empty());
        charge.take(Amount.DESCRIPTOR);
        boolean opened = false;
        try {
            OpenFile file = new OpenFile(opener, storage.memory().duplicateDescriptor(), extents(storage), charge);
            opened = true;
            return file;
        } finally {
            if (!opened) {
                charge.giveBack(Amount.DESCRIPTOR);
            }
        }
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
        if (!open) {
            throw new DmaBufException(Reason.GONE, "the storage file of " + opener.device() + " is closed");
        }
        return descriptor;
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
        if (open) {
            opener.buffer().giveUp(() -> {
                if (open) {
                    closeOpen();
                }
            });
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

    boolean isOpen() {
        return open;
    }

    /** Whoever ends all that an owner or a device held may come by it twice: by itself, and by its mapping. */
    @Override
    public void end() {
        if (open) {
            open = false;
            try {
                opener.buffer().core().memory().closeDescriptor(descriptor);
            } finally {
                charge.giveBack(Amount.DESCRIPTOR);
            }
        }
    }
}
