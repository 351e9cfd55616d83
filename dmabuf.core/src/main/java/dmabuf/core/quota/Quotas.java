// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.quota;

import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.QuotaInfo;
import dmabuf.api.Reason;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The quotas of a core, and what counts in each. What is charged counts in every quota that matches its owner and pool and
 * in all above those, or in none. One lock guards everything: it is held for a few comparisons and sums only, never while
 * anything else is called, so nobody ever sees a sum past a limit that is in force.
 */
public final class Quotas {
    /** More than any machine has; sums of such amounts, from as many threads as there may be, do not overflow. */
    private static final long MOST_BYTES = 1L << 52;

    private Map<Object, QuotaRule> stated = Map.of();
    private final Set<Charge> charges = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Bucket, Amount> used = new HashMap<>();
    private QuotaTree tree = new QuotaTree(List.of());

    /** Counts how often the rules changed. Written under the lock. */
    private volatile long era;

    /**
     * States a rule, at once, in the place of what was stated under the same key. A limit below the use refuses only what is
     * new.
     *
     * @return what somebody should know of it, that its parent is not there; empty when all is well
     * @throws DmaBufException INVALID, with everything as before, when its name is taken, or it would stand above itself
     */
    public synchronized Optional<String> put(Object key, QuotaRule rule) {
        Map<Object, QuotaRule> next = new LinkedHashMap<>(stated);
        next.put(key, rule);
        use(next);
        return tree.complaint(rule);
    }

    /**
     * States several rules at once, as {@link #put} does, so that two may take each other's names.
     *
     * @throws DmaBufException INVALID, with everything as before
     */
    public synchronized void putAll(Map<?, QuotaRule> rules) {
        Map<Object, QuotaRule> next = new LinkedHashMap<>(stated);
        next.putAll(rules);
        use(next);
    }

    /** Returns whether just this rule is in force under a key. */
    public synchronized boolean holds(Object key, QuotaRule rule) {
        return stated.get(key) == rule;
    }

    /** Takes a rule away; harmless when absent. */
    public synchronized void remove(Object key) {
        Map<Object, QuotaRule> next = new LinkedHashMap<>(stated);
        next.remove(key);
        use(next);
    }

