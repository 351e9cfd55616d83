// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Direction;
import dmabuf.api.DmaBufException;
import dmabuf.api.FenceUsage;
import dmabuf.api.HoldingKind;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.MoveListener;
import dmabuf.api.Reason;
import dmabuf.api.SgTable;
import dmabuf.api.StorageFile;
import dmabuf.api.SyncFile;
import java.util.List;
import java.util.Optional;

/** One active map. */
final class DeviceMapping implements Mapping, Holder {
    private final DeviceAttachment attachment;
    private final DeviceView view;
    private final Direction direction;
    private final Optional<MoveListener> listener;

    /** Guarded by the buffer's lock. */
    private List<Holder> files = List.of();

    private final Trace trace;
    private volatile boolean over;

    DeviceMapping(DeviceAttachment attachment, DeviceView view, MapRequest request) {
        this.attachment = attachment;
        this.view = view;
        this.direction = request.direction();
        this.listener = request.moveListener();
        this.trace = Trace.of(attachment.buffer().core());
    }

    DeviceAttachment attachment() {
        return attachment;
    }

    Storage storage() {
        return view.storage();
    }

    @Override
    public SgTable table() {
        check();
        return view.table().orElseThrow(() -> new DmaBufException(
                Reason.ACCESS,
                "the addresses of " + view.storage().memory().source() + " memory are known to the kernel alone: give the"
                        + " descriptor of openFile() to the driver of " + attachment.device()));
    }

    @Override
    public boolean hasTable() {
        check();
        return view.table().isPresent();
    }

    @Override
    public String allocator() {
        check();
        return view.storage().allocator().id();
    }

    @Override
    public Direction direction() {
        return direction;
    }

    @Override
    public StorageFile openFile() {
        Buffer buffer = attachment.buffer();
        return buffer.exclusively(false, () -> {
            check();
            return handOut(OpenFile.of(attachment, view.storage()));
        });
    }

    /** Waits for the fences of programs only: those of drivers are what the file is for. */
    @Override
    public SyncFile openSyncFile(FenceUsage usage) {
        Buffer buffer = attachment.buffer();
        return buffer.exclusively(false, () -> {
            FenceWait programs = FenceWait.forPrograms(buffer, usage);
            check();
            while (!programs.isOver()) {
                programs.await(false);
                check();
            }
            return handOut(OpenSyncFile.of(attachment, view.storage(), usage));
        });
    }

    private <H extends Holder> H handOut(H file) {
        boolean listed = false;
        try {
            files = Holdings.with(Holdings.present(files), file);
            listed = true;
        } finally {
            if (!listed) {
                attachment.buffer().end(file);
            }
        }
        attachment.buffer().hold(file);
        return file;
    }

    private void check() {
        if (over) {
            attachment.check();
            throw new DmaBufException(
                    Reason.GONE, "the mapping of " + attachment.device() + " has ended: map again");
        }
        attachment.buffer().core().check();
    }

    @Override
    public void close() {
        if (!over) {
            Buffer buffer = attachment.buffer();
            buffer.lock().enter();
            try {
                unmap();
            } finally {
                buffer.settleAndLeave();
            }
        }
    }

    private void unmap() {
        if (!over) {
            end();
            attachment.buffer().letGo(this);
        }
    }

    @Override
    public HoldingKind kind() {
        return HoldingKind.MAPPING;
    }

    @Override
    public Trace trace() {
        return trace;
    }

    @Override
    public Owner owner() {
        return attachment.owner();
    }

    @Override
    public Optional<String> device() {
        return Optional.of(attachment.device());
    }

    @Override
    public boolean isMovable() {
        return listener.isPresent();
    }

    @Override
    public void askToMove() {
        listener.ifPresent(told -> told.moveRequested(this));
    }

    @Override
    public void end() {
        over = true;
        Holdings.present(files).forEach(attachment.buffer()::end);
        view.release();
    }
}
