// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.spi.AllocatorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** {@link Allocators} while two of one id and a third come, change and go. */
@Param(name = "which", gen = IntGen.class, conf = "0:2")
public class AllocatorsCalls {
    private final ForeignCode foreign = new ForeignCode(() -> Duration.ofSeconds(1));
    private final Allocators allocators =
            new Allocators(new Chronicle(new Events(foreign, new Journal(_ -> {}, _ -> {}))));
    private final List<AllocatorEntry> entries = new ArrayList<>();

    /** Prepares the registrations. */
    public AllocatorsCalls() {
        for (String id : List.of("a", "a", "b")) {
            entries.add(AllocatorEntry.of(AllocatorSpec.of(id, "none", 0), "bundle", new NoAllocator(), foreign));
        }
    }

    @Operation
    public boolean add(@Param(name = "which") int which) {
        return allocators.add(entries.get(which)).isPresent();
    }

    @Operation
    public void update(@Param(name = "which") int which) {
        allocators.update(entries.get(which).party(), AllocatorSpec.of("b", "none", which));
    }

    @Operation
    public void remove(@Param(name = "which") int which) {
        allocators.remove(entries.get(which).party());
    }

    /** Answers what those see who choose. */
    @Operation
    public String snapshot() {
        Allocators.Snapshot snapshot = allocators.snapshot();
        return names(snapshot.active()) + "/" + names(snapshot.standby());
    }

    private String names(List<AllocatorEntry> some) {
        StringBuilder names = new StringBuilder();
        for (AllocatorEntry entry : some) {
            for (int i = 0; i < entries.size(); i++) {
                names.append(entry.party() == entries.get(i).party() ? i + entry.id() + entry.spec().priority() : "");
            }
        }
        return names.toString();
    }
}
