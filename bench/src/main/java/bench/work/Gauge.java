// SPDX-License-Identifier: Apache-2.0
package bench.work;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** What one round measures that is not the time of an operation in a loop, for which there is JMH. */
@FunctionalInterface
interface Gauge {
    /** Measures once. */
    double round() throws Exception;

    /** Serves rounds until the input ends. It is warm when it is handed over. */
    static void serve(Gauge gauge) throws Exception {
        System.out.println("ready");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (input.readLine() != null) {
            System.out.println(gauge.round());
        }
        Runtime.getRuntime().halt(0);
    }

    /** Says why it takes no part. */
    static void skip(String why) throws IOException {
        System.out.println("skipped: " + why);
    }
}
