// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;

/** The {@link FreeList} of a set of three: each thread puts back what it took, the first first. */
@Param(name = "thread", gen = ThreadIdGen.class)
public class FreeListCalls {
    private static final int MOST_THREADS = 8;

    private final FreeList free = new FreeList(3);
    private final List<Queue<Integer>> taken = new ArrayList<>();

    /** Starts with all free. */
    public FreeListCalls() {
        for (int i = 0; i < MOST_THREADS; i++) {
            taken.add(new ArrayDeque<>());
        }
        for (int i = 0; i < 3; i++) {
            free.push(i);
        }
    }

    @Operation
    public int take(@Param(name = "thread") int thread) {
        int number = free.pop();
        if (number >= 0) {
            taken.get(thread).add(number);
        }
        return number;
    }

    @Operation
    public int putBack(@Param(name = "thread") int thread) {
        Integer number = taken.get(thread).poll();
        if (number == null) {
            return -1;
        }
        free.push(number);
        return number;
    }
}
