// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.quota;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one owner is charged for one storage, or one file, of one pool. All of its state is guarded by the quotas that
 * opened it.
 *
 * <p>Storage that takes the place of another one exists beside it while the content is copied. Meanwhile the other's charge
 * lends it what that is charged itself, so that in every quota which counts both only the larger one counts.
 */
public final class Charge implements AutoCloseable {
    private final Quotas quotas;
    private final Payer payer;
    private final String pool;
    private final List<Charge> borrowers = new ArrayList<>();
    private Optional<Charge> lender = Optional.empty();
    private Amount amount = Amount.NONE;
    private Amount borrowed = Amount.NONE;
    private Set<Bucket> buckets = Set.of();
    private boolean waived;

    /** The rules by which it was judged last. */
    private volatile long era;

    Charge(Quotas quotas, Payer payer, String pool) {
        this.quotas = quotas;
        this.payer = payer;
        this.pool = pool;
        this.waived = payer.isGone();
    }

    /**
     * Charges more, to every quota that it concerns or to none.
     *
     * @throws dmabuf.api.DmaBufException QUOTA, with nothing charged, when it would go past a limit
     */
    public void take(Amount more) {
        quotas.take(this, more);
    }

    /** Gives back a part, or all; more can be taken afterwards. */
    public void giveBack(Amount less) {
        quotas.giveBack(this, less);
    }

    /** Says that all is given back, and nothing more will be taken: it borrows no more of what it was to replace. */
    @Override
    public void close() {
        quotas.close(this);
    }

    /**
     * Ends what it borrows, because what it was to replace is kept: from now on both count in full.
     *
     * @return false, with nothing changed, where a quota has no room for both
     */
    public boolean repay() {
        return quotas.repay(this);
    }

    /** Ends it for good: what it is for lives on for others, and is charged to nobody. */
    public void waive() {
        quotas.waive(this);
    }

    /** Returns whether the rules are still those by which it was judged when it took something last. */
    public boolean isCurrent() {
        return era == quotas.era();
    }

    Payer payer() {
        return payer;
    }

    String pool() {
        return pool;
    }

    Amount amount() {
        return amount;
    }

    Set<Bucket> buckets() {
        return buckets;
    }

    boolean isWaived() {
        return waived;
    }

    void end() {
        waived = true;
    }

    void count(QuotaTree tree) {
        buckets = tree.charged(payer.name(), pool).stream()
                .map(rule -> Bucket.of(rule, payer))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Borrows from the charge of what it replaces. One that still borrows itself lends nothing: its own would count twice. */
    void borrowFrom(Charge replaced) {
        if (replaced.lender.isEmpty() && !replaced.amount.equals(Amount.NONE)) {
            lender = Optional.of(replaced);
            replaced.borrowers.add(this);
        }
    }

    /** Returns all whose share may change with it. */
    List<Charge> family() {
        Charge head = lender.orElse(this);
        return Stream.concat(Stream.of(head), head.borrowers.stream()).toList();
    }

    void judged(long byRulesOf) {
        era = byRulesOf;
    }

    /** Sets the amount, and lends anew, in the order in which they began to borrow. */
    void resize(Amount value) {
        amount = value;
        lender.orElse(this).lend();
    }

    private void lend() {
        Amount left = amount;
        for (Charge borrower : borrowers) {
            borrower.borrowed = borrower.amount.min(left);
            left = left.minus(borrower.borrowed);
        }
    }

    /** Lets go of those who borrow, once there is nothing left to lend. */
    void partFromBorrowers() {
        if (amount.equals(Amount.NONE)) {
            borrowers.forEach(borrower -> borrower.lender = Optional.empty());
            borrowers.clear();
        }
    }

    /** Lets go of its lender, when nothing is left that it borrows. */
    void partFromLender() {
        if (amount.equals(Amount.NONE)) {
            leaveLender();
        }
    }

    /** Borrows nothing any more; who else borrows of the same may get it. */
    void leaveLender() {
        Optional<Charge> from = lender;
        lender = Optional.empty();
        borrowed = Amount.NONE;
        from.ifPresent(charge -> charge.borrowers.remove(this));
        from.ifPresent(Charge::lend);
    }

    /** Returns what of it counts in a bucket. */
    Amount in(Bucket bucket) {
        return lender.filter(from -> from.buckets.contains(bucket)).isPresent() ? amount.minus(borrowed) : amount;
    }
}
