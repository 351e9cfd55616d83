// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Direction;
import dmabuf.api.FenceUsage;
import dmabuf.api.Mapping;
import dmabuf.api.SgTable;
import dmabuf.api.StorageFile;
import dmabuf.api.SyncFile;

/** The mapping of a set, which it lends to whoever acquires the buffer: only the set unmaps. */
record LentMapping(DeviceMapping mapping) implements Mapping {
    @Override
    public SgTable table() {
        return mapping.table();
    }

    @Override
    public boolean hasTable() {
        return mapping.hasTable();
    }

    @Override
    public String allocator() {
        return mapping.allocator();
    }

    @Override
    public Direction direction() {
        return mapping.direction();
    }

    @Override
    public StorageFile openFile() {
        return mapping.openFile();
    }

    @Override
    public SyncFile openSyncFile(FenceUsage usage) {
        return mapping.openSyncFile(usage);
    }

    @Override
    public void close() {
        // it is the set's
    }
}
