// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AccessBits;
import dmabuf.api.DmaBufListener;
import dmabuf.api.EventKind;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.Sandbox;
import dmabuf.core.negotiation.Demand;
import dmabuf.core.negotiation.Member;
import dmabuf.core.negotiation.Negotiation;
import dmabuf.core.negotiation.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Opens cores for the measurements, and what of them no interface offers. */
public final class BenchCore {
    private static final Duration LONG = Duration.ofSeconds(30);

    private BenchCore() {}

    /** Opens a core of its own on a memory service, as it is by default. */
    public static Sandbox over(MemoryService memory) {
        return over(memory, LeakLevel.SIMPLE);
    }

    /** Opens one that records nothing of what is opened. */
    public static Sandbox unobserved(MemoryService memory) {
        return over(memory, LeakLevel.OFF);
    }

    private static Sandbox over(MemoryService memory, LeakLevel level) {
        return new CoreSandbox(memory, new Settings(LONG, LONG, OptionalLong.empty(), AccessBits.NONE, level), _ -> {});
    }

    /** Lets a listener hear what listeners usually hear. */
    public static void listen(Sandbox sandbox, DmaBufListener listener) {
        core(sandbox).events().add(listener, EventKind.usual(), "bench");
    }

    /** Returns a question whose devices are looked up already: what remains is the negotiation alone. */
    public static Question question(Sandbox sandbox, long byteSize, List<String> devices) {
        Core core = core(sandbox);
        Demand demand = Demand.of(byteSize, core.memory().pageSize(), 1, Set.of());
        return new Question(core, devices.stream().sorted().map(name -> core.resolve(name).member()).toList(), demand);
    }

    /** One negotiation that can be held again and again. */
    public static final class Question {
        private final Core core;
        private final List<Member> members;
        private final Demand demand;

        private Question(Core core, List<Member> members, Demand demand) {
            this.core = core;
            this.members = members;
            this.demand = demand;
        }

        /** Asks what is present now; answers what was agreed, or the refusal with its explanation. */
        public Object ask() {
            return core.presence(false).negotiate(members, demand);
        }

        /** Asks as if it had never been asked. */
        public Object askAnew() {
            return Negotiation.negotiate(members, demand, core.presence(false));
        }

        /** Returns whether the devices can share a buffer. */
        public boolean agrees() {
            return ask() instanceof Outcome.Agreed;
        }
    }

    private static Core core(Sandbox sandbox) {
        return ((CoreSandbox) sandbox).core();
    }
}
