// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

/** The reference of a set to one of its buffers, which it lends to whoever acquires it: only the set ends it. */
final class LentReference extends BufferReference {
    LentReference(Buffer buffer, Owner owner) {
        super(buffer, owner);
    }

    @Override
    public void close() {
        // it is the set's
    }
}
