// SPDX-License-Identifier: Apache-2.0
package bench;

import java.util.Locale;

/** How the figures of a line are written, in every form of the table. */
record Words(Figures figures) {
    String ours() {
        return amount(figures.our());
    }

    String against() {
        Line line = figures.line();
        return line.measure() == Line.Measure.VALUE ? "" : line.against().label() + " " + amount(figures.their());
    }

    String value() {
        return factor(figures.value());
    }

    /** From the least to the most that one round came to. */
    String spread() {
        return factor(figures.least()) + ".." + factor(figures.most());
    }

    String reach() {
        Line.Reach reach = figures.line().reach();
        return reach.isStated() ? (reach.atMost() ? "<= " : ">= ") + plain(reach.limit()) + times() : "";
    }

    String reached() {
        if (figures.skipped().isPresent()) {
            return "skipped";
        }
        return !figures.line().reach().isStated() ? "" : figures.isReached() ? "yes" : "no";
    }

    private String factor(double value) {
        String digits = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : value >= 0.1 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, digits, value) + times();
    }

    private String times() {
        return figures.line().measure() == Line.Measure.VALUE ? "" : " x";
    }

    private String amount(double value) {
        String unit = figures.row().unit();
        if (!unit.startsWith("ns")) {
            return plain(value) + (unit.isEmpty() ? "" : " " + unit);
        }
        double shown = value;
        for (String scale : new String[] {"ns", "us", "ms"}) {
            if (shown < 1000) {
                return String.format(Locale.ROOT, shown < 10 ? "%.1f " : "%.0f ", shown) + scale + unit.substring(2);
            }
            shown /= 1000;
        }
        return String.format(Locale.ROOT, "%.1f s", shown) + unit.substring(2);
    }

    private static String plain(double value) {
        return value == Math.rint(value)
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.3f", value).replaceFirst("\\.?0+$", "");
    }
}
