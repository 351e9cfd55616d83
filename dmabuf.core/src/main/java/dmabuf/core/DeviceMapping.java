// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Direction;
import dmabuf.api.DmaBufException;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.MoveListener;
import dmabuf.api.Reason;
import dmabuf.api.SgTable;
import dmabuf.api.StorageFile;
import java.util.Optional;

/** One active map. */
final class DeviceMapping implements Mapping, Holder {
    private final DeviceAttachment attachment;
    private final DeviceView view;
    private final Direction direction;
    private final Optional<MoveListener> listener;
    private volatile boolean open = true;

    DeviceMapping(DeviceAttachment attachment, DeviceView view, MapRequest request) {
        this.attachment = attachment;
        this.view = view;
        this.direction = request.direction();
        this.listener = request.moveListener();
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
        return view.table();
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
            OpenFile file = OpenFile.of(attachment, view.storage());
            buffer.hold(file);
            return file;
        });
    }

    private void check() {
        if (!open) {
            attachment.check();
            throw new DmaBufException(
                    Reason.GONE, "the mapping of " + attachment.device() + " has ended: map again");
        }
        attachment.buffer().core().check();
    }

    @Override
    public void close() {
        if (open) {
            attachment.buffer().giveUp(() -> {
                if (open) {
                    end();
                    attachment.buffer().letGo(this);
                }
            });
        }
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
        open = false;
        view.release();
    }
}
