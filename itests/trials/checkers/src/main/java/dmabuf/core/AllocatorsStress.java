// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.spi.AllocatorSpec;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** An allocator that stands by takes over: at no moment there are two of the id that serve, or none. */
@JCStressTest
@Outcome(id = {"1, 1", "1, 0"}, expect = Expect.ACCEPTABLE, desc = "before, and after")
@Outcome(expect = Expect.FORBIDDEN, desc = "none that serves, two, or one that does both")
@State
public class AllocatorsStress {
    private static final ForeignCode FOREIGN = new ForeignCode(() -> Duration.ofSeconds(1));
    private static final Chronicle CHRONICLE = new Chronicle(new Events(FOREIGN, new Journal(_ -> {}, _ -> {})));

    private final Allocators allocators = new Allocators(CHRONICLE);
    private final AllocatorEntry holder = entry();

    /** Registers two of one id. */
    public AllocatorsStress() {
        allocators.add(holder);
        allocators.add(entry());
    }

    private static AllocatorEntry entry() {
        return AllocatorEntry.of(AllocatorSpec.of("contig", "none", 0), "bundle", new NoAllocator(), FOREIGN);
    }

    @Actor
    public void leave() {
        allocators.remove(holder.party());
    }

    @Actor
    public void look(II_Result result) {
        Allocators.Snapshot snapshot = allocators.snapshot();
        result.r1 = snapshot.active().size();
        result.r2 = snapshot.standby().size();
    }
}
