// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.concurrent.ConcurrentSkipListMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A buffer that is created while its {@link Owner} leaves: it is put among the living first and the owner is looked at
 * afterwards; the owner is gone first and the living are looked at afterwards. One of the two has to see the other.
 */
@JCStressTest
@Outcome(id = {"true, true", "true, false", "false, true"}, expect = Expect.ACCEPTABLE, desc = "one sees the other")
@Outcome(id = "false, false", expect = Expect.FORBIDDEN, desc = "a buffer that nobody takes back")
@State
public class OwnerStress {
    private final Owner owner = new Owner("app");
    private final ConcurrentSkipListMap<Long, Object> living = new ConcurrentSkipListMap<>();

    @Actor
    public void create(ZZ_Result result) {
        living.put(1L, this);
        result.r1 = owner.isGone();
    }

    @Actor
    public void leave(ZZ_Result result) {
        owner.leave();
        result.r2 = !living.isEmpty();
    }
}
