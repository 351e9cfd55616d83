// SPDX-License-Identifier: Apache-2.0
package bench;

import java.util.List;
import java.util.Locale;

/**
 * The table as a picture: for each line with a reach a bar as long as the share of the reach that it takes, on a logarithmic
 * scale, and one line for all: what ends left of it has reached. Readable on light and dark ground.
 */
record Picture(List<Figures> figures) {
    private static final int LEFT = 330;
    private static final int RIGHT = 150;
    private static final int WIDE = 460;
    private static final int STEP = 22;
    private static final int TOP = 44;

    /** From a hundredth of the reach to a hundred times as much. */
    private static final double DECADES = 2;

    @Override
    public String toString() {
        List<Figures> drawn = figures.stream()
                .filter(each -> each.skipped().isEmpty() && each.line().reach().isStated())
                .toList();
        int height = TOP + drawn.size() * STEP + 16;
        StringBuilder text = new StringBuilder("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
                <style>
                text { fill: #24292f } .bar { fill: #2f81f7 } .over { fill: #d29922 } .line { stroke: #24292f }
                @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .line { stroke: #e6edf3 } }
                </style>
                <text x="%d" y="18" text-anchor="middle">the reach</text>
                <text x="8" y="18">left of the line is reached; each tenth of the way across is a factor of 2.5</text>
                """.formatted(LEFT + WIDE + RIGHT, height, LEFT + WIDE / 2));
        for (int i = 0; i < drawn.size(); i++) {
            text.append(bar(drawn.get(i), TOP + i * STEP));
        }
        return text + "<line class=\"line\" x1=\"%1$d\" x2=\"%1$d\" y1=\"26\" y2=\"%2$d\"/>\n</svg>\n".formatted(
                LEFT + WIDE / 2, height - 8);
    }

    private static String bar(Figures each, int y) {
        Words words = new Words(each);
        Line.Reach reach = each.line().reach();
        double share = reach.atMost() ? each.value() / reach.limit() : reach.limit() / each.value();
        double place = Math.clamp((Math.log10(share) + DECADES) / (2 * DECADES), 0.005, 1);
        return String.format(
                Locale.ROOT,
                """
                <text x="8" y="%d">%s %s</text><rect class="%s" x="%d" y="%d" width="%.1f" height="14" rx="2"/>\
                <text x="%d" y="%d">%s (%s)</text>
                """,
                y + 12, each.row().number(), shortened(each.line()), each.isReached() ? "bar" : "over", LEFT, y, place * WIDE,
                LEFT + WIDE + 8, y + 12, words.value(), words.reach().replace("<", "&lt;").replace(">", "&gt;"));
    }

    private static String shortened(Line line) {
        String text = line.work().replace("&", "&amp;").replace("<", "&lt;");
        return text.length() > 50 ? text.substring(0, 49) + "..." : text;
    }
}
