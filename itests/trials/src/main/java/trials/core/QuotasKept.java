// SPDX-License-Identifier: Apache-2.0
package trials.core;

import dmabuf.api.BufferRequest;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.core.quota.Amount;
import dmabuf.core.quota.Charge;
import dmabuf.core.quota.Payer;
import dmabuf.core.quota.QuotaRule;
import dmabuf.core.quota.Quotas;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import trials.Row;
import trials.Scale;

/**
 * Thirty-two threads of four owners at limits that are far too small: one for each owner, one for two of them, one above
 * all. What each was given is added up beside the books, after it was given and until just before it is given back, so that a
 * sum past a limit here means that the books were past it, too. Then the same with real buffers.
 */
public final class QuotasKept {
    private static final int THREADS = 32;
    private static final int BATCH = 50;
    private static final long ALL = 40 * Bench.PAGE;
    private static final long PAIR = 20 * Bench.PAGE;
    private static final long EACH = 12 * Bench.PAGE;
    private static final List<Map<String, Object>> QUOTAS = List.of(
            Map.of("name", "all", "bytes", ALL),
            Map.of("name", "pair", "owners", "app0, app1", "bytes", PAIR, "parent", "all"),
            Map.of("name", "each", "owners", "app*", "bytes", EACH, "perOwner", true, "parent", "all", "descriptors", 9));

    private final List<Random> randoms;
    private final List<AtomicLong> owners = List.of(new AtomicLong(), new AtomicLong(), new AtomicLong(), new AtomicLong());

    /** What each thread has, also while all wait for the next round: so the limits are always near. */
    private final List<Deque<Held>> holdings =
            Stream.<Deque<Held>>generate(ArrayDeque::new).limit(THREADS).toList();

    private final AtomicLong all = new AtomicLong();
    private final AtomicLong pair = new AtomicLong();
    private final AtomicLong given = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    private record App(String name) implements Payer {
        @Override
        public boolean isGone() {
            return false;
        }
    }

    private record Held(Charge charge, long byteSize) {}

    private QuotasKept(Row row) {
        this.randoms = IntStream.range(0, THREADS).mapToObj(row::random).toList();
    }

    public static void main(String... none) {
        Row.run(row -> {
            QuotasKept charges = new QuotasKept(row);
            String reached = charges.charge(Scale.of(1_000_000));
            row.say("charges: " + charges.given + " given, " + charges.refused + " refused");
            QuotasKept buffers = new QuotasKept(row);
            buffers.allocate(Scale.of(20_000));
            row.say("buffers: " + buffers.given + " given, " + buffers.refused + " refused");
            return reached;
        });
    }

    private String charge(int attempts) throws Exception {
        Quotas quotas = new Quotas();
        QUOTAS.forEach(quota -> quotas.put(quota, QuotaRule.of(quota)));
        List<App> apps = List.of(new App("app0"), new App("app1"), new App("app2"), new App("app3"));
        int rounds = Math.max(1, attempts / THREADS / BATCH);
        new Team(THREADS, () -> {}, () -> {}).run(round -> round < rounds, (member, _) -> charge(quotas, apps, member));
        for (int member = 0; member < THREADS; member++) {
            int owner = member % 4;
            holdings.get(member).forEach(each -> giveBack(each, owner));
        }
        Row.check(quotas.payers().isEmpty(), "still charged: " + quotas.payers());
        Row.check(quotas.all().stream().allMatch(quota -> quota.byteSize() == 0), "still in use: " + quotas.all());
        return THREADS + " threads, " + Row.number(given.get() + refused.get()) + " attempts, " + Row.number(refused.get())
                + " refused; never over";
    }

    private void charge(Quotas quotas, List<App> apps, int member) {
        Random random = randoms.get(member);
        Deque<Held> held = holdings.get(member);
        for (int i = 0; i < BATCH; i++) {
            long size = Bench.PAGE * (1 + random.nextInt(4));
            Charge charge = quotas.open(apps.get(member % 4), "pool", Optional.empty());
            if (isGiven(() -> charge.take(Amount.ofMemory(size)))) {
                add(member % 4, size);
                held.add(new Held(charge, size));
            }
            if (held.size() > random.nextInt(3)) {
                giveBack(held.remove(), member % 4);
            }
        }
    }

    private void giveBack(Held held, int owner) {
        add(owner, -held.byteSize);
        held.charge.giveBack(Amount.ofMemory(held.byteSize));
    }

    private void allocate(int attempts) throws Exception {
        try (Bench bench = new Bench(Wrap.NOTHING)) {
            bench.pool("pool", 0, Bench.LOW, 16 * Bench.MIB);
            QUOTAS.forEach(bench.sandbox::putQuota);
            int rounds = Math.max(1, attempts / THREADS);
            new Team(THREADS, () -> {}, () -> {}).run(round -> round < rounds, (member, _) -> allocate(bench, member));
            Row.check(refused.get() > 0 && given.get() > 0, "no limit was met: " + refused + " refused, " + given + " given");
        }
    }

    private void allocate(Bench bench, int member) {
        long size = Bench.PAGE * (1 + randoms.get(member).nextInt(4));
        try (DmaBuf frame = bench.exporter("app" + member % 4).create(BufferRequest.ofSize(size))) {
            if (isGiven(() -> frame.beginCpuAccess(CpuMode.WRITE).close())) {
                add(member % 4, size);
                Row.check(bench.memory.inUse() <= ALL, "the machine gave more than all may have: " + bench.memory.inUse());
                add(member % 4, -size);
            }
        }
    }

    private boolean isGiven(Runnable action) {
        try {
            action.run();
            given.incrementAndGet();
            return true;
        } catch (DmaBufException e) {
            Row.check(e.reason() == Reason.QUOTA, "not for a quota: " + e);
            refused.incrementAndGet();
            return false;
        }
    }

    private void add(int owner, long byteSize) {
        check("each, for app" + owner, owners.get(owner).addAndGet(byteSize), EACH);
        check("pair", owner < 2 ? pair.addAndGet(byteSize) : 0, PAIR);
        check("all", all.addAndGet(byteSize), ALL);
    }

    private static void check(String quota, long used, long limit) {
        Row.check(used <= limit, "quota " + quota + " is over: " + used + " of " + limit);
    }
}
