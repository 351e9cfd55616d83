// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.HashMap;
import java.util.Map;

/**
 * The nodes of DMA-BUF heaps, each open from its first allocation on: opening and closing it would be two of nine system
 * calls for each memory. Any thread may call; a node is opened under the monitor, and asked for memory outside it.
 */
final class HeapNodes {
    private final SystemCalls calls;
    private final Map<String, HeapNode> open = new HashMap<>();
    private boolean over;

    HeapNodes(SystemCalls calls) {
        this.calls = calls;
    }

    /**
     * Returns a dma-buf with zeroed memory of a heap. A node that refuses for another reason than room may be that of a
     * device which has gone: the one that is there now is asked once.
     */
    int allocate(String path, long byteSize) {
        HeapNode node = entered(path);
        try {
            return node.allocate(byteSize);
        } catch (DmaBufException e) {
            if (e.reason() == Reason.OUT_OF_MEMORY) {
                throw e;
            }
            drop(path, node);
        }
        return entered(path).allocate(byteSize);
    }

    /** Closes all; what is asked for later is GONE. */
    void close() {
        Every.of(end().values(), HeapNode::close);
    }

    private synchronized Map<String, HeapNode> end() {
        over = true;
        Map<String, HeapNode> last = Map.copyOf(open);
        open.clear();
        return last;
    }

    private synchronized HeapNode entered(String path) {
        if (over) {
            throw new DmaBufException(Reason.GONE, "the memory service has stopped");
        }
        HeapNode kept = open.get(path);
        if (kept == null) {
            kept = new HeapNode(calls, path);
            open.put(path, kept);
        }
        kept.enter();
        return kept;
    }

    private void drop(String path, HeapNode node) {
        if (remove(path, node)) {
            node.close();
        }
    }

    private synchronized boolean remove(String path, HeapNode node) {
        return open.remove(path, node);
    }
}