    /** Returns another number whenever the rules have changed. */
    long era() {
        return era;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock only
    private void use(Map<Object, QuotaRule> next) {
        tree = new QuotaTree(next.values());
        stated = next;
        era++;
        used.clear();
        charges.forEach(charge -> charge.count(tree));
        charges.forEach(charge -> charge.buckets().forEach(bucket -> add(bucket, charge.in(bucket))));
    }

    /**
     * Opens a charge, of nothing yet.
     *
     * @param pool the id of the allocator
     * @param replaced the charge of storage whose place the new one is to take, or empty
     */
    public synchronized Charge open(Payer payer, String pool, Optional<Charge> replaced) {
        Charge charge = new Charge(this, payer, pool);
        replaced.ifPresent(charge::borrowFrom);
        return charge;
    }

    synchronized void take(Charge charge, Amount more) {
        if (charge.isWaived()) {
            return;
        }
        checkCountable(more);
        charge.count(tree);
        Amount before = charge.amount();
        Map<Bucket, Amount> sums = sums(charge);
        resize(charge, before.plus(more));
        Optional<DmaBufException> refusal = sums.entrySet().stream()
                .flatMap(sum -> sum.getKey().refusal(sum.getValue(), used(sum.getKey()), charge.payer()).stream())
                .findFirst();
        if (refusal.isPresent()) {
            resize(charge, before);
            throw refusal.get();
        }
        charge.judged(era);
    }

    private static void checkCountable(Amount more) {
        if (more.byteSize() > MOST_BYTES) {
            throw new DmaBufException(
                    Reason.OUT_OF_MEMORY, "no machine has " + Quantity.format(more.byteSize()) + " bytes");
        }
    }

    synchronized void giveBack(Charge charge, Amount less) {
        if (!charge.isWaived()) {
            resize(charge, charge.amount().minus(less));
            charge.partFromBorrowers();
        }
    }

    synchronized void close(Charge charge) {
        charge.partFromLender();
    }

    synchronized boolean repay(Charge charge) {
        boolean hasRoom = charge.buckets().stream().noneMatch(bucket -> bucket.refusal(
                        used(bucket), used(bucket).minus(charge.in(bucket)).plus(charge.amount()), charge.payer())
                .isPresent());
        if (hasRoom) {
            rearrange(charge.family(), charge::leaveLender);
        }
        return hasRoom;
    }

    synchronized void waive(Charge charge) {
        giveBack(charge, charge.amount());
        charge.partFromLender();
        charge.end();
    }

    /** Returns every quota in force with its use, by name; one that each owner has for itself once for each that uses it. */
    public synchronized List<QuotaInfo> all() {
        return tree.rules().stream().flatMap(this::pictures).sorted(Comparator.comparing(QuotaInfo::name)).toList();
    }

    private Stream<QuotaInfo> pictures(QuotaRule rule) {
        List<Bucket> inUse = used.keySet().stream().filter(bucket -> bucket.rule() == rule).toList();
        return (inUse.isEmpty() ? List.of(new Bucket(rule, Optional.empty())) : inUse).stream()
                .map(bucket -> bucket.picture(used(bucket)));
    }

    /** Returns the quotas that limit an owner, by name. */
    public synchronized List<QuotaInfo> of(Payer payer) {
        return tree.limiting(payer.name())
                .map(rule -> Bucket.of(rule, payer))
                .map(bucket -> bucket.picture(used(bucket)))
                .sorted(Comparator.comparing(QuotaInfo::name))
                .toList();
    }

    /** Returns what an owner is charged for, by pool; empty for nothing. */
    public synchronized SortedMap<String, Amount> pools(Payer payer) {
        TreeMap<String, Amount> pools = new TreeMap<>();
        charges(payer).forEach(charge -> pools.merge(charge.pool(), charge.amount(), Amount::plus));
        return pools;
    }

    /** Returns who is charged for anything. */
    public synchronized Set<Payer> payers() {
        Set<Payer> payers = Collections.newSetFromMap(new IdentityHashMap<>());
        charges.forEach(charge -> payers.add(charge.payer()));
        return payers;
    }

    private Stream<Charge> charges(Payer payer) {
        return charges.stream().filter(charge -> charge.payer() == payer);
    }

    private Map<Bucket, Amount> sums(Charge charge) {
        Map<Bucket, Amount> sums = new LinkedHashMap<>();
        charge.family().forEach(member -> member.buckets().forEach(bucket -> sums.put(bucket, used(bucket))));
        return sums;
    }

    private void resize(Charge charge, Amount amount) {
        rearrange(charge.family(), () -> charge.resize(amount));
        if (amount.equals(Amount.NONE)) {
            charges.remove(charge);
        } else {
            charges.add(charge);
        }
    }

    private void rearrange(List<Charge> family, Runnable change) {
        family.forEach(member -> member.buckets().forEach(bucket -> subtract(bucket, member.in(bucket))));
        change.run();
        family.forEach(member -> member.buckets().forEach(bucket -> add(bucket, member.in(bucket))));
    }

    private Amount used(Bucket bucket) {
        return used.getOrDefault(bucket, Amount.NONE);
    }

    private void add(Bucket bucket, Amount more) {
        put(bucket, used(bucket).plus(more));
    }

    private void subtract(Bucket bucket, Amount less) {
        put(bucket, used(bucket).minus(less));
    }

    /** What nothing counts in is forgotten, and with it the owner that it may name. */
    private void put(Bucket bucket, Amount amount) {
        if (amount.equals(Amount.NONE)) {
            used.remove(bucket);
        } else {
            used.put(bucket, amount);
        }
    }
}
