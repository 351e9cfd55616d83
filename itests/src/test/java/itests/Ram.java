// SPDX-License-Identifier: Apache-2.0
package itests;

import dmabuf.api.Segment;
import dmabuf.api.StorageFile;
import dmabuf.api.StorageFile.Extent;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Physical memory as hardware would see it: by CPU physical address alone, in the files behind some storages. An address
 * in none of them, or in two, is an error.
 */
record Ram(List<StorageFile> files) {
    static Ram of(StorageFile... files) {
        return new Ram(List.of(files));
    }

    private record Place(StorageFile file, long fileOffset) {}

    byte[] read(List<Segment> physical) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(
                physical.stream().mapToLong(Segment::byteSize).sum()));
        physical.forEach(segment -> bytes.put(read(segment)));
        return bytes.array();
    }

    byte[] read(Segment physical) {
        byte[] bytes = new byte[Math.toIntExact(physical.byteSize())];
        at(physical, "r", file -> file.readFully(bytes));
        return bytes;
    }

    void write(long address, byte[] bytes) {
        at(new Segment(address, bytes.length), "rw", file -> file.write(bytes));
    }

    private interface Action {
        void on(RandomAccessFile file) throws IOException;
    }

    private void at(Segment physical, String mode, Action action) {
        Place place = place(physical);
        try (RandomAccessFile file = new RandomAccessFile(place.file.path().toFile(), mode)) {
            file.seek(place.fileOffset);
            action.on(file);
        } catch (IOException e) {
            throw new AssertionError("the file of the storage serves " + physical, e);
        }
    }

    /** Returns all bytes of one file in the order of its extents, as long as the buffer is. */
    static byte[] contents(StorageFile file, long byteSize) {
        byte[] all = of(file).read(file.extents().stream().map(Extent::physical).toList());
        return Arrays.copyOf(all, Math.toIntExact(byteSize));
    }

    private Place place(Segment physical) {
        List<Place> places = files.stream()
                .flatMap(file -> file.extents().stream()
                        .filter(extent -> extent.physical().range().contains(physical.range()))
                        .map(extent -> new Place(
                                file, extent.fileOffset() + physical.address() - extent.physical().address())))
                .toList();
        if (places.size() != 1) {
            throw new AssertionError(physical + " lies in one extent, not in " + places.size() + ": "
                    + files.stream().map(StorageFile::extents).toList());
        }
        return places.getFirst();
    }
}
