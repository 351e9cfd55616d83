// SPDX-License-Identifier: Apache-2.0
package trials;

import java.util.Locale;
import java.util.Random;

/**
 * A row of the table while it runs. Its lines on standard output tell how far it is; the last one begins with
 * {@code reached:} and is what the table shows, or with {@code failed:} and says what went wrong, with the seed.
 *
 * @param seed what all chance in the row comes from; another one for each run, unless {@code -Dtrials.seed} says which
 */
public record Row(long seed) {

    /** What a row does. Whatever it throws has made it fail. */
    @FunctionalInterface
    public interface Trial {
        /** Returns what was reached, in the words of the table. */
        String run(Row row) throws Exception;
    }

    /** Runs a trial and ends the program: status 0, or 1 when it failed. */
    public static void run(Trial trial) {
        Row row = new Row(Long.getLong("trials.seed", System.nanoTime()));
        int status = 0;
        try {
            String reached = trial.run(row);
            row.say("reached: " + reached);
        } catch (Throwable e) {
            e.printStackTrace();
            row.say("failed: " + e.toString().lines().findFirst().orElseThrow() + " (-Dtrials.seed=" + row.seed + ")");
            status = 1;
        }
        // Threads that hang are a part of what went wrong, and shall not keep the program from saying so.
        System.exit(status);
    }

    /** Returns the numbers of one of the row's threads; the same for the same seed. */
    public Random random(int thread) {
        return new Random(seed * 31 + thread);
    }

    /** Tells how far it is. */
    public void say(String progress) {
        System.out.println(progress);
        System.out.flush();
    }

    /** Returns a number as the table writes it. */
    public static String number(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** Fails unless something holds. */
    public static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
