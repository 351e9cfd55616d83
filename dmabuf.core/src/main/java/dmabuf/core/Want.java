// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferRequest;
import dmabuf.core.negotiation.Demand;

/**
 * What storage is wanted, by a buffer or by a dry run.
 *
 * @param name the name of the buffer, for messages and for the memory
 * @param demand the size, alignment and flags
 */
record Want(String name, Demand demand) {
    static Want of(String name, BufferRequest request, long pageSize) {
        return new Want(name, Demand.of(request.byteSize(), pageSize, request.alignment(), request.flags()));
    }
}
