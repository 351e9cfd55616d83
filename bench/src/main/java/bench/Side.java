// SPDX-License-Identifier: Apache-2.0
package bench;

import java.util.ArrayList;
import java.util.List;

/**
 * One of the programs that are measured side by side. It is resident: it warms up, says {@code ready}, and answers each line
 * {@code round} with one number, or says {@code skipped: WHY} at once.
 *
 * @param label what the table calls it
 * @param kind in what it is written, and so how it is started
 * @param words its name and arguments
 * @param options system properties, {@code -Dname=value}, and flags of the virtual machine
 */
record Side(String label, Kind kind, List<String> words, List<String> options) {
    /** In what a side is written. */
    enum Kind {
        /** A benchmark of JMH: class.method and the number of threads. */
        JMH,
        /** A {@link bench.work.Gauge} in Java: the class. */
        GAUGE,
        /** A program in C below {@code src/main/c}, with arguments. */
        C,
        /** A script of the project, by its path from the root, with arguments. */
        SCRIPT
    }

    Side {
        words = List.copyOf(words);
        options = List.copyOf(options);
    }

    static Side jmh(String label, String method) {
        return new Side(label, Kind.JMH, List.of(method, "1"), List.of());
    }

    static Side gauge(String label, String name) {
        return new Side(label, Kind.GAUGE, List.of(name), List.of());
    }

    static Side c(String label, String... words) {
        return new Side(label, Kind.C, List.of(words), List.of());
    }

    static Side script(String label, String... words) {
        return new Side(label, Kind.SCRIPT, List.of(words), List.of());
    }

    Side threads(int count) {
        return new Side(label, kind, List.of(words.getFirst(), Integer.toString(count)), options);
    }

    Side called(String other) {
        return new Side(other, kind, words, options);
    }

    Side with(String name, Object value) {
        return flag("-D" + name + "=" + value);
    }

    Side flag(String option) {
        List<String> more = new ArrayList<>(options);
        more.add(option);
        return new Side(label, kind, words, more);
    }
}
